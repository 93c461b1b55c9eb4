"""The verbs for consumers that have stopped since they rejected too much: list, resume."""

import asyncio
from typing import Annotated

import typer
from rich.table import Table

from deploy.base.console import add, out, tell
from deploy.base.failure import Failure
from deploy.provision.resources import services
from deploy.recovery.reach import me, opened
from shared.kit.decisions.decider import Document
from shared.kit.messaging import stops
from shared.kit.messaging.stops import Stop
from shared.kit.process import asides
from shared.kit.process.asides import StillFaulty

app = typer.Typer(no_args_is_help=True, help="Consumers that have rejected too much: list, resume.")


@app.command("list")
def list_stopped() -> None:
    """Print the consumers that have stopped: since when, and how much of which topic was rejected by which rule."""
    table = Table(box=None, pad_edge=False)
    for heading in ("consumer", "since", "rejected", "topic", "rule"):
        table.add_column(heading, overflow="fold")
    for group, stop in sorted(asyncio.run(_stopped()).items()):
        why = stop.exceeded
        add(table, group, f"{stop.at:%Y-%m-%d %H:%M} UTC", f"{why.rejected} of {why.of}", why.topic, why.rule)
    out.print(table if table.row_count else "No consumer has stopped.")


@app.command()
def resume(
    consumer: Annotated[str, typer.Argument(help="As `list` prints it.")],
    retry: Annotated[
        bool, typer.Option("--retry", help="First handle again what it has put aside; go on if that can be handled.")
    ] = False,
) -> None:
    """Let a consumer go on where it stopped, once the cause is mended. Where it rejects as much, it stops again."""
    handled = asyncio.run(_resume(consumer, retry))
    tell(f"{consumer} goes on" + (f"; {handled} records were handled again" if retry else ""))


async def _stopped() -> dict[str, Stop]:
    found: dict[str, Stop] = {}
    for service in services():
        async with opened(service) as (_, db):
            found |= await stops.every(db)
    return found


async def _resume(group: str, retry: bool) -> int:
    for service in services():
        async with opened(service) as (its, db):
            if group in await stops.every(db):
                try:
                    handled = await asides.retry_all(service, its, db, group, me()) if retry else 0
                except StillFaulty as still:
                    raise _still_faulty(still.letter) from still
                await asides.resume(db, group, me())
                return handled
    raise Failure(f"No consumer {group!r} has stopped.", "See ./mkd consumers list.")


def _still_faulty(letter: Document) -> Failure:
    return Failure(
        f"{letter['_id']} still cannot be handled: {letter['rule']}, {letter['reason']}.",
        "The consumer stays stopped. Mend the cause, or give that record up: ./mkd dead-letters discard ID",
    )
