"""How a database that an earlier version of the software has written is brought over to this one's shape.

Logs are never rewritten. Documents beside the log are made again from it; read models are rebuilt; what consumers keep
of streams gets the ids that streams have today.
"""

import asyncio
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

import structlog
from pymongo import ReplaceOne
from pymongo.asynchronous.client_session import AsyncClientSession

from shared.kit.base import lease
from shared.kit.base.mongo import SCHEMA_VERSION, Database, in_transaction
from shared.kit.decisions import log, reservations
from shared.kit.decisions.decider import Decider, Refused, Reservation
from shared.kit.messaging.cloudevents import stream_of
from shared.kit.messaging.deadletters import record_of
from shared.kit.process.service import Service

AT_ONCE = 200
RENAMED = {"heard": "inbox", "progress": "checkpoints", "claims": "reservations", "unsettled": "invalidations"}
LEASE_OVER_S = 15.0
"""Longer than the lease of a worker that was killed holds."""
logger = structlog.get_logger()


class AtWork(Exception):
    """A worker of the version before runs on the database, and would go on with what it has read."""


async def bring_over(db: Database, service: Service, instance: str, patience_s: float = LEASE_OVER_S) -> int:
    """Make the documents of every aggregate again where an earlier version wrote them, and name the streams that were
    heard as they are named today. Returns how many documents; none where the database is new or of this version. May be
    broken off and begun again. Raises `AtWork`."""
    about = await db.about.find_one({"_id": "schema"})
    made = 0
    if about and about["version"] < SCHEMA_VERSION:
        await _wait_for_rest(db, patience_s)
        if about["version"] < 3:
            await _name_collections(db)
            await _name_streams(db, instance)
        for decider in service.deciders:
            made += await _show_again(db, decider)
    await db.about.update_one({"_id": "schema"}, {"$set": {"version": SCHEMA_VERSION}}, upsert=True)
    return made


async def _wait_for_rest(db: Database, patience_s: float) -> None:
    deadline = time.monotonic() + patience_s
    while await lease.is_any_held(db):
        if time.monotonic() > deadline:
            raise AtWork(f"a worker runs on {db.name}")
        await asyncio.sleep(0.5)


async def _name_collections(db: Database) -> None:
    """Until version 2 some had other names. What stands under the new one is empty: it was made to start."""
    for old in await db.list_collection_names():
        generation, dot, name = old.rpartition(".")
        if name in RENAMED:
            await db[old].rename(f"{generation}{dot}{RENAMED[name]}", dropTarget=True)


async def _name_streams(db: Database, instance: str) -> None:
    """Until version 2 a stream was `<service>/<subject>`, and only this instance's events were handled. The inbox is
    renamed by the server, copies before removals; letters keep the headers that say whose they are."""
    of_before = {"_id": {"$not": {"$regex": r"^[^|]*\|/"}}}
    parts = {"$split": ["$_id", "|"]}
    stream = {"$substrCP": ["$_id", {"$add": [{"$strLenCP": {"$first": parts}}, 1]}, {"$strLenCP": "$_id"}]}
    renamed = {"_id": {"$concat": [{"$first": parts}, f"|/{instance}/", stream]}, "n": 1}
    farther = [{"$set": {"n": {"$max": ["$n", "$$new.n"]}}}]
    merged = {"$merge": {"into": "inbox", "whenMatched": farther, "whenNotMatched": "insert"}}
    await (await db.inbox.aggregate([{"$match": of_before}, {"$project": renamed}, merged])).to_list()
    await db.inbox.delete_many(of_before)
    async for letter in db.dead_letters.find({"stream": {"$regex": "^[^/]"}}):
        stream_, n = stream_of(record_of(letter), letter["stream"].partition("/")[0])
        await db.dead_letters.update_one({"_id": letter["_id"]}, {"$set": {"stream": stream_, "n": n}})


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
            await _reserve(db, id_, decider.reservations(loaded.state))
            as_loaded = {"_id": id_, "n": loaded.n}
            shown.append(ReplaceOne(as_loaded, {**decider.show(loaded.state), **as_loaded}))
    if shown:
        await db[decider.name].bulk_write(shown, ordered=False)
    return len(shown)


async def _reserve(db: Database, holder: str, wanted: Sequence[Reservation]) -> None:
    """Take what an aggregate holds by today's rules and did not by those of before. Where others hold it, both stay as
    they are, which is said: what was decided then is not undone."""
    known = db.reservations.find(
        {"_id": {"$in": [reservation.id for reservation in wanted]}, f"holders.{holder}": {"$exists": True}}
    )
    held = {one["_id"] async for one in known}
    for reservation in wanted:
        if reservation.id in held:
            continue
        try:
            await in_transaction(db, partial(_take, db=db, holder=holder, reservation=reservation))
        except Refused:
            logger.warning("reservation-taken", reservation=reservation.id, by=holder)


async def _take(session: AsyncClientSession, db: Database, holder: str, reservation: Reservation) -> None:
    await reservations.move(session, db, holder, [], [reservation])
