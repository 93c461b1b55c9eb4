"""The cases that time closes."""

from collections.abc import Sequence
from functools import partial

from services.approvals.case.decide import Lapse, cases
from shared.kit.base.clock import Clock
from shared.kit.base.mongo import Database
from shared.kit.base.tracing import traceparent
from shared.kit.decisions import log
from shared.kit.decisions.decider import Document
from shared.kit.messaging import jobs

LAPSE = "approvals.lapse"
LAPSED_AT_ONCE = 200


async def close_lapsed(db: Database, _: str, clock: Clock) -> None:
    """Close the cases on which nobody has decided in time. Whoever decides at the same moment does so on the same case,
    so that one of the two is first."""
    found = await db.cases.find(await _lapsed(db, clock), {"_id": 1}).limit(LAPSED_AT_ONCE).to_list()
    if found:
        await jobs.each_alone(db, LAPSE, [case["_id"] for case in found], partial(_close, db, clock))


async def _close(db: Database, clock: Clock, ids: Sequence[str]) -> None:
    for id_ in ids:
        now = clock.now()
        await log.transact(db, cases, id_, Lapse(now), log.CommandMetadata("sys-time", now, traceparent(None)))


async def count_due(db: Database, _: str, clock: Clock) -> int:
    """How many cases nobody has decided on in time."""
    return await db.cases.count_documents(await _lapsed(db, clock))


async def _lapsed(db: Database, clock: Clock) -> Document:
    return {"lapses_at": {"$lte": clock.now()}, "_id": {"$nin": await jobs.left_out(db, LAPSE)}}
