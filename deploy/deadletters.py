"""The verbs for what was put aside: list, show, retry, discard. Each runs with the service's own rights."""

import asyncio
import getpass
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import typer
from rich.table import Table

from deploy import reach
from deploy.console import out
from deploy.failure import Failure
from deploy.home import SERVICES
from deploy.provision import services
from shared.kit import generations, redrive
from shared.kit.consumer import Runner
from shared.kit.deadletters import WAITS
from shared.kit.decider import Document
from shared.kit.mongo import connect

app = typer.Typer(no_args_is_help=True, help="Records that could not be handled: list, show, retry, discard.")
Id = Annotated[str, typer.Argument(help="As `list` prints it.")]


@app.command("list")
def list_letters(
    service: Annotated[str | None, typer.Argument(help="One service; all when left out.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Those that were handled or discarded too.")] = False,
) -> None:
    """Print what was put aside and why."""
    table = Table(box=None, pad_edge=False)
    for heading in ("id", "status", "rule", "reason"):
        table.add_column(heading, overflow="fold")
    for name in [service] if service else SERVICES:
        for letter in asyncio.run(_letters(name, everything)):
            table.add_row(letter["_id"], letter["status"], letter["rule"], letter["reason"])
    out.print(table if table.row_count else "Nothing is put aside.")


@app.command()
def show(letter_id: Id) -> None:
    """Print one record whole: where it lies, why it was put aside, its headers and its value."""
    letter = asyncio.run(_letter(letter_id))
    for name in ("_id", "status", "rule", "reason", "stream", "n", "at", "closed_at", "closed_by", "closed_because"):
        if letter.get(name) is not None:
            out.print(f"{name.strip('_'):14} {letter[name]}")
    for name, value in letter["headers"]:
        out.print(f"header         {name}: {value!r}")
    out.print(f"key            {letter['key']!r}\nvalue          {letter['value']!r}", markup=False)


@app.command()
def retry(letter_id: Id) -> None:
    """Handle a record with the code as it is now, and what waited for it."""
    letter = asyncio.run(_retry(letter_id))
    out.print(f"{letter['_id']}: {letter['status']}" + (f" ({letter['reason']})" if letter["status"] == "open" else ""))


@app.command()
def discard(
    letter_id: Id, because: Annotated[str, typer.Option(help="Why; kept with the record.", prompt=True)]
) -> None:
    """Give a record up. What waited for it goes on without it."""
    if not because.strip():
        raise Failure("A record is given up for a reason.", "Say it: --because '…'")
    asyncio.run(_discard(letter_id, because))
    out.print(f"{letter_id}: discarded")


@asynccontextmanager
async def _runners(service: str) -> AsyncIterator[dict[str, Runner]]:
    if service not in SERVICES:
        raise Failure(f"There is no service {service!r}.", f"Services are: {', '.join(SERVICES)}.")
    found = next(known for known in services() if known.name == service)
    its = reach.settings_of(service)
    db = connect(its, found.database)
    try:
        live = await generations.live(db)
        runners = (Runner(c, db, its.clock(), its.instance, its.topic_prefix, live) for c in found.consumers)
        yield {runner.group: runner for runner in runners}
    finally:
        await db.client.close()


async def _letters(service: str, everything: bool) -> list[Document]:
    where: Document = {} if everything else WAITS
    async with _runners(service) as runners:
        found: list[Document] = []
        for group, runner in runners.items():
            found += await runner.db.dead_letters.find(where | {"consumer": group}).sort("_id", 1).to_list()
        return found


@asynccontextmanager
async def _found(letter_id: str) -> AsyncIterator[tuple[Runner, Document]]:
    group = letter_id.partition("|")[0]
    async with _runners(_service_of(group)) as runners:
        runner = runners.get(group)
        letter = await runner.db.dead_letters.find_one({"_id": letter_id}) if runner else None
        if runner is None or letter is None:
            raise Failure(f"There is no record {letter_id!r}.", "See ./mkd dead-letters list.")
        yield runner, letter


def _service_of(group: str) -> str:
    """Whose consumer group that is, of whatever generation; the group itself where it is nobody's."""
    hears = {consumer.name: service.name for service in services() for consumer in service.consumers}
    return hears.get(generations.consumer_of(group), group)


async def _letter(letter_id: str) -> Document:
    async with _found(letter_id) as (_, letter):
        return letter


async def _retry(letter_id: str) -> Document:
    async with _found(letter_id) as (runner, letter):
        return await redrive.retry(runner, letter, getpass.getuser())


async def _discard(letter_id: str, because: str) -> None:
    async with _found(letter_id) as (runner, letter):
        await redrive.discard(runner, letter, getpass.getuser(), because)
