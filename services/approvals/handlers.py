"""What approvals hears, the command that each event becomes, and the cases that time closes."""

from collections.abc import Sequence
from functools import partial

from services.approvals.decide import CloseCase, Lapse, OpenCase, cases
from shared.contracts import requests
from shared.contracts.organisation import ActingRecorded, EmployeeRecorded, UnitRecorded
from shared.contracts.requests import RequestSubmitted, RequestWithdrawn
from shared.kit import jobs, log
from shared.kit.clock import Clock
from shared.kit.decider import Document
from shared.kit.directory import directory, erasures
from shared.kit.mongo import Database
from shared.kit.react import Reaction, react
from shared.kit.tracing import traceparent

LAPSE = "approvals.lapse"
LAPSED_AT_ONCE = 200


def open_case(event: RequestSubmitted) -> OpenCase:
    return OpenCase(event)


def close_case(event: RequestWithdrawn) -> CloseCase:
    return CloseCase(event.days, event.replaced_by)


CONSUMERS = (
    directory("approvals.directory", keep=(EmployeeRecorded, ActingRecorded)),
    directory("approvals.units", keep=(UnitRecorded,)),
    erasures("approvals.erasures"),
    react(
        "approvals.cases",
        hears=(requests.PUBLISHER,),
        reactions={
            RequestSubmitted: Reaction(cases, open_case),
            RequestWithdrawn: Reaction(cases, close_case),
        },
    ),
)


async def close_lapsed(db: Database, _: str, clock: Clock) -> None:
    """Close the cases on which nobody has decided in time. Whoever decides at the same moment does so on the same case,
    so that one of the two is first."""
    found = await db.cases.find(await _lapsed(db, clock), {"_id": 1}).limit(LAPSED_AT_ONCE).to_list()
    if found:
        await jobs.each_alone(db, LAPSE, [case["_id"] for case in found], partial(_close, db, clock))


async def _close(db: Database, clock: Clock, ids: Sequence[str]) -> None:
    for id_ in ids:
        now = clock.now()
        await log.transact(db, cases, id_, Lapse(now), log.Origin("sys-time", now, traceparent(None)))


async def count_due(db: Database, _: str, clock: Clock) -> int:
    """How many cases nobody has decided on in time."""
    return await db.cases.count_documents(await _lapsed(db, clock))


async def _lapsed(db: Database, clock: Clock) -> Document:
    return {"lapses_at": {"$lte": clock.now()}, "_id": {"$nin": await jobs.left_out(db, LAPSE)}}
