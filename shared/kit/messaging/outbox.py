"""What of a service's log is not on Kafka yet."""

from dataclasses import dataclass
from datetime import datetime

from shared.kit.base.mongo import Database


@dataclass(frozen=True, slots=True)
class Outbox:
    """Commits that are not on Kafka yet, and since when the oldest of them waits."""

    unsent: int
    oldest: datetime | None

    def age_s(self, now: datetime) -> float:
        return (now - self.oldest).total_seconds() if self.oldest else 0


async def outbox(db: Database) -> Outbox:
    """What the relay has yet to send."""
    unsent = await db.commits.count_documents({"sent": False}, hint="unsent")
    oldest = await db.commits.find_one({"sent": False}, {"recorded_at": 1}, sort=[("recorded_at", 1)], hint="unsent")
    return Outbox(unsent, oldest["recorded_at"] if oldest else None)
