"""How a service stands, for who operates it, read from its database alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shared.kit.base import generations
from shared.kit.base.clock import Clock
from shared.kit.base.mongo import SCHEMA_VERSION, Database
from shared.kit.base.settings import Settings
from shared.kit.messaging.checkpoint import Partition
from shared.kit.process import attention, workers
from shared.kit.process.attention import Found
from shared.kit.process.needs import Need, needs
from shared.kit.process.service import Service
from shared.kit.process.workers import Told


@dataclass(frozen=True, slots=True)
class Held:
    """A lease, and who has it; nobody, where its time is over."""

    name: str
    holder: str
    is_held: bool


@dataclass(frozen=True, slots=True)
class Follows:
    """A consumer: where it goes on in each partition of each topic."""

    group: str
    goes_on: Mapping[str, Sequence[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class State:
    """How a service stands at a moment."""

    at: datetime
    generation: str
    models: int
    schema: int
    found: Found
    workers: Sequence[Told]
    consumers: Sequence[Follows]
    pending: Mapping[str, int]
    leases: Sequence[Held]
    needs: Sequence[Need]


async def state(service: Service, its: Settings, db: Database, clock: Clock) -> State:
    """Ask a service's database how the service stands."""
    now = datetime.now(UTC)
    generation = await generations.live(db)
    runners = service.runners(db, its, generation)
    found = await attention.find(db, runners)
    told = await workers.told(db)
    return State(
        at=now,
        generation=generation,
        models=await generations.version(db),
        schema=await _schema(db),
        found=found,
        workers=told,
        consumers=[Follows(one.group, _by_topic(one.publishers, await one.checkpoint.offsets())) for one in runners],
        pending=await service.pending(db, generation, clock),
        leases=await _leases(db),
        needs=needs(now, found, told),
    )


def lag_of(told: Sequence[Told], group: str, topic: str) -> int | None:
    """What the worker that was heard of last says of a consumer's lag; None where that is not known now."""
    newest = next((one for one in told if not one.is_silent and one.lag is not None), None)
    return newest.lag.get((group, topic)) if newest and newest.lag is not None else None


def _by_topic(topics: Mapping[str, Any], found: Mapping[Partition, int]) -> dict[str, list[tuple[int, int]]]:
    return {topic: sorted((at, next_) for (of, at), next_ in found.items() if of == topic) for topic in topics}


async def _schema(db: Database) -> int:
    about = await db.about.find_one({"_id": "schema"})
    return int(about["version"]) if about else SCHEMA_VERSION


async def _leases(db: Database) -> list[Held]:
    held = {"$gt": ["$expires_at", "$$NOW"]}
    found = await db.leases.aggregate([{"$addFields": {"held": held}}, {"$sort": {"_id": 1}}])
    return [Held(one["_id"], one["holder"], bool(one["held"])) async for one in found]
