"""How what was put aside goes on: retried, discarded for a reason, or released when what it waited for has come."""

from collections.abc import Collection
from functools import partial

import structlog
from pymongo.asynchronous.client_session import AsyncClientSession

from shared.kit.base.mongo import Database, in_transaction
from shared.kit.base.retries import passing
from shared.kit.decisions.decider import Document
from shared.kit.messaging.admission import Aside, Verdict, admit
from shared.kit.messaging.consumer import Runner
from shared.kit.messaging.deadletters import WAITS, Status, close, handler_fault, put_back, record_of

log = structlog.get_logger()


async def retry(runner: Runner, letter: Document, by: str) -> Document:
    """Handle a letter's record with today's code, then what waited for it. Returns the letter as it stands now."""
    await _handle_alone(runner, letter, by)
    await sweep(runner)
    return await runner.db.dead_letters.find_one({"_id": letter["_id"]}) or letter


async def discard(runner: Runner, letter: Document, by: str, reason: str) -> None:
    """Give a letter up, for a stated reason; what waited for it goes on without it."""
    await give_up(runner.db, letter, by, reason)
    if letter["stream"]:
        await _drain(runner, letter["stream"])


async def give_up(db: Database, letter: Document, by: str, reason: str) -> None:
    """Close a letter as discarded; one that somebody else has dealt with meanwhile stays as it is."""

    async def work(session: AsyncClientSession) -> None:
        if await db.dead_letters.find_one({"_id": letter["_id"], **WAITS}, {"_id": 1}, session=session):
            await close(session, db, letter, Status.DISCARDED, by, reason)

    await in_transaction(db, work)


async def waiting(db: Database, groups: Collection[str]) -> list[str]:
    """Those of some groups that have put aside what waits for an earlier event."""
    parked = {"consumer": {"$in": list(groups)}, "status": Status.PARKED.value}
    found: list[str] = await db.dead_letters.distinct("consumer", parked)
    return found


async def sweep(runner: Runner) -> None:
    """Go on with every stream whose missing event has come."""
    mine = {"consumer": runner.group, "status": Status.PARKED.value}
    for stream in await runner.db.dead_letters.distinct("stream", mine):
        await _drain(runner, stream)


async def _drain(runner: Runner, stream: str) -> None:
    """One by one, in order, past those that were discarded; stops where one is missing or still faulty."""
    mine = {"consumer": runner.group, "stream": stream}
    while True:
        at = (await runner.checkpoint.heard(None, {stream})).get(stream, 0)
        parked = {"status": Status.PARKED.value, "n": {"$lte": at + 1}}
        if letter := await runner.db.dead_letters.find_one(mine | parked, sort=[("n", 1)]):
            await _handle_alone(runner, letter, "released")
        elif await runner.db.dead_letters.find_one(mine | {"status": Status.DISCARDED.value, "n": at + 1}):
            await in_transaction(runner.db, partial(runner.checkpoint.remember, heard={stream: at + 1}))
        else:
            return


async def _handle_alone(runner: Runner, letter: Document, by: str) -> None:
    item = runner.item(record_of(letter))

    async def work(session: AsyncClientSession) -> None:
        admission = admit([item], await runner.checkpoint.heard(session, {item.stream} if item.stream else ()))
        await runner.consumer.apply(session, runner, admission.apply, runner.clock.now())
        await runner.checkpoint.remember(session, admission.positions)
        if admission.aside:
            await put_back(session, runner.db, letter, admission.aside[0])
        else:
            await close(session, runner.db, letter, Status.HANDLED, by)

    try:
        await in_transaction(runner.db, work)
    except Exception as failed:
        if passing(failed):
            raise
        log.error("handler-failed", consumer=runner.group, letter=letter["_id"], reason=failed)
        again = Aside(item, Verdict.FAULT, handler_fault(failed))
        await in_transaction(runner.db, lambda session: put_back(session, runner.db, letter, again))
