"""How often what processes remember has changed: counts that move in the transactions which change it."""

from typing import NamedTuple

from pymongo.asynchronous.client_session import AsyncClientSession

from shared.kit.base.generations import FIRST
from shared.kit.base.mongo import Database

PREFIX = "changes of "
Counts = tuple[tuple[str, int], ...]


class Stand(NamedTuple):
    """How often each remembered thing was changed, and the generation of read models that is live."""

    counts: Counts
    generation: str


async def count(session: AsyncClientSession | None, db: Database, of: str) -> None:
    """Say that something has changed which processes remember."""
    await db.about.update_one({"_id": f"{PREFIX}{of}"}, {"$inc": {"n": 1}}, upsert=True, session=session)


async def stand(db: Database) -> Stand:
    """How everything stands now, by one small question: every call asks it."""
    about = {str(one["_id"]): one async for one in db.about.find({})}
    counts = tuple(sorted((id_, int(one["n"])) for id_, one in about.items() if id_.startswith(PREFIX)))
    return Stand(counts, str(about["generation"]["live"]) if "generation" in about else FIRST)
