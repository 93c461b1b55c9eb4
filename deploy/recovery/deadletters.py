"""The verbs for what was put aside: list, show, retry, discard. Each runs with the service's own rights."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import typer
from rich.table import Table

from deploy.base.console import add, out, tell
from deploy.base.failure import Failure
from deploy.base.home import SERVICES
from deploy.provision.resources import services
from deploy.recovery.reach import me, opened
from shared.kit.base.mongo import Database
from shared.kit.base.settings import Settings
from shared.kit.decisions.decider import Document
from shared.kit.messaging.deadletters import WAITS
from shared.kit.process import asides
from shared.kit.process.asides import NobodyHandles
from shared.kit.process.service import Service

app = typer.Typer(no_args_is_help=True, help="What could not be handled: list, show, retry, discard.")
Id = Annotated[str, typer.Argument(help="As `list` prints it.")]


@app.command("list")
def list_letters(
    service: Annotated[str | None, typer.Argument(help="One service; all when left out.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Those that were handled or discarded too.")] = False,
) -> None:
    """Print what was put aside and why: records that a consumer could not handle, and what a job failed on."""
    table = Table(box=None, pad_edge=False)
    for heading in ("id", "status", "rule", "reason"):
        table.add_column(heading, overflow="fold")
    for letter in asyncio.run(_letters(service, everything)):
        add(table, letter["_id"], letter["status"], letter["rule"], letter["reason"])
    out.print(table if table.row_count else "Nothing is put aside.")


SHOWN = ("_id", "status", "rule", "reason", "about", "stream", "n", "at", "closed_at", "closed_by", "closed_because")


@app.command()
def show(letter_id: Id) -> None:
    """Print one whole: where it lies, why it was put aside, and a record's headers and value."""
    letter = asyncio.run(_letter(letter_id))
    for name in SHOWN:
        if letter.get(name) is not None:
            tell(f"{name.strip('_'):14} {letter[name]}")
    for name, value in letter.get("headers") or ():
        tell(f"header         {name}: {value!r}")
    for name in ("key", "value"):
        if letter.get(name) is not None:
            tell(f"{name:14} {letter[name]!r}")


@app.command()
def retry(letter_id: Id) -> None:
    """Handle a record with the code as it is now, and what waited for it; let a job try again what it failed on."""
    letter = asyncio.run(_retry(letter_id))
    tell(f"{letter['_id']}: {letter['status']}" + (f" ({letter['reason']})" if letter["status"] == "open" else ""))


@app.command()
def discard(
    letter_id: Id, because: Annotated[str, typer.Option(help="Why; kept with the record.", prompt=True)]
) -> None:
    """Give one up. What waited for it goes on without it."""
    if not because.strip():
        raise Failure("A record is given up for a reason.", "Say it: --because '…'")
    asyncio.run(_discard(letter_id, because))
    tell(f"{letter_id}: discarded")


async def _letters(only: str | None, everything: bool) -> list[Document]:
    """Of one service or of all: every letter of the database, whoever put it aside."""
    if only and only not in SERVICES:
        raise Failure(f"There is no service {only!r}.", f"Services are: {', '.join(SERVICES)}.")
    found: list[Document] = []
    for service in services():
        if only in (None, service.name):
            async with opened(service) as (_, db):
                found += await db.dead_letters.find({} if everything else WAITS).sort("_id", 1).to_list()
    return found


@asynccontextmanager
async def _found(letter_id: str) -> AsyncIterator[tuple[Service, Settings, Database, Document]]:
    """A letter, and where it is."""
    for service in services():
        async with opened(service) as (its, db):
            if letter := await db.dead_letters.find_one({"_id": letter_id}):
                yield service, its, db, letter
                return
    raise Failure(f"There is no record {letter_id!r}.", "See ./mkd dead-letters list.")


async def _letter(letter_id: str) -> Document:
    async with _found(letter_id) as (_, _, _, letter):
        return letter


async def _retry(letter_id: str) -> Document:
    async with _found(letter_id) as (service, its, db, letter):
        try:
            return await asides.retry(service, its, db, letter, me())
        except NobodyHandles as gone:
            cause = f"No consumer is called {gone} any more."
            raise Failure(cause, "Nobody can handle it: discard it, for a reason.") from gone


async def _discard(letter_id: str, because: str) -> None:
    async with _found(letter_id) as (service, its, db, letter):
        await asides.discard(service, its, db, letter, me(), because)
