"""How far a consumer group has come, durably: the next offset of each partition with the epoch of its owner, and the
last event of each stream."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from pymongo import InsertOne, ReturnDocument, UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession

from shared.kit.base.mongo import Database

Partition = tuple[str, int]
Place = tuple[int, int]
"""A partition of a topic and an offset in it."""

INSERTED_MIN = 50
AT_ONCE = 10_000
"""Streams that come with one answer: a batch has fewer."""


class Fenced(Exception):
    """Another consumer took this partition over: nothing of the batch may be written."""


class Checkpoint:
    """How far one group has come, in the database of its effects."""

    def __init__(self, db: Database, group: str) -> None:
        self._db = db
        self._group = group

    async def claim(self, partition: Partition) -> tuple[int, int]:
        """Become the owner of a partition: the epoch, and the offset to go on from. Any owner before is fenced from now
        on."""
        checkpoint = await self._db.checkpoints.find_one_and_update(
            {"_id": self._id(partition)},
            {"$inc": {"epoch": 1}, "$setOnInsert": {"next": 0}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        assert checkpoint, "an upsert that returns the document after it always finds one"
        return checkpoint["epoch"], checkpoint["next"]

    async def advance(self, session: AsyncClientSession, last: Mapping[Partition, tuple[int, int]]) -> None:
        """Move partitions past their last offset, as the owner of an epoch, given as (epoch, offset). Raises `Fenced`
        when one of them has another owner."""
        moved = [
            UpdateOne({"_id": self._id(partition), "epoch": epoch}, {"$set": {"next": offset + 1}})
            for partition, (epoch, offset) in last.items()
        ]
        done = await self._db.checkpoints.bulk_write(moved, ordered=False, session=session)
        if done.matched_count < len(moved):
            raise Fenced(f"{self._group} no longer owns all of this batch's partitions")

    async def step_back(self, partition: Partition, epoch: int, offset: int) -> None:
        """Go on from an earlier offset, as the owner of an epoch: nothing is after it any more. Raises `Fenced`."""
        mine = {"_id": self._id(partition), "epoch": epoch}
        if not (await self._db.checkpoints.update_one(mine, {"$set": {"next": offset}})).matched_count:
            raise Fenced(f"{self._group} no longer owns {partition[0]}/{partition[1]}")

    async def offsets(self) -> dict[Partition, int]:
        """The next offset of every partition, whoever owns it."""
        found = self._db.checkpoints.find({"_id": {"$regex": f"^{re.escape(self._group)}\\|"}})
        return {_partition(document["_id"]): int(document["next"]) async for document in found}

    async def heard(self, session: AsyncClientSession | None, streams: Iterable[str]) -> dict[str, int]:
        """The number of the last event heard of each stream."""
        ids = [f"{self._group}|{stream}" for stream in streams]
        if not ids:
            return {}
        found = self._db.inbox.find({"_id": {"$in": ids}}, session=session, batch_size=AT_ONCE)
        return {document["_id"].partition("|")[2]: document["n"] async for document in found}

    async def remember(
        self, session: AsyncClientSession, heard: Mapping[str, int], known: Collection[str] | None = None
    ) -> None:
        """Store the number of the last event of streams, in the transaction of their effects. Those that were not
        `known` before are inserted, where there are enough of them: it costs half, and another command."""
        new = heard.keys() - known if known is not None else set()
        few = len(new) < min(len(heard), INSERTED_MIN)
        stand: list[InsertOne[dict[str, Any]] | UpdateOne] = [
            InsertOne({"_id": f"{self._group}|{stream}", "n": n})
            if stream in new and not few
            else UpdateOne({"_id": f"{self._group}|{stream}"}, {"$set": {"n": n}}, upsert=True)
            for stream, n in heard.items()
        ]
        if stand:
            await self._db.inbox.bulk_write(stand, ordered=False, session=session)

    def _id(self, partition: Partition) -> str:
        return f"{self._group}|{partition[0]}/{partition[1]}"


def _partition(progress_id: str) -> Partition:
    topic, _, number = progress_id.partition("|")[2].rpartition("/")
    return topic, int(number)
