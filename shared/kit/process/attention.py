"""What a service's database tells of what goes no further: records that were put aside, streams that wait, consumers
that have stopped, commits that are not on Kafka, and what Kafka has lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.kit.base.mongo import Database
from shared.kit.decisions.decider import Document
from shared.kit.messaging import outbox, refill, stops
from shared.kit.messaging.consumer import Runner
from shared.kit.messaging.deadletters import OF_JOBS, WAITS, Status
from shared.kit.messaging.outbox import Outbox
from shared.kit.messaging.stops import Stop

ROWS_MAX = 100
LOSSES_SHOWN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Aside:
    """What a consumer, or a job, has put aside and is not done with: how many records, and since when the oldest."""

    consumer: str
    status: Status
    count: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Parked:
    """A stream that waits for its event number `waits_for`; `behind` is the letter that holds just that one."""

    consumer: str
    stream: str
    waits_for: int
    held: int
    since: datetime
    behind: str | None


@dataclass(frozen=True, slots=True)
class Lost:
    """Offsets that Kafka had acknowledged and lost, lately; what lay there has been sent again."""

    place: str
    offsets: int
    at: datetime
    made_good: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What the database tells. Streams are cut at `ROWS_MAX`; their count is of all."""

    aside: Sequence[Aside]
    parked: Sequence[Parked]
    parked_count: int
    outbox: Outbox
    losses: Sequence[Lost]
    stopped: Mapping[str, Stop]


async def find(db: Database, runners: Sequence[Runner]) -> Found:
    """Ask a service's database."""
    mine: Document = {"$or": [{"consumer": {"$in": [runner.group for runner in runners]}}, OF_JOBS]}
    streams = await _streams(db, mine)
    parked = [one for runner in runners for one in await _parked(runner, streams[:ROWS_MAX])]
    return Found(
        aside=await _aside(db, mine),
        parked=sorted(parked, key=lambda one: one.since),
        parked_count=len(streams),
        outbox=await outbox.outbox(db),
        losses=[_lost(one) for one in await refill.lately_lost(db, datetime.now(UTC) - LOSSES_SHOWN)],
        stopped=await stops.every(db),
    )


def _lost(noted: Document) -> Lost:
    lost = noted["lost"]
    return Lost(noted["_id"], lost["had"] - lost["from"], lost["at"], "refill" not in noted)


async def _aside(db: Database, mine: Document) -> list[Aside]:
    """What is not done with, of each consumer, what is open before what is parked."""
    of: Document = {"_id": {"consumer": "$consumer", "status": "$status"}, "count": {"$sum": 1}}
    grouped: list[dict[str, Any]] = [
        {"$match": mine | WAITS},
        {"$group": of | {"oldest": {"$min": "$at"}}},
        {"$sort": {"_id.consumer": 1, "_id.status": 1}},
    ]
    return [
        Aside(one["_id"]["consumer"], Status(one["_id"]["status"]), one["count"], one["oldest"])
        async for one in await db.dead_letters.aggregate(grouped)
    ]


async def _streams(db: Database, mine: Document) -> list[Document]:
    """Every stream that waits, the longest waiting first."""
    grouped: list[dict[str, Any]] = [
        {"$match": mine | {"status": Status.PARKED.value}},
        {
            "$group": {
                "_id": {"consumer": "$consumer", "stream": "$stream"},
                "held": {"$sum": 1},
                "since": {"$min": "$at"},
            }
        },
        {"$sort": {"since": 1}},
    ]
    return await (await db.dead_letters.aggregate(grouped)).to_list()


async def _parked(runner: Runner, streams: Sequence[Document]) -> list[Parked]:
    """What each of a consumer's streams waits for."""
    own = [found for found in streams if found["_id"]["consumer"] == runner.group]
    names = [found["_id"]["stream"] for found in own]
    known = await runner.checkpoint.heard(None, names)
    missing = {name: known.get(name, 0) + 1 for name in names}
    in_the_way = {"consumer": runner.group, "stream": {"$in": names}, "status": Status.OPEN.value}
    behind = {
        (letter["stream"], letter["n"]): letter["_id"]
        async for letter in runner.db.dead_letters.find(in_the_way, {"stream": 1, "n": 1})
    }
    return [
        Parked(
            consumer=runner.group,
            stream=name,
            waits_for=missing[name],
            held=found["held"],
            since=found["since"],
            behind=behind.get((name, missing[name])),
        )
        for found, name in zip(own, names, strict=True)
    ]
