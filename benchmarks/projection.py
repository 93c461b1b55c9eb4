"""The savings projection against its ceiling: the same documents from memory, in transactions of the same size."""

import asyncio
import statistics
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from pymongo import AsyncMongoClient
from rich.console import Console

from benchmarks.parts import database_server
from services.savings.app import SERVICE
from services.savings.subscriptions import CONSUMERS
from shared.contracts import approvals, organisation, performance
from shared.contracts.approvals import RequestApproved
from shared.contracts.event import Event, Publisher
from shared.contracts.organisation import Commute, EmployeeRecorded, EmployeeTerms, Identity, Vehicle
from shared.contracts.performance import OutputVerified
from shared.contracts.values import AgreedOutput, Place, PlaceCategory
from shared.kit.base.clock import SystemClock
from shared.kit.base.mongo import DURABLE, Database, set_up
from shared.kit.messaging import cloudevents
from shared.kit.messaging.cloudevents import Record
from shared.kit.messaging.consumer import Runner

PEOPLE, DAYS, BATCH, ROUNDS = 400, 20, 2000, 3
FIRST = date(2026, 1, 5)


def records() -> list[Record]:
    """A month of everybody: who they are, then an approval and a verification for each day."""
    told: list[Record] = []
    for person in range(PEOPLE):
        whose = f"emp-{person:08}"
        told.append(_record(organisation.PUBLISHER, _employee(whose), 1, len(told)))
        for number in range(DAYS):
            day = FIRST + timedelta(number)
            about: dict[str, Any] = {"request_id": f"req-{person:06}{number:04}", "employee_id": whose}
            output = AgreedOutput(
                output_id="out-0001", day=day, target_quantity=Decimal(1), measure="document", title_text_id="txt-0001"
            )
            approved = RequestApproved(
                **about,
                unit_id="unit-0001",
                time_zone="Asia/Jakarta",
                days=(day,),
                place=Place(category=PlaceCategory.RESIDENCE),
                outputs=(output,),
                approved_by="emp-superior",
            )
            verified = OutputVerified(**about, output_id="out-0001", day=day, verified_by="emp-superior")
            told.append(_record(approvals.PUBLISHER, approved, 1, len(told)))
            told.append(_record(performance.PUBLISHER, verified, 1, len(told)))
    return told


def _employee(whose: str) -> EmployeeRecorded:
    commute = Commute(round_trip_km=Decimal(20), vehicle=Vehicle.MOTORCYCLE)
    terms = EmployeeTerms(
        effective_from=date(2025, 1, 1), active=True, unit_id="unit-0001", position_id="pos-0001", commute=commute
    )
    return EmployeeRecorded(employee_id=whose, identity=Identity(iss="https://x", sub=whose), history=(terms,))


def _record(publisher: Publisher, event: Event, n: int, offset: int) -> Record:
    headers = cloudevents.headers(
        publisher.type_of(event),
        id_=str(offset),
        source=f"/bench/{publisher.name}",
        subject=event.subject,
        n=n,
        time=datetime(2026, 1, 1, tzinfo=UTC),
        trace="",
    )
    return Record(publisher.topic, 0, offset, event.key.encode(), event.model_dump_json().encode(), headers)


async def measure(url: str) -> list[tuple[float, float]]:
    """Events a second: through the consumer, and the same documents from memory."""
    told, found = records(), []
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(url, tz_aware=True)
    for run in range(ROUNDS):
        db, other = client[f"projected{run}"], client[f"written{run}"]
        for each in (db, other):
            await set_up(each, SERVICE.indexes)
        if SERVICE.seed:
            await SERVICE.seed(db, SystemClock())
        runner = Runner(CONSUMERS[0], db, SystemClock(), "bench")
        for topic in runner.publishers:
            await runner.claim((topic, 0))
        started = time.perf_counter()
        for first in range(0, len(told), BATCH):
            await runner.handle(told[first : first + BATCH])
        projected = time.perf_counter() - started
        written = await _written(db, other, len(told) // BATCH + 1)
        found.append((len(told) / projected, len(told) / written))
    return found


async def _written(db: Database, other: Database, batches: int) -> float:
    """Seconds to write what the projection left, from memory."""
    names = ("employees", "days", "postings", "heard", "employee_months", "unit_months")
    held = {name: await db[name].find({}).to_list() for name in names}
    started = time.perf_counter()
    for batch in range(batches):

        async def body(session: Any, batch: int = batch) -> None:
            for name, documents in held.items():
                if part := documents[batch::batches]:
                    await other[name].insert_many(part, ordered=False, session=session)

        async with other.client.start_session() as session:
            await session.with_transaction(body, **DURABLE)
    return time.perf_counter() - started


def main(out: Console) -> None:
    """Print the ratio to the ceiling."""
    with database_server() as url:
        found = asyncio.run(measure(url))
    ratios = [projected / written for projected, written in found]
    out.print(
        f"savings' projection: {statistics.median(p for p, _ in found):,.0f} events/s; "
        f"the same documents from memory: {statistics.median(w for _, w in found):,.0f} events/s; "
        f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    )
