"""How often what processes remember has changed: counts that move in the transactions which change it."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from pymongo.asynchronous.client_session import AsyncClientSession

from shared.kit.base.generations import FIRST
from shared.kit.base.mongo import Database

PREFIX = "changes of "
BESIDE = "beside"
Counts = tuple[tuple[str, int], ...]
Document = dict[str, Any]


class Stand(NamedTuple):
    """How often each remembered thing was changed, and the generation of read models that is live."""

    counts: Counts
    generation: str


async def count(session: AsyncClientSession | None, db: Database, of: str) -> None:
    """Say that something has changed which processes remember."""
    await db.about.update_one({"_id": f"{PREFIX}{of}"}, {"$inc": {"n": 1}}, upsert=True, session=session)


async def stand(db: Database) -> Stand:
    """How everything stands now, by one small question: every call asks it."""
    return _stand(await db.about.find({}).to_list())


async def stand_and(db: Database, collection: str, where: Document) -> tuple[Stand, list[Document]]:
    """The same, and after it what there is of another collection, in the same question."""
    beside = {"coll": collection, "pipeline": [{"$match": where}, {"$set": {BESIDE: True}}]}
    found = await (await db.about.aggregate([{"$unionWith": beside}])).to_list()
    return _stand([one for one in found if BESIDE not in one]), [one for one in found if one.pop(BESIDE, False)]


def _stand(found: Iterable[Document]) -> Stand:
    about = {str(one["_id"]): one for one in found}
    counts = tuple(sorted((id_, int(one["n"])) for id_, one in about.items() if id_.startswith(PREFIX)))
    return Stand(counts, str(about["generation"]["live"]) if "generation" in about else FIRST)
