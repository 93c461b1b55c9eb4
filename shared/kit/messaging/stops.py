"""Consumers that have stopped since they rejected too much, and how they are let go on.

A stop is written in the transaction that rejects the last record, and stays until an operator takes it away: neither a
restart nor another worker of the group goes past it.
"""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from pydantic import TypeAdapter
from pymongo.asynchronous.client_session import AsyncClientSession

from shared.kit.base.mongo import Database
from shared.kit.messaging.rejections import Exceeded


@dataclass(frozen=True, slots=True)
class Stop:
    """Since when a consumer is stopped, and why."""

    at: datetime
    exceeded: Exceeded


STOP = TypeAdapter(Stop)
STOPPED = {"stopped": {"$exists": True}}


class Stopped(Exception):
    """The consumer is stopped: nothing of the batch beyond what is durable has been written."""

    def __init__(self, group: str, stop: Stop) -> None:
        super().__init__(f"{group} is stopped")
        self.stop = stop


async def stop(session: AsyncClientSession, db: Database, group: str, exceeded: Exceeded) -> Stop:
    """Stop a consumer, in the transaction that rejects the last record."""
    stopped = Stop(datetime.now(UTC), exceeded)
    await db.consumers.replace_one({"_id": group}, {"stopped": asdict(stopped)}, upsert=True, session=session)
    return stopped


async def check(db: Database, group: str) -> None:
    """Raises `Stopped`."""
    if (found := await db.consumers.find_one({"_id": group, **STOPPED})) is not None:
        raise Stopped(group, STOP.validate_python(found["stopped"]))


async def every(db: Database) -> dict[str, Stop]:
    """The consumers of a service that are stopped."""
    return {found["_id"]: STOP.validate_python(found["stopped"]) async for found in db.consumers.find(STOPPED)}


async def resume(db: Database, group: str, by: str, since: datetime | None = None) -> bool:
    """Let a consumer go on; false where it is not stopped, or has stopped at another moment than `since`."""
    resumed = {"$unset": {"stopped": ""}, "$set": {"resumed": {"at": datetime.now(UTC), "by": by}}}
    its = {"_id": group, **({"stopped.at": since} if since else STOPPED)}
    return (await db.consumers.update_one(its, resumed)).modified_count > 0
