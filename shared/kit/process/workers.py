"""What each worker says of itself in its service's database, every few seconds: an API never touches Kafka, and tells
from here what only a worker knows. How old it is, is told by the database's clock."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.kit.base.mongo import Database
from shared.kit.base.software import VERSION
from shared.kit.decisions.decider import Document
from shared.kit.process.lagging import Lag

SILENT_S = 20.0
"""Who has said nothing for so long is not known to be at work: several times as long as workers wait."""


@dataclass(frozen=True, slots=True)
class Told:
    """A worker, as it has last said of itself. What it could not learn then is None."""

    name: str
    version: str
    generation: str
    age_s: float
    checks: Mapping[str, bool] = field(default_factory=dict)
    failing: Collection[str] = ()
    lag: Lag | None = None
    not_falling: Collection[tuple[str, str]] = ()

    @property
    def is_silent(self) -> bool:
        """Whether it has said nothing for too long."""
        return self.age_s > SILENT_S


async def tell(
    db: Database,
    name: str,
    generation: str,
    *,
    checks: Mapping[str, bool],
    failing: Collection[str],
    lag: Lag | None,
    not_falling: Collection[tuple[str, str]],
) -> None:
    """Say how things are, in the place of what this worker has said before."""
    behind = [
        {"consumer": consumer, "topic": topic, "behind": count, "not_falling": (consumer, topic) in not_falling}
        for (consumer, topic), count in (lag or {}).items()
    ]
    said = {
        "version": VERSION,
        "generation": generation,
        "checks": dict(checks),
        "failing": sorted(failing),
        "lag": None if lag is None else behind,
    }
    await db.workers.update_one({"_id": name}, [{"$set": {"said": {"$literal": said}, "at": "$$NOW"}}], upsert=True)


async def leave(db: Database, name: str) -> None:
    """A worker ends in order: nobody waits to hear of it."""
    await db.workers.delete_one({"_id": name})


async def told(db: Database) -> list[Told]:
    """Every worker that has been heard of lately, the last one first."""
    age: Document = {"$addFields": {"age_ms": {"$subtract": ["$$NOW", "$at"]}}}
    return [_told(one) async for one in await db.workers.aggregate([age, {"$sort": {"age_ms": 1}}])]


def _told(stored: Mapping[str, Any]) -> Told:
    said, lag = stored["said"], stored["said"]["lag"]
    return Told(
        name=stored["_id"],
        version=said["version"],
        generation=said["generation"],
        age_s=max(0, stored["age_ms"]) / 1000,
        checks=said["checks"],
        failing=said["failing"],
        lag=None if lag is None else {(one["consumer"], one["topic"]): one["behind"] for one in lag},
        not_falling=[(one["consumer"], one["topic"]) for one in lag or () if one["not_falling"]],
    )
