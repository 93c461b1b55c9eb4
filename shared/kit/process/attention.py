"""What of a service needs a human: records that were put aside, streams that wait, and what goes no further."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.kit.base import faults
from shared.kit.base.mongo import Database
from shared.kit.decisions.decider import Document
from shared.kit.messaging import refill, stops
from shared.kit.messaging.consumer import Runner
from shared.kit.messaging.deadletters import OF_JOBS, Status
from shared.kit.messaging.stops import Stop
from shared.kit.process import status
from shared.kit.process.status import Lag, Outbox

ROWS_MAX = 100
LOSSES_SHOWN = timedelta(days=7)
OUTBOX_LATE = timedelta(seconds=60)
"""How long a commit may wait for Kafka before somebody should look: as in deploy/prometheus/alerts.yaml."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A record that was put aside and waits for somebody or for newer code. What it holds is not told."""

    id: str
    consumer: str
    place: str
    rule: str
    reason: str
    since: datetime


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
class StoppedConsumer:
    """A consumer that has rejected too much of a topic, and reads no further."""

    consumer: str
    topic: str
    rejected: int
    of: int
    rule: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Lost:
    """Offsets that Kafka had acknowledged and lost, lately; what lay there has been sent again."""

    place: str
    offsets: int
    at: datetime
    made_good: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What the database tells. Lists are cut at `ROWS_MAX`; the counts are of all."""

    letters: Sequence[Letter]
    letters_count: int
    parked: Sequence[Parked]
    parked_count: int
    outbox: Outbox
    losses: Sequence[Lost] = ()
    stopped: Sequence[StoppedConsumer] = ()


@dataclass(frozen=True, slots=True)
class Attention:
    """Where a service stands at a moment. What could not be learnt is None."""

    service: str
    at: datetime
    checks: Mapping[str, bool]
    found: Found | None
    lag: Lag | None

    @property
    def late(self) -> bool:
        """Whether a decision waits for Kafka for too long."""
        return self.found is not None and self.found.outbox.age_s(self.at) > OUTBOX_LATE.total_seconds()

    @property
    def nothing(self) -> bool:
        """Whether nothing needs anybody."""
        found = self.found
        quiet = found is not None and not found.letters and not found.parked and not found.stopped and not self.late
        return quiet and all(self.checks.values())


async def find(db: Database, runners: Sequence[Runner]) -> Found:
    """Ask a service's database."""
    mine: Document = {"$or": [{"consumer": {"$in": [runner.group for runner in runners]}}, OF_JOBS]}
    is_open = mine | {"status": Status.OPEN.value}
    fields = {"value": 0, "headers": 0, "key": 0}
    letters = await db.dead_letters.find(is_open, fields).sort("at", 1).limit(ROWS_MAX).to_list()
    streams = await _streams(db, mine)
    stopped = await stops.every(db)
    parked = [one for runner in runners for one in await _parked(runner, streams[:ROWS_MAX])]
    return Found(
        letters=[_letter(letter) for letter in letters],
        letters_count=await db.dead_letters.count_documents(is_open),
        parked=sorted(parked, key=lambda one: one.since),
        parked_count=len(streams),
        outbox=await status.outbox(db),
        losses=[_lost(one) for one in await refill.lately_lost(db, datetime.now(UTC) - LOSSES_SHOWN)],
        stopped=[_stopped(runner.group, stopped[runner.group]) for runner in runners if runner.group in stopped],
    )


def _stopped(group: str, stop: Stop) -> StoppedConsumer:
    why = stop.exceeded
    return StoppedConsumer(group, why.topic, why.rejected, why.of, why.rule, stop.at)


def _lost(noted: Document) -> Lost:
    lost = noted["lost"]
    return Lost(noted["_id"], lost["had"] - lost["from"], lost["at"], "refill" not in noted)


def _letter(letter: Document) -> Letter:
    return Letter(
        id=letter["_id"],
        consumer=letter["consumer"],
        place=letter.get("about") or f"{letter['topic']}/{letter['partition']}/{letter['offset']}",
        rule=letter["rule"],
        reason=faults.reason(letter["rule"], letter["reason"]),
        since=letter["at"],
    )


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
