"""What a dead letter is: a record that could not be handled, kept whole with the rule that it breaks."""

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from pymongo.asynchronous.client_session import AsyncClientSession

from shared.contracts.event import Unreadable
from shared.kit.admission import Aside, Verdict
from shared.kit.cloudevents import Record
from shared.kit.decider import Document
from shared.kit.mongo import Database

LEFT = r"\|left "
"""What ids of letters hold whose records lay in a Kafka that is gone."""


class Status(StrEnum):
    """`open` needs a human or newer code; `parked` waits for an earlier event of its stream; the rest is history."""

    OPEN = "open"
    PARKED = "parked"
    HANDLED = "handled"
    DISCARDED = "discarded"


def handler_fault(failed: Exception) -> Unreadable:
    """A readable event that our own code fails on: a defect, kept until newer code retries it."""
    return Unreadable("handler-failed", f"{type(failed).__name__}: {failed}")


def record_of(letter: Document) -> Record:
    """The record as it was heard."""
    headers = [(name, value) for name, value in letter["headers"]]
    return Record(letter["topic"], letter["partition"], letter["offset"], letter["key"], letter["value"], headers)


async def keep(session: AsyncClientSession, db: Database, group: str, aside: Sequence[Aside]) -> None:
    """Write letters once each, in the transaction that moves the consumer past their records. One takes the place of
    that of the same event that lay in a Kafka that is gone."""
    for one in aside:
        letter = _letter(group, one)
        await db.dead_letters.update_one({"_id": letter["_id"]}, {"$setOnInsert": letter}, upsert=True, session=session)
        if letter["n"]:
            same = {"consumer": group, "stream": letter["stream"], "n": letter["n"], "_id": {"$regex": LEFT}}
            closed = {"status": Status.HANDLED.value, "closed_by": letter["_id"], "closed_at": letter["at"]}
            waiting = {"status": {"$in": [Status.OPEN.value, Status.PARKED.value]}}
            await db.dead_letters.update_many(same | waiting, {"$set": closed}, session=session)


async def put_back(session: AsyncClientSession, db: Database, letter: Document, aside: Aside) -> None:
    """A retry failed: say why now."""
    change = {"status": _status(aside).value, "rule": aside.fault.rule, "reason": aside.fault.detail}
    await db.dead_letters.update_one({"_id": letter["_id"]}, {"$set": change}, session=session)


async def close(
    session: AsyncClientSession, db: Database, letter: Document, status: Status, by: str, reason: str | None = None
) -> None:
    """A letter is done with: handled after all, or discarded for a reason."""
    closed: dict[str, Any] = {"status": status.value, "closed_at": datetime.now(UTC), "closed_by": by}
    if reason:
        closed["closed_because"] = reason
    await db.dead_letters.update_one({"_id": letter["_id"]}, {"$set": closed}, session=session)


async def leave_kafka(session: AsyncClientSession, db: Database, now: datetime) -> None:
    """Kafka is filled anew, where another record may come to lie in a letter's place: letters get ids that no record
    will have."""
    async for letter in db.dead_letters.find({"_id": {"$not": {"$regex": LEFT}}}, session=session):
        elsewhere = f"{letter['_id']}|left {now:%Y-%m-%dT%H:%M:%S}"
        await db.dead_letters.insert_one({**letter, "_id": elsewhere}, session=session)
        await db.dead_letters.delete_one({"_id": letter["_id"]}, session=session)


def _status(aside: Aside) -> Status:
    return Status.PARKED if aside.verdict is Verdict.GAP else Status.OPEN


def _letter(group: str, aside: Aside) -> Document:
    """The id is the record's place, so that hearing it again adds nothing."""
    record = aside.item.record
    return {
        "_id": f"{group}|{record.place}",
        "consumer": group,
        "status": _status(aside).value,
        "rule": aside.fault.rule,
        "reason": aside.fault.detail,
        "stream": aside.item.stream,
        "n": aside.item.n,
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "key": record.key,
        "value": record.value,
        "headers": [[name, value] for name, value in record.headers],
        "at": datetime.now(UTC),
    }
