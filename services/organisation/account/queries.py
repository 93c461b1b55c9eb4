"""What is on record of service accounts, and of what a new one names."""

from collections.abc import Collection
from datetime import date

from pymongo.asynchronous.client_session import AsyncClientSession

from shared.contracts.organisation import Identity
from shared.kit.base.mongo import Database


async def is_taken(db: Database, identity: Identity, today: date, session: AsyncClientSession) -> bool:
    """Whether a token with this identity speaks for an employee on record, or for an account that has not ended."""
    where = {"identity.iss": identity.iss, "identity.sub": identity.sub}
    if await db.employees.find_one(where, {"_id": 1}, session=session):
        return True
    accounts = await db.accounts.find(where, {"history": 1}, session=session).to_list()
    return any(one["history"][-1]["ends_on"] >= str(today) for one in accounts)


async def unknown_units(db: Database, ids: Collection[str], session: AsyncClientSession) -> set[str]:
    """Those of some units that are not on record."""
    return {*ids} - {one["_id"] async for one in db.units.find({"_id": {"$in": [*ids]}}, {"_id": 1}, session=session)}
