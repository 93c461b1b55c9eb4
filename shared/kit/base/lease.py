"""Who may do what only one process should: a lease in MongoDB, timed by the server's clock alone."""

import time
from datetime import UTC, datetime

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from shared.kit.base.ids import new_id
from shared.kit.base.mongo import Database

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
SECONDS = 10


async def is_any_held(db: Database) -> bool:
    """Whether anybody holds a lease now, which a worker does while it runs and for some seconds after it was killed."""
    return await db.leases.find_one({"$expr": {"$gt": ["$expires_at", "$$NOW"]}}) is not None


class Lease:
    """Held by one holder at a time, and renewed when a third of its time is over. An expired holder that has not
    noticed is harmless to those who use this: they may only do what may be done twice."""

    def __init__(self, db: Database, name: str, holder: str, seconds: int = SECONDS) -> None:
        self._db = db
        self._name = name
        self._holder = holder
        self._seconds = seconds
        self._sure_until = 0.0
        self.term = ""
        """What the time is called for which the lease has been held without a break; nothing while it is not held."""

    @property
    def renewed_every_s(self) -> float:
        """How often whoever works for long has to renew it."""
        return self._seconds / 3

    async def hold(self) -> bool:
        """Take or renew the lease; false while another holder's has not expired."""
        asked_at = time.monotonic()
        if asked_at < self._sure_until:
            return True
        before, self.term = self.term, ""
        mine = {"$eq": ["$holder", self._holder]}
        lapsed = {"$lt": [{"$ifNull": ["$expires_at", LONG_AGO]}, "$$NOW"]}
        free = {"$or": [mine, lapsed]}
        goes_on = {"$and": [mine, {"$not": [lapsed]}, {"$eq": ["$term", before]}]}
        expires = {"$dateAdd": {"startDate": "$$NOW", "unit": "second", "amount": self._seconds}}
        take = {
            "holder": {"$cond": [free, self._holder, "$holder"]},
            "expires_at": {"$cond": [free, expires, "$expires_at"]},
            "term": {"$cond": [{"$and": [free, {"$not": [goes_on]}]}, new_id("term"), "$term"]},
        }
        try:
            lease = await self._db.leases.find_one_and_update(
                {"_id": self._name}, [{"$set": take}], upsert=True, return_document=ReturnDocument.AFTER
            )
        except DuplicateKeyError:
            return False
        held = bool(lease and lease["holder"] == self._holder)
        self._sure_until = asked_at + self.renewed_every_s if held else 0.0
        self.term = str(lease["term"]) if lease and held else ""
        return held

    async def give_up(self) -> None:
        """Let the next holder start at once."""
        self._sure_until, self.term = 0.0, ""
        await self._db.leases.delete_one({"_id": self._name, "holder": self._holder})
