"""What an operator does about what was put aside, and about consumers that have stopped: the commands and the APIs do
the same, by these."""

from datetime import datetime
from functools import partial

from shared.kit.base.mongo import Database, in_transaction
from shared.kit.base.settings import Settings
from shared.kit.decisions.decider import Document
from shared.kit.messaging import deadletters, redrive, stops
from shared.kit.messaging.deadletters import Status
from shared.kit.process.service import Service


class NobodyHandles(Exception):
    """The consumer that put a record aside is there no more: it can be discarded, and not handled."""


class StillFaulty(Exception):
    """A record still cannot be handled; the consumer that put it aside stays stopped."""

    def __init__(self, letter: Document) -> None:
        super().__init__(f"{letter['_id']}: {letter['rule']}")
        self.letter = letter


async def retry(service: Service, its: Settings, db: Database, letter: Document, by: str) -> Document:
    """Handle a record with today's code, and what waited for it; let a job try again what it failed on. Returns the
    letter as it stands then. Raises `NobodyHandles`."""
    if runner := service.runner_of(db, its, letter["consumer"]):
        return await redrive.retry(runner, letter, by)
    if not letter.get("about"):
        raise NobodyHandles(letter["consumer"])
    await in_transaction(db, partial(deadletters.close, db=db, letter=letter, status=Status.HANDLED, by=by))
    return await _again(db, letter)


async def discard(service: Service, its: Settings, db: Database, letter: Document, by: str, reason: str) -> Document:
    """Give up what was put aside, for a reason; what waited for it goes on without it. Returns the letter as it stands
    then."""
    if runner := service.runner_of(db, its, letter["consumer"]):
        await redrive.discard(runner, letter, by, reason)
    else:
        await redrive.give_up(db, letter, by, reason)
    return await _again(db, letter)


async def retry_all(service: Service, its: Settings, db: Database, group: str, by: str) -> int:
    """Handle again what a consumer has put aside, in the order in which it came; how many that were. Raises
    `StillFaulty` at the first that still cannot be handled."""
    runner = service.runner_of(db, its, group)
    if runner is None:
        return 0
    waiting = {"consumer": group, "status": Status.OPEN.value}
    letters = await db.dead_letters.find(waiting).sort([("topic", 1), ("partition", 1), ("offset", 1)]).to_list()
    for letter in letters:
        again = await redrive.retry(runner, letter, by)
        if again["status"] == Status.OPEN.value:
            raise StillFaulty(again)
    return len(letters)


async def resume(db: Database, group: str, by: str, since: datetime | None = None) -> bool:
    """Let a consumer go on that has stopped, at the moment `since` if one is named; false where it has not."""
    return await stops.resume(db, group, by, since)


async def _again(db: Database, letter: Document) -> Document:
    return await db.dead_letters.find_one({"_id": letter["_id"]}) or letter
