"""Events published by `services/organisation`: the reference data, effective-dated.

Every event carries the full history of its entity, so that a lookup as of any day needs only the newest one.
"""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Protocol, TypeVar

from pydantic import Field, StringConstraints

from shared.contracts.event import Event, Fact, Publisher
from shared.contracts.values import (
    EmployeeId,
    Identifier,
    Kilometres,
    KilometresPerLitre,
    TariffClass,
    TextId,
    TimeZoneName,
    WattHours,
    ZoneCode,
)


class Vehicle(StrEnum):
    """What the commute is made with. Only the first two burn the fuel that is counted."""

    MOTORCYCLE = "motorcycle"
    CAR = "car"
    ELECTRIC = "electric"
    TRANSIT = "transit"
    ACTIVE = "active"


class Fuel(StrEnum):
    """The fuels that a factor set has a price for."""

    PERTALITE = "pertalite"
    PERTAMAX = "pertamax"


class Role(StrEnum):
    """What somebody may do beyond their own records; relations (such as superior) are not roles."""

    ORGANISATION_ADMIN = "organisation_admin"
    PERSONNEL_AGENCY = "personnel_agency"
    ANALYST = "analyst"


class Commute(Fact):
    """The usual way to the office and back, as surveyed before taking part.

    `km_per_litre` is empty where the employee did not state it; the factor set's default then holds.
    `occupants` shares one vehicle's fuel among those who ride in it.
    """

    round_trip_km: Kilometres
    vehicle: Vehicle
    fuel: Fuel | None = None
    km_per_litre: KilometresPerLitre | None = None
    occupants: Annotated[int, Field(ge=1, le=60)] = 1


class Grade(StrEnum):
    """The groups of pay grades (golongan) by which daily allowances are set."""

    I = "I"  # noqa: E741
    II = "II"
    III = "III"
    IV = "IV"


class UnitKind(StrEnum):
    """A perangkat daerah (dinas, badan, biro …) or a part of one."""

    AGENCY_UNIT = "agency_unit"
    ORG_UNIT = "org_unit"


class Seat(Fact):
    """Where a unit sits: one zone of one building."""

    building_id: Identifier
    zone: ZoneCode


class UnitTerms(Fact):
    """A unit as it stands from a day on: what it belongs to, where it sits, and what is true of its people.

    `meal_allowance_by_attendance`: a day's meal allowance is paid for being present, and so is not paid for a day away.
    """

    effective_from: date
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    time_zone: TimeZoneName
    kind: UnitKind = UnitKind.AGENCY_UNIT
    parent_id: Identifier | None = None
    seat: Seat | None = None
    meal_allowance_by_attendance: bool = False
    public_facing: bool = False


class Zone(Fact):
    """A part of a building that can be switched off alone, and what it draws on a working day when it is open."""

    zone: ZoneCode
    load_watt_hours: WattHours


class BuildingTerms(Fact):
    """A building as it was surveyed from a day on, by the working day: what it draws when all is closed, what each open
    zone adds, and what each person present adds."""

    effective_from: date
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    base_watt_hours: WattHours
    per_head_watt_hours: WattHours
    tariff_class: TariffClass
    zones: Annotated[tuple[Zone, ...], Field(min_length=1, max_length=200)]


class PositionTerms(Fact):
    """What the two MKD criteria say of a position from a day on, who assessed it, when, and why.

    A position without an assessment does not qualify.
    """

    effective_from: date
    measurable: bool
    public_contact: bool
    assessed_by: EmployeeId | None = None
    assessed_on: date | None = None
    reason_text_id: TextId | None = None


class EmployeeTerms(Fact):
    """Where an employee stands from a day on."""

    effective_from: date
    active: bool
    unit_id: Identifier
    position_id: Identifier
    superior_id: EmployeeId | None = None
    roles: tuple[Role, ...] = ()
    commute: Commute | None = None
    grade: Grade | None = None


