"""What a dead letter is: a record that could not be handled, kept whole with the rule that it breaks."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from pymongo import ReplaceOne
from pymongo.asynchronous.client_session import AsyncClientSession

from shared.contracts.event import Rejected
from shared.kit.base.mongo import Database
from shared.kit.decisions.decider import Document
from shared.kit.messaging.admission import Aside, Verdict
from shared.kit.messaging.cloudevents import Record

LEFT = r"\|left "
"""What ids of letters hold whose records lay in a Kafka that is gone."""

LEFT_AT_ONCE = 500


class Status(StrEnum):
    """`open` needs a human or newer code; `parked` waits for an earlier event of its stream; the rest is history."""

    OPEN = "open"
    PARKED = "parked"
    HANDLED = "handled"
    DISCARDED = "discarded"


WAITING = (Status.OPEN, Status.PARKED)
"""What of the records that were put aside is not done with."""

OF_JOBS = {"about": {"$exists": True}}
"""Letters of jobs, which are about no record of Kafka."""

WAITS = {"status": {"$in": [status.value for status in WAITING]}}


def handler_fault(failed: Exception) -> Rejected:
    """A readable event that our own code fails on: a defect, kept until newer code retries it."""
    return Rejected("handler-failed", f"{type(failed).__name__}: {failed}")


async def set_aside(db: Database, job: str, about: str, failed: Exception) -> None:
    """Keep what a job fails on, with the reason; once, however often it fails. A retry closes the letter, so that the
    job takes it up again."""
    fault = handler_fault(failed)
    letter: Document = {
        "consumer": job,
        "status": Status.OPEN.value,
        "rule": fault.rule,
        "reason": fault.detail,
        "about": about,
        "stream": None,
        "n": None,
        "topic": "",
        "partition": -1,
        "offset": -1,
        "key": None,
        "value": None,
        "headers": [],
        "at": datetime.now(UTC),
    }
    await db.dead_letters.update_one({"_id": f"{job}|{about}"}, {"$set": letter}, upsert=True)


def record_of(letter: Document) -> Record:
    """The record as it was heard."""
    headers = [(name, value) for name, value in letter["headers"]]
    return Record(letter["topic"], letter["partition"], letter["offset"], letter["key"], letter["value"], headers)


async def known(session: AsyncClientSession, db: Database, group: str, aside: Sequence[Aside]) -> set[str]:
    """The places of those records that were put aside before, there or wherever their events came by then."""
    places = {f"{group}|{one.item.record.place}": one.item.record.place for one in aside}
    events = {(one.item.stream, one.item.n): one.item.record.place for one in aside if one.item.n}
    same = [{"_id": {"$in": list(places)}}, *({"stream": stream, "n": n} for stream, n in events)]
    found = db.dead_letters.find({"consumer": group, "$or": same}, {"stream": 1, "n": 1}, session=session)
    letters = await found.to_list() if aside else []
    return {places.get(one["_id"]) or events[one["stream"], one["n"]] for one in letters}


async def keep(session: AsyncClientSession, db: Database, group: str, aside: Sequence[Aside]) -> None:
    """Write letters once each, in the transaction that moves the consumer past their records. One takes the place of
    that of the same event that lay in a Kafka that is gone."""
    for one in aside:
        letter = _letter(group, one)
        letter |= await _as_it_was(session, db, letter)
        await db.dead_letters.update_one({"_id": letter["_id"]}, {"$setOnInsert": letter}, upsert=True, session=session)
        if letter["n"]:
            same = {"consumer": group, "stream": letter["stream"], "n": letter["n"], "_id": {"$regex": LEFT}}
            closed = {"status": Status.HANDLED.value, "closed_by": letter["_id"], "closed_at": letter["at"]}
            await db.dead_letters.update_many(same | WAITS, {"$set": closed}, session=session)


async def _as_it_was(session: AsyncClientSession, db: Database, letter: Document) -> Document:
    """What has been decided on a record that cannot be told from others, and that Kafka holds still."""
    if letter["n"]:
        return {}
    known = {"_id": {"$regex": f"^{re.escape(letter['_id'])}{LEFT}"}, "value": letter["value"]}
    before = await db.dead_letters.find_one(known, sort=[("_id", -1)], session=session) or {}
    return {name: before[name] for name in ("status", "closed_at", "closed_by", "closed_because") if name in before}


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


async def leave_kafka(db: Database, now: datetime) -> None:
    """Kafka is filled anew, where another record may come to lie in a letter's place: letters get ids that no record
    will have. Some at a time; one that is there twice after a crash is told of once too often, and not lost."""
    there = {"_id": {"$not": {"$regex": LEFT}}}
    while letters := await db.dead_letters.find(there).limit(LEFT_AT_ONCE).to_list():
        elsewhere = [{**letter, "_id": f"{letter['_id']}|left {now:%Y-%m-%dT%H:%M:%S}"} for letter in letters]
        moved = [ReplaceOne({"_id": letter["_id"]}, letter, upsert=True) for letter in elsewhere]
        await db.dead_letters.bulk_write(moved, ordered=False)
        await db.dead_letters.delete_many({"_id": {"$in": [letter["_id"] for letter in letters]}})


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
