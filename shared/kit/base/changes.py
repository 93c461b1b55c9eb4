"""How often what processes remember has changed: counts that move in the transactions which change it."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from bson.timestamp import Timestamp
from pymongo.asynchronous.client_session import AsyncClientSession

from shared.kit.base import points
from shared.kit.base.generations import FIRST
from shared.kit.base.mongo import Database

PREFIX = "changes of "
BESIDE = "beside"
FRESH_S = 0.5
"""A point that was passed longer ago is asked for anew: who follows from there would be told of much that is old."""
Counts = tuple[tuple[str, int], ...]
Document = dict[str, Any]


class Stand(NamedTuple):
    """How often each remembered thing was changed, the generation of read models that is live, and a point that was
    passed before either was read."""

    counts: Counts
    generation: str
    point: Timestamp | None = None


async def count(session: AsyncClientSession | None, db: Database, of: str) -> None:
    """Say that something has changed which processes remember."""
    await db.about.update_one({"_id": f"{PREFIX}{of}"}, {"$inc": {"n": 1}}, upsert=True, session=session)


async def stand(db: Database) -> Stand:
    """How everything stands now, by one small question: every call asks it."""
    async with db.client.start_session(causal_consistency=False) as session:
        point = await _passed(db, session)
        found = await db.about.find({}, session=session).to_list()
        points.note(session)
    return _stand(found, point)


async def stand_and(db: Database, collection: str, where: Document) -> tuple[Stand, list[Document]]:
    """The same, and after it what there is of another collection, in the same question."""
    beside = {"coll": collection, "pipeline": [{"$match": where}, {"$set": {BESIDE: True}}]}
    async with db.client.start_session(causal_consistency=False) as session:
        point = await _passed(db, session)
        found = await (await db.about.aggregate([{"$unionWith": beside}], session=session)).to_list()
        points.note(session)
    about, others = ([one for one in found if (BESIDE in one) is beside_it] for beside_it in (False, True))
    return _stand(about, point), [{name: one[name] for name in one if name != BESIDE} for one in others]


async def _passed(db: Database, session: AsyncClientSession) -> Timestamp | None:
    """The point of an earlier question: what a question tells of itself may be later than what it has read."""
    if (known := points.passed(db.client, FRESH_S)) is None:
        await db.about.find_one({"_id": "schema"}, {"_id": 1}, session=session)
        points.note(session)
        known = points.passed(db.client, FRESH_S)
    return known


def _stand(found: Iterable[Document], point: Timestamp | None) -> Stand:
    about = {str(one["_id"]): one for one in found}
    counts = tuple(sorted((id_, int(one["n"])) for id_, one in about.items() if id_.startswith(PREFIX)))
    return Stand(counts, str(about["generation"]["live"]) if "generation" in about else FIRST, point)
