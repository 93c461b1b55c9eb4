"""What a service knows of people, positions and units: its own copy of the reference data, as organisation tells it.

Each event carries the full history of its entity, so that the newest one answers for any day.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from pymongo import IndexModel, ReplaceOne
from pymongo.asynchronous.client_session import AsyncClientSession

from shared.contracts import organisation
from shared.contracts.event import Event
from shared.contracts.organisation import (
    AbsenceRecorded,
    AccountRecorded,
    ActingRecorded,
    BuildingRecorded,
    EmployeeRecorded,
    PersonErased,
    PositionRecorded,
    UnitRecorded,
)
from shared.kit.base import changes
from shared.kit.messaging.cloudevents import ReceivedEvent
from shared.kit.messaging.consumer import Consumer, Runner
from shared.kit.projections.writeset import document

T = TypeVar("T", bound=Event)

COLLECTIONS: Mapping[type[Event], str] = {
    UnitRecorded: "units",
    PositionRecorded: "positions",
    EmployeeRecorded: "employees",
    BuildingRecorded: "buildings",
    ActingRecorded: "acting_assignments",
    AbsenceRecorded: "absences",
    AccountRecorded: "accounts",
}
INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "units": (),
    "positions": (),
    "employees": (
        IndexModel([("identity.iss", 1), ("identity.sub", 1)]),
        IndexModel([("history.superior_id", 1)]),
        IndexModel([("history.unit_id", 1)]),
    ),
    "buildings": (),
    "acting_assignments": (IndexModel([("history.for_id", 1)]), IndexModel([("history.acting_id", 1)])),
    "absences": (IndexModel([("employee_id", 1)]),),
    "accounts": (IndexModel([("identity.sub", 1)]),),
}


def directory(name: str, keep: tuple[type[Event], ...], forget: frozenset[str] = frozenset({"commute"})) -> Consumer:
    """A consumer that keeps the newest of each entity of those kinds."""

    async def apply(session: AsyncClientSession, runner: Runner, events: Sequence[ReceivedEvent], _: datetime) -> None:
        newest = {heard.event.subject: heard.event for heard in events if isinstance(heard.event, keep)}
        for kind in keep:
            newer = [
                ReplaceOne({"_id": id_}, document(event, forget), upsert=True)
                for id_, event in newest.items()
                if isinstance(event, kind)
            ]
            if newer:
                await runner.db[COLLECTIONS[kind]].bulk_write(newer, ordered=False, session=session)
        if newest:
            # By partition, so that two workers do not meet.
            await changes.count(session, runner.db, events[0].place.rpartition("/")[0])

    return Consumer(name, (organisation.PUBLISHER,), keep, apply, batch=1000)


def erasures(name: str) -> Consumer:
    """A consumer that erases what has been written about somebody whose personal data are to go."""

    async def apply(session: AsyncClientSession, runner: Runner, events: Sequence[ReceivedEvent], _: datetime) -> None:
        gone = [heard.event.employee_id for heard in events if isinstance(heard.event, PersonErased)]
        if gone:
            await runner.db.texts.delete_many({"employee_id": {"$in": gone}}, session=session)

    return Consumer(name, (organisation.PUBLISHER,), (PersonErased,), apply, batch=1000)
