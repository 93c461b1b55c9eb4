"""What changes in a database, in order: asked for so and so often, however much is written and whoever follows."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from bson.timestamp import Timestamp
from pymongo.asynchronous.change_stream import AsyncChangeStream
from pymongo.errors import OperationFailure, PyMongoError

from shared.kit.base import points, retries
from shared.kit.base.mongo import Database

PACE_S = 0.15
"""So long after it has asked it asks again. A change stream that waits costs the database something at every write of
anybody; one that is asked now and then costs the same whatever is written."""
WAITS_MS = 1
AT_ONCE = 1000
CAP_S, FIRST_S = 5.0, 0.2
REFUSED_MAX = 3
"""So often in a row MongoDB may refuse to go on from a point; then it is begun anew from now."""
HISTORY_LOST = 286
"""What MongoDB says where it does not know any more what has changed since."""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Changed:
    """A document that has changed, by its collection and id, and what was asked for of it; a point after the change."""

    collection: str
    id: str
    point: Timestamp
    document: Mapping[str, Any] = field(default_factory=dict)


Hear = Callable[[Sequence[Changed], Timestamp, bool], Awaitable[None]]
"""Changes in order, a point up to which all were told, and whether some before them were missed."""


@dataclass(frozen=True, slots=True)
class Follower:
    """Follows the collections whose names match, with some fields of their documents as they were written."""

    db: Database
    collections: str
    fields: Sequence[str]

    async def run(self, since: Timestamp | None, begun: asyncio.Event, hear: Hear) -> None:
        """Follow until cancelled, from a point on: `begun` says that nothing after it is missed, and where it is was
        heard. What breaks off is gone on with where it was; what cannot be heard or gone on with counts as missed, and
        nobody is silent for it."""
        failed = 0
        missed = False
        while True:
            try:
                async with self.db.client.start_session(causal_consistency=False) as session:
                    if since is None:
                        await self.db.about.find_one({"_id": "schema"}, {"_id": 1}, session=session)
                        since = session.operation_time
                    stream = await self.db.watch(
                        self._pipeline,
                        start_at_operation_time=since,
                        max_await_time_ms=WAITS_MS,
                        batch_size=AT_ONCE,
                        session=session,
                    )
                    async with stream:
                        assert since
                        known = since
                        missed = not await self._heard(hear, (), known, missed)
                        begun.set()
                        while stream.alive:
                            until, found = await _next(stream, session.operation_time or since)
                            assert until
                            points.note(session)
                            # MongoDB begins with what was written at the point itself, which was known then.
                            new = [one for one in found if one.point > known]
                            missed = not await self._heard(hear, new, until, missed)
                            since, failed = until, 0
                            await asyncio.sleep(PACE_S)
                # It is over where the database itself was dropped.
                since, missed = None, True
            except PyMongoError as broken:
                # No retry of stamina's: it would count on from the last break, however long the stream has held.
                failed += 1
                if isinstance(broken, OperationFailure) and (broken.code == HISTORY_LOST or failed > REFUSED_MAX):
                    since, missed = None, True
                log.warning("following-waits", database=self.db.name, reason=broken, in_a_row=failed)
                await asyncio.sleep(retries.pause_s(failed, CAP_S, FIRST_S))

    async def _heard(self, hear: Hear, found: Sequence[Changed], until: Timestamp, missed: bool) -> bool:
        """Whether what has changed was understood. Raises `PyMongoError`: then it is asked for and told again."""
        try:
            await hear(found, until, missed)
        except PyMongoError:
            raise
        except Exception:
            log.exception("change-not-understood", database=self.db.name)
            return False
        return True

    @property
    def _pipeline(self) -> list[dict[str, Any]]:
        kinds = ["insert", "update", "replace"]
        fields = {f"fullDocument.{name}": 1 for name in self.fields}
        return [
            {"$match": {"ns.coll": {"$regex": self.collections}, "operationType": {"$in": kinds}}},
            {"$project": {"ns.coll": 1, "documentKey": 1, "clusterTime": 1, **fields}},
        ]


async def _next(stream: AsyncChangeStream[Any], before: Timestamp | None) -> tuple[Timestamp | None, list[Changed]]:
    """What has changed meanwhile, and a point up to which that is all: what was durable before it was asked for, or, of
    very much, the point before the last."""
    found: list[Changed] = []
    while len(found) < AT_ONCE:
        if (one := await stream.try_next()) is None:
            return before, found
        found.append(_changed(one))
    last = found[-1].point
    return Timestamp(last.time, last.inc - 1), found


def _changed(told: Mapping[str, Any]) -> Changed:
    return Changed(
        told["ns"]["coll"], str(told["documentKey"]["_id"]), told["clusterTime"], told.get("fullDocument") or {}
    )