class Identity(Fact):
    """Who a token speaks for: the issuer and its opaque subject."""

    iss: Annotated[str, StringConstraints(max_length=300)]
    sub: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class _Dated(Protocol):
    @property
    def effective_from(self) -> date: ...


T = TypeVar("T", bound=_Dated)


def as_of(history: Sequence[T], day: date) -> T | None:
    """The terms in force on a day: the latest that begin on it or before it."""
    return max(
        (terms for terms in history if terms.effective_from <= day), key=lambda t: t.effective_from, default=None
    )


class UnitRecorded(Event):
    """A unit was added or changed."""

    keyed_by = about = "unit_id"

    unit_id: Identifier
    history: Annotated[tuple[UnitTerms, ...], Field(min_length=1)]


class PositionRecorded(Event):
    """A position was added or assessed anew."""

    keyed_by = about = "position_id"

    position_id: Identifier
    history: Annotated[tuple[PositionTerms, ...], Field(min_length=1)]


class EmployeeRecorded(Event):
    """An employee was added, moved, or corrected."""

    keyed_by = about = "employee_id"

    employee_id: EmployeeId
    identity: Identity
    history: Annotated[tuple[EmployeeTerms, ...], Field(min_length=1)]


class BuildingRecorded(Event):
    """A building was added or surveyed anew."""

    keyed_by = about = "building_id"

    building_id: Identifier
    history: Annotated[tuple[BuildingTerms, ...], Field(min_length=1)]


class ActingKind(StrEnum):
    """Who acts: `plh` while the incumbent is absent, `plt` while the post is vacant (UU 30/2014 Ps. 14)."""

    PLH = "plh"
    PLT = "plt"


class ActingTerms(Fact):
    """A mandate from a day on: the acting official decides in the place of the one they stand in for, until `ends_on`
    (included). Terms with `ends_on` before `effective_from` end the mandate."""

    effective_from: date
    ends_on: date
    kind: ActingKind
    for_id: EmployeeId
    acting_id: EmployeeId


class ActingRecorded(Event):
    """Somebody was given the mandate to act for another, or it was changed."""

    keyed_by = about = "acting_assignment_id"

    acting_assignment_id: Identifier
    history: Annotated[tuple[ActingTerms, ...], Field(min_length=1)]


class AbsenceKind(StrEnum):
    """Why somebody does not work their usual day: `leave` of any kind (cuti), or an `official_trip` (dinas luar)."""

    LEAVE = "leave"
    OFFICIAL_TRIP = "official_trip"


class AbsenceTerms(Fact):
    """An absence from a day on, until `ends_on` (included). Terms with `ends_on` before `effective_from` end it."""

    effective_from: date
    ends_on: date
    kind: AbsenceKind


class AbsenceRecorded(Event):
    """Somebody is on leave or on an official trip for some days, or that was changed. Why is not said: it may be
    illness. Keyed by the employee, so that a reader hears it in one order with that employee's days."""

    keyed_by = "employee_id"
    about = "absence_id"

    absence_id: Identifier
    employee_id: EmployeeId
    history: Annotated[tuple[AbsenceTerms, ...], Field(min_length=1)]


def absent_on(absences: Sequence[AbsenceRecorded], day: date) -> AbsenceKind | None:
    """Why somebody is absent on a day, by their absences; nothing where none of them holds."""
    found = [terms for absence in absences if (terms := as_of(absence.history, day)) and day <= terms.ends_on]
    return min((terms.kind for terms in found), default=None)


class PersonErased(Event):
    """Somebody's personal data are to be erased wherever they are kept: name, NIP and free text. What they did and what
    it saved stays, under an id that no longer leads to them (UU 27/2022)."""

    keyed_by = about = "erasure_id"

    erasure_id: Identifier
    employee_id: EmployeeId
    reason_text_id: TextId | None = None


EVENTS: tuple[type[Event], ...] = (
    UnitRecorded,
    PositionRecorded,
    EmployeeRecorded,
    BuildingRecorded,
    ActingRecorded,
    AbsenceRecorded,
    PersonErased,
)
PUBLISHER = Publisher("organisation", EVENTS, whole=True)
