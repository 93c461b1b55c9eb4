"""Events and values to test with, complete and plausible."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from shared.contracts.approvals import CaseOpened, RequestApproved
from shared.contracts.event import Event, Publisher
from shared.contracts.organisation import (
    AbsenceKind,
    AbsenceRecorded,
    AbsenceTerms,
    ActingKind,
    ActingRecorded,
    ActingTerms,
    BuildingRecorded,
    BuildingTerms,
    Commute,
    EmployeeRecorded,
    EmployeeTerms,
    Fuel,
    Identity,
    PositionRecorded,
    PositionTerms,
    Seat,
    UnitRecorded,
    UnitTerms,
    Vehicle,
    Zone,
)
from shared.contracts.performance import PlanOpened
from shared.contracts.requests import Demand, Limit, PolicyPublished, RequestSubmitted, WorkCalendar
from shared.contracts.values import AgreedOutput, Place, PlaceCategory
from shared.kit.messaging import cloudevents
from shared.kit.messaging.cloudevents import ReceivedEvent
from shared.kit.messaging.kafka import Message

MONDAY, TUESDAY, WEDNESDAY = date(2026, 9, 7), date(2026, 9, 8), date(2026, 9, 9)
NOON = datetime(2026, 9, 1, 5, tzinfo=UTC)
ANI, BUDI, CITRA = "emp-ani00000", "emp-budi0000", "emp-citra000"
REQUEST = "req-00000001"
SINCE = date(2025, 1, 1)
HOME = Place(category=PlaceCategory.RESIDENCE)


def output(day: date = MONDAY, number: int = 1) -> AgreedOutput:
    return AgreedOutput(
        output_id=f"out-{day:%m%d}-{number}",
        day=day,
        target_quantity=Decimal(1),
        measure="document",
        title_text_id="txt-0001",
    )


def work(*days: date, **changed: Any) -> dict[str, Any]:
    """The fields that submitted, opened and approved share."""
    days = days or (MONDAY,)
    fields: dict[str, Any] = {
        "request_id": REQUEST,
        "employee_id": ANI,
        "unit_id": "unit-0001",
        "time_zone": "Asia/Jakarta",
        "days": days,
        "place": HOME,
        "outputs": tuple(output(day) for day in days),
    }
    return fields | changed


def submitted(*days: date, **changed: Any) -> RequestSubmitted:
    quota = Limit(value=2, source="PermenPANRB 4/2025 Ps. 13(1)")
    fields = {"submitted_on": date(2026, 9, 2), "reason_text_id": "txt-0002", "policy_id": "pol-0001"}
    return RequestSubmitted(**work(*days) | fields | {"away_days_per_week_max": quota} | changed)


def opened(*days: date, **changed: Any) -> CaseOpened:
    return CaseOpened(**work(*days, **changed) | {"verified_share_min_percent": 100})


def approved(*days: date, **changed: Any) -> RequestApproved:
    return RequestApproved(**work(*days) | {"verified_share_min_percent": 100, "approved_by": BUDI} | changed)


def plan(*days: date) -> PlanOpened:
    fields = work(*days)
    return PlanOpened(**{name: fields[name] for name in ("request_id", "employee_id", "time_zone", "outputs")})


def commute(**changed: Any) -> Commute:
    fields: dict[str, Any] = {"round_trip_km": Decimal(20), "vehicle": Vehicle.MOTORCYCLE, "fuel": Fuel.PERTALITE}
    return Commute(**fields | changed)


def employee(employee_id: str = ANI, *terms: dict[str, Any], **changed: Any) -> EmployeeRecorded:
    """Somebody, with one set of terms or more."""
    usual: dict[str, Any] = {
        "effective_from": SINCE,
        "active": True,
        "unit_id": "unit-0001",
        "position_id": "pos-0001",
        "superior_id": BUDI,
        "commute": commute(),
    }
    history = tuple(EmployeeTerms(**usual | changed | more) for more in terms or ({},))
    return EmployeeRecorded(
        employee_id=employee_id, identity=Identity(iss="https://issuer.example", sub=employee_id), history=history
    )


def building(building_id: str = "bld-0001", *, zones: tuple[str, ...] = ("lantai-1",)) -> BuildingRecorded:
    """900 kWh base, 120 kWh a zone, 1.2 kWh a head."""
    terms = BuildingTerms(
        effective_from=SINCE,
        name="Gedung uji",
        base_watt_hours=900_000,
        per_head_watt_hours=1_200,
        tariff_class="P-1/TR",
        zones=tuple(Zone(zone=zone, load_watt_hours=120_000) for zone in zones),
    )
    return BuildingRecorded(building_id=building_id, history=(terms,))


def unit(unit_id: str = "unit-0001", *, zone: str | None = "lantai-1", meals: bool = False) -> UnitRecorded:
    """A unit that sits in a zone of the building above, or nowhere."""
    terms = UnitTerms(
        effective_from=SINCE,
        name="Unit uji",
        time_zone="Asia/Jakarta",
        seat=Seat(building_id="bld-0001", zone=zone) if zone else None,
        meal_allowance_by_attendance=meals,
    )
    return UnitRecorded(unit_id=unit_id, history=(terms,))


def position(*, measurable: bool = True, public_contact: bool = False) -> PositionRecorded:
    terms = PositionTerms(effective_from=SINCE, measurable=measurable, public_contact=public_contact)
    return PositionRecorded(position_id="pos-0001", history=(terms,))


def policy(**changed: Any) -> PolicyPublished:
    fields: dict[str, Any] = {
        "policy_id": "pol-0001",
        "title": "Ketentuan uji",
        "effective_from": SINCE,
        "away_days_per_week_max": Limit(value=2, source="PermenPANRB 4/2025 Ps. 13(1)"),
        "notice_days_min": Limit(value=1, source="Ketentuan instansi"),
        "horizon_days_max": Limit(value=60, source="Ketentuan instansi"),
        "measurable_position": Demand(value=True, source="Kriteria MKD"),
        "no_public_contact": Demand(value=True, source="Kriteria MKD"),
        "verified_share_min_percent": Limit(value=100, source="Ketentuan instansi"),
        "calendar": WorkCalendar(weekdays=(1, 2, 3, 4, 5), country="ID", source="Perpres 21/2023 Ps. 3"),
    }
    return PolicyPublished(**fields | changed)


def heard(publisher: Publisher, event: Event, n: int, at: datetime = NOON) -> ReceivedEvent:
    """An event as a consumer hears it."""
    return ReceivedEvent(
        event=event,
        id=f"{publisher.name}-{event.subject}-{n}",
        type=publisher.type_of(event),
        source=publisher.source("tests"),
        n=n,
        time=at,
        trace="",
        place=f"{publisher.topic}/0/{n}",
    )


def absence(first: date, last: date, kind: AbsenceKind = AbsenceKind.LEAVE, whose: str = ANI) -> AbsenceRecorded:
    """Somebody is away from a day to a day, both included."""
    terms = AbsenceTerms(effective_from=first, ends_on=last, kind=kind)
    return AbsenceRecorded(absence_id=f"abs-{whose[-4:]}-{first:%m%d}", employee_id=whose, history=(terms,))


def mandate(acting_id: str, for_id: str, first: date, last: date, kind: ActingKind = ActingKind.PLH) -> ActingRecorded:
    """Somebody acts for another from a day to a day, both included."""
    terms = ActingTerms(effective_from=first, ends_on=last, kind=kind, for_id=for_id, acting_id=acting_id)
    return ActingRecorded(acting_assignment_id=f"act-{acting_id[-8:]}", history=(terms,))


def absences(
    *terms: tuple[date, date], employee_id: str = ANI, kind: AbsenceKind = AbsenceKind.LEAVE
) -> AbsenceRecorded:
    """Somebody is absent from a day to a day, both included; further terms hold from their own day on."""
    history = tuple(AbsenceTerms(effective_from=first, ends_on=last, kind=kind) for first, last in terms)
    return AbsenceRecorded(absence_id=f"abs-{employee_id[-8:]}", employee_id=employee_id, history=history)


def message(publisher: Publisher, event: Event, n: int = 1, prefix: str = "", instance: str = "tests") -> Message:
    """An event as its publisher sends it, to tell services what nobody in the test could."""
    type_, source = publisher.type_of(event), publisher.source(instance)
    about: dict[str, Any] = {"subject": event.subject, "n": n, "time": NOON, "trace": ""}
    headers = cloudevents.headers(type_, id_=f"{event.subject}-{n}", source=source, **about)
    return Message(f"{prefix}{publisher.topic}", event.key.encode(), event.model_dump_json().encode(), headers)
