"""How it is noticed that Kafka has lost what it had acknowledged, and how that is made good.

Kafka acknowledges what it has not flushed: after a power cut it may end earlier than it did, while the log of record,
which is journaled, says that all was sent. So the relay keeps up to which offset each partition was acknowledged
(`published`), and where the last event of each commit lies (`placed`). Where a partition ends earlier than that, what
lay there is sent again, after records that say nothing have filled the offsets that were lost: whoever had heard up to
one of them then hears everything that comes after (docs/adr/0011).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from pymongo import UpdateOne

from shared.kit.base.mongo import Database
from shared.kit.decisions.decider import Document
from shared.kit.messaging.checkpoint import Place

MARGIN = 2_000
"""More offsets than one batch of the relay has messages: such a batch may have been stored, and heard, and not yet
noted when everything stopped."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Of a partition, offsets from `end` up to `had` are gone, or hold something else; whoever hears goes on after
    `until` at the latest."""

    topic: str
    partition: int
    end: int
    had: int
    until: int


async def known_ends(db: Database, topic: str) -> dict[int, int]:
    """Up to which offset each partition of a topic was acknowledged."""
    return {int(one["partition"]): int(one["end"]) async for one in db.published.find({"topic": topic})}


def ends(places: Sequence[Place], known: Mapping[int, int] = MappingProxyType({})) -> dict[int, int]:
    """Up to which offset partitions were acknowledged that had some places, given what was known before. Pure."""
    found: dict[int, int] = {}
    for partition, offset in places:
        found[partition] = max(found.get(partition, known.get(partition, 0)), offset + 1)
    return found


async def note(db: Database, topic: str, places: Sequence[Place]) -> None:
    """Note what was acknowledged, before it is marked as sent: noting too much loses nothing."""
    noted = [
        UpdateOne(
            {"_id": f"{topic}/{partition}"},
            {"$max": {"end": end}, "$setOnInsert": {"topic": topic, "partition": partition}},
            upsert=True,
        )
        for partition, end in ends(places).items()
    ]
    await db.published.bulk_write(noted, ordered=False)


def losses(topic: str, known: Mapping[int, int], there: Mapping[int, int]) -> list[Loss]:
    """Where a topic ends earlier than was acknowledged. Pure."""
    return [
        Loss(topic, partition, there[partition], had, had + MARGIN)
        for partition, had in sorted(known.items())
        if there[partition] < had
    ]


async def begin(db: Database, loss: Loss) -> None:
    """Note that a loss is to be made good, so that it is also after a crash."""
    noted = {"from": loss.end, "until": loss.until}
    lost = {"at": datetime.now(UTC), "from": loss.end, "had": loss.had}
    await db.published.update_one(
        {"_id": f"{loss.topic}/{loss.partition}", "refill": {"$exists": False}},
        {"$set": {"refill": noted, "lost": lost}},
    )


async def begun(db: Database, topic: str) -> list[Document]:
    """The partitions of a topic of which a loss is to be made good."""
    return await db.published.find({"topic": topic, "refill": {"$exists": True}}).to_list()


async def unsend(db: Database, partition: int, since: int) -> int:
    """Mark what lay at lost offsets as not sent; also what was sent before places were noted. Returns how many
    commits."""
    lost = {"placed.partition": partition, "placed.offset": {"$gte": since}}
    unplaced = {"sent": True, "placed": {"$exists": False}}
    change = {"$set": {"sent": False}, "$unset": {"placed": ""}}
    return (await db.commits.update_many({"$or": [lost, unplaced]}, change)).modified_count


async def done(db: Database, topic: str, partition: int, end: int) -> None:
    """The partition has been filled up to `end`: what is unsent can be sent."""
    change = {"$set": {"end": end}, "$unset": {"refill": ""}}
    await db.published.update_one({"_id": f"{topic}/{partition}"}, change)


async def lately_lost(db: Database, since: datetime) -> list[Document]:
    """The losses that have been noticed since a moment."""
    return await db.published.find({"lost.at": {"$gte": since}}).sort("lost.at", 1).to_list()
