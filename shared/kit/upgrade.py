"""How a database that an earlier version of the software has written is brought over to this one's shape.

Logs are never rewritten. Documents beside the log are made again from it; read models are rebuilt.
"""

from typing import Any

from pymongo import ReplaceOne

from shared.kit import log
from shared.kit.decider import Decider
from shared.kit.mongo import SCHEMA_VERSION, Database
from shared.kit.service import Service

AT_ONCE = 200


async def bring_over(db: Database, service: Service) -> int:
    """Make the documents of every aggregate again where an earlier version wrote them. Returns how many; none where the
    database is new or of this version. May be broken off and begun again."""
    about = await db.about.find_one({"_id": "schema"})
    made = 0
    if about and about["version"] < SCHEMA_VERSION:
        for decider in service.deciders:
            made += await _show_again(db, decider)
    await db.about.update_one({"_id": "schema"}, {"$set": {"version": SCHEMA_VERSION}}, upsert=True)
    return made


async def _show_again(db: Database, decider: Decider[Any, Any]) -> int:
    made = 0
    ids: list[str] = []
    async for found in db[decider.name].find({}, {"_id": 1}).sort("_id", 1):
        ids.append(str(found["_id"]))
        if len(ids) == AT_ONCE:
            made += await _some(db, decider, ids)
            ids = []
    return made + await _some(db, decider, ids)


async def _some(db: Database, decider: Decider[Any, Any], ids: list[str]) -> int:
    shown = []
    for id_ in ids:
        loaded = await log.load(db, decider, id_)
        if loaded.state is not None:
            as_loaded = {"_id": id_, "n": loaded.n}
            shown.append(ReplaceOne(as_loaded, {**decider.show(loaded.state), **as_loaded}))
    if shown:
        await db[decider.name].bulk_write(shown, ordered=False)
    return len(shown)
