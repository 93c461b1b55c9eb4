"""How a database that an earlier version of the software has written is brought over to this one's shape.

Logs are never rewritten. Documents beside the log are made again from it; read models are rebuilt.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import structlog
from pymongo import ReplaceOne
from pymongo.asynchronous.client_session import AsyncClientSession

from shared.kit.base.mongo import SCHEMA_VERSION, Database, in_transaction
from shared.kit.decisions import claims, log
from shared.kit.decisions.decider import Claim, Decider, Refused
from shared.kit.process.service import Service

AT_ONCE = 200
logger = structlog.get_logger()


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
            await _claim(db, id_, decider.claims(loaded.state))
            as_loaded = {"_id": id_, "n": loaded.n}
            shown.append(ReplaceOne(as_loaded, {**decider.show(loaded.state), **as_loaded}))
    if shown:
        await db[decider.name].bulk_write(shown, ordered=False)
    return len(shown)


async def _claim(db: Database, holder: str, wanted: Sequence[Claim]) -> None:
    """Take what an aggregate holds by today's rules and did not by those of before. Where others hold it, both stay as
    they are, which is said: what was decided then is not undone."""
    known = db.claims.find({"_id": {"$in": [claim.id for claim in wanted]}, f"holders.{holder}": {"$exists": True}})
    held = {one["_id"] async for one in known}
    for claim in wanted:
        if claim.id in held:
            continue
        try:
            await in_transaction(db, partial(_take, db=db, holder=holder, claim=claim))
        except Refused:
            logger.warning("claim-taken", claim=claim.id, by=holder)


async def _take(session: AsyncClientSession, db: Database, holder: str, claim: Claim) -> None:
    await claims.move(session, db, holder, [], [claim])
