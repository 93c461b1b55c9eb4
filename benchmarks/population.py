"""A population whose month is known: who they are, and an approval and a verification for each of their days."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from confluent_kafka import Producer

from benchmarks.parts import Parts
from deploy.local import stack
from shared.contracts import approvals, organisation, performance
from shared.contracts.approvals import RequestApproved
from shared.contracts.event import Event, Publisher
from shared.contracts.organisation import (
    BuildingRecorded,
    BuildingTerms,
    Commute,
    EmployeeRecorded,
    EmployeeTerms,
    Identity,
    Role,
    Seat,
    UnitRecorded,
    UnitTerms,
    Vehicle,
    Zone,
)
from shared.contracts.performance import OutputVerified
from shared.contracts.values import AgreedOutput, Place, PlaceCategory
from shared.kit.messaging import cloudevents

FIRST = date(2026, 1, 5)
SINCE = date(2025, 1, 1)
AGENCY = "emp-agency"
RECORDED = datetime(2026, 1, 1, tzinfo=UTC)
UNITS_OF_A_BUILDING = 3
VEHICLES = (Vehicle.MOTORCYCLE, Vehicle.CAR, Vehicle.TRANSIT)
HOME = Place(category=PlaceCategory.RESIDENCE)


@dataclass(frozen=True)
class Population:
    """Some people in some units, who all work away on as many of the first working days of 2026."""

    people: int = 2500
    units: int = 45
    days: int = 20

    @property
    def events(self) -> int:
        """How many events tell of their days."""
        return 2 * self.people * self.days

    def whose(self, number: int) -> str:
        return f"emp-{number:08}"

    def commute(self, number: int) -> Commute:
        """How somebody comes to work, and how far."""
        return Commute(round_trip_km=Decimal(4 + number % 40), vehicle=VEHICLES[number % len(VEHICLES)])

    def dates(self) -> list[date]:
        """The days, without weekends."""
        all_days = (FIRST + timedelta(number) for number in range(self.days * 2 + 7))
        return [day for day in all_days if day.weekday() < 5][: self.days]


def places(of: Population, issuer: str) -> Iterator[Event]:
    """The buildings and units, and who works there; one of the personnel agency beside them."""
    buildings = -(-of.units // UNITS_OF_A_BUILDING)
    for number in range(buildings):
        zones = tuple(Zone(zone=f"z{zone}", load_watt_hours=90_000) for zone in range(UNITS_OF_A_BUILDING))
        surveyed = BuildingTerms(
            effective_from=SINCE,
            name=f"Gedung {number}",
            base_watt_hours=200_000,
            per_head_watt_hours=1_500,
            tariff_class="P-1/TR",
            zones=zones,
        )
        yield BuildingRecorded(building_id=f"bld-{number:04}", history=(surveyed,))
    for number in range(of.units):
        seat = Seat(building_id=f"bld-{number // UNITS_OF_A_BUILDING:04}", zone=f"z{number % UNITS_OF_A_BUILDING}")
        unit = UnitTerms(effective_from=SINCE, name=f"Dinas {number}", time_zone="Asia/Jakarta", seat=seat)
        yield UnitRecorded(unit_id=f"unit-{number:04}", history=(unit,))
    for number in range(of.people):
        yield _employee(of.whose(number), issuer, f"unit-{number % of.units:04}", commute=of.commute(number))
    yield _employee(AGENCY, issuer, "unit-0000", roles=(Role.PERSONNEL_AGENCY,))


def _employee(id_: str, issuer: str, unit: str, **more: Any) -> EmployeeRecorded:
    """Somebody on record, whose subject is their id."""
    terms = EmployeeTerms(effective_from=SINCE, active=True, unit_id=unit, position_id="pos-0001", **more)
    return EmployeeRecorded(employee_id=id_, identity=Identity(iss=issuer, sub=id_), history=(terms,))


def approved(of: Population, number: int, at: int, day: date) -> RequestApproved:
    """The approval of one person's day."""
    output = AgreedOutput(
        output_id="out-0001", day=day, target_quantity=Decimal(1), measure="document", title_text_id="txt-0001"
    )
    return RequestApproved(
        request_id=_request(number, at),
        employee_id=of.whose(number),
        unit_id=f"unit-{number % of.units:04}",
        time_zone="Asia/Jakarta",
        days=(day,),
        place=HOME,
        outputs=(output,),
        approved_by="emp-superior",
    )


def verified(of: Population, number: int, at: int, day: date) -> OutputVerified:
    """The verification of what was agreed for it."""
    about: dict[str, Any] = {"request_id": _request(number, at), "employee_id": of.whose(number)}
    return OutputVerified(**about, output_id="out-0001", day=day, verified_by="emp-superior")


def worked(of: Population, first: int = 0) -> Iterator[tuple[Publisher, Event]]:
    """Everybody's approvals and verifications, a day after another, as they come in life, from a day on by number."""
    for at, day in list(enumerate(of.dates()))[first:]:
        for number in range(of.people):
            yield approvals.PUBLISHER, approved(of, number, at, day)
        for number in range(of.people):
            yield performance.PUBLISHER, verified(of, number, at, day)


def _request(number: int, at: int) -> str:
    return f"req-{number:08}-{at:04}"


class Sender:
    """Writes events to the topics of a benchmark's Kafka, as the relays would."""

    def __init__(self, parts: Parts) -> None:
        self._source = f"/{stack.settings(parts.home, 'savings').instance}"
        quick = {"partitioner": "murmur2_random", "linger.ms": 5, "queue.buffering.max.messages": 1_000_000}
        self._producer = Producer({**stack.cluster(parts.home).config(), **quick})
        self._sent = 0
        self._run = uuid.uuid4().hex[:12]

    def send(self, publisher: Publisher, event: Event, n: int = 1, told: Any = None) -> None:
        """Write one event, number `n` of its stream; `told` is called when Kafka has it."""
        self._sent += 1
        headers = cloudevents.headers(
            publisher.type_of(event),
            id_=f"bench-{self._run}-{self._sent}",
            source=f"{self._source}/{publisher.name}",
            subject=event.subject,
            n=n,
            time=RECORDED,
            trace="",
        )
        while True:
            try:
                self._producer.produce(
                    publisher.topic,
                    event.model_dump_json().encode(),
                    event.key.encode(),
                    headers=list(headers),
                    on_delivery=told,
                )
                return
            except BufferError:
                self._producer.poll(0.1)

    @property
    def unsent(self) -> int:
        """How many events Kafka has yet to take."""
        return len(self._producer)

    def poll(self) -> None:
        """Go on sending, and hear what has arrived."""
        self._producer.poll(0)

    def done(self) -> None:
        """Wait until Kafka has all."""
        self._producer.flush()


def tell(parts: Parts, of: Population) -> None:
    """Write the people and their places."""
    sender = Sender(parts)
    for event in places(of, parts.issuer):
        sender.send(organisation.PUBLISHER, event)
    sender.done()


def tell_worked(parts: Parts, of: Population) -> None:
    """Write all that they have worked."""
    sender = Sender(parts)
    for publisher, event in worked(of):
        sender.send(publisher, event)
    sender.done()
