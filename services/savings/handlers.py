"""What savings hears, and the days that it brings up to date."""

from datetime import datetime
from typing import cast

from pymongo.asynchronous.client_session import AsyncClientSession

from services.savings.net import Day
from services.savings.projection import TAKES, fold, settle, wants, wants_days
from shared.contracts import approvals, organisation, performance, requests
from shared.kit.clock import Clock
from shared.kit.decider import Document
from shared.kit.mongo import Database, in_transaction
from shared.kit.project import Projection, load, project, write

SETTLED_AT_ONCE = 500

CONSUMERS = (
    project(
        "savings.days",
        hears=(organisation.PUBLISHER, requests.PUBLISHER, approvals.PUBLISHER, performance.PUBLISHER),
        projection=Projection(TAKES, wants, fold),
    ),
)


async def settle_due(db: Database, clock: Clock) -> None:
    """Bring up to date what no event will: days whose date has passed, and days that a new factor set concerns."""
    while due := await db.days.find(await _due(db, clock.now()), {"_id": 1}).limit(SETTLED_AT_ONCE).to_list():
        ids = [str(day["_id"]) for day in due]
        now = clock.now()

        async def work(session: AsyncClientSession, ids: list[str] = ids, now: datetime = now) -> None:
            known = await load(session, db, wants_days(ids))
            days = {id_: cast("Day", found) for id_, found in known["days"].items()}
            await write(session, db, settle(known, days, known["employees"], now))

        await in_transaction(db, work)


async def count_due(db: Database, clock: Clock) -> int:
    """How many days wait to be brought up to date."""
    return await db.days.count_documents(await _due(db, clock.now()))


async def _due(db: Database, now: datetime) -> Document:
    sets = await db.factor_sets.count_documents({})
    return {"$or": [{"due_at": {"$lte": now}}, {"factors_seen": {"$lt": sets}}]}
