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
    """Vehicle of a commute. Only `motorcycle` and `car` burn the fuel that is counted."""

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
    """Role beyond one's own records: `organisation_admin`, `personnel_agency` or `analyst`. The relation of a superior
    to an employee is no role."""

    ORGANISATION_ADMIN = "organisation_admin"
    PERSONNEL_AGENCY = "personnel_agency"
    ANALYST = "analyst"


class Commute(Fact):
    """The usual way to the office and back, as surveyed before taking part."""

    round_trip_km: Kilometres
    """Round trip from home to the office in kilometres, with at most 2 decimals."""

    vehicle: Vehicle
    """Vehicle with which it is made."""

    fuel: Fuel | None = None
    """Fuel of the vehicle; null for the factor set's default."""

    km_per_litre: KilometresPerLitre | None = None
    """Consumption that the employee stated, in kilometres per litre; null for the factor set's default."""

    occupants: Annotated[int, Field(ge=1, le=60)] = 1
    """People who ride in the vehicle and share its fuel."""


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
    """Place where a unit sits: one zone of one building."""

    building_id: Identifier
    """The building."""

    zone: ZoneCode
    """Code of the zone within it."""


class UnitTerms(Fact):
    """A unit as it stands from a day on."""

    effective_from: date
    """First day on which these terms are in force."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    """Name of the unit."""

    time_zone: TimeZoneName
    """IANA time zone of the unit."""

    kind: UnitKind = UnitKind.AGENCY_UNIT
    """True if it is an agency unit or a part of one."""

    parent_id: Identifier | None = None
    """Unit of which it is a part; null for none."""

    seat: Seat | None = None
    """Seat of the unit; null if that is not on record."""

    meal_allowance_by_attendance: bool = False
    """True if the meal allowance of a day is paid for attendance, and so not for a day away."""

    public_facing: bool = False
    """True if the unit serves the public directly."""


class Zone(Fact):
    """A part of a building that can be switched off alone."""

    zone: ZoneCode
    """Code of the zone, unique within the building."""

    load_watt_hours: WattHours
    """Electricity that it draws on a working day when open, in watt hours."""


class BuildingTerms(Fact):
    """A building as surveyed from a day on."""

    effective_from: date
    """First day on which this survey holds."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    """Name of the building."""

    base_watt_hours: WattHours
    """Electricity drawn on a working day when all zones are closed, in watt hours."""

    per_head_watt_hours: WattHours
    """Electricity added on a working day by each person present, in watt hours."""

    tariff_class: TariffClass
    """Tariff class of the electricity company, such as `P-1/TR`."""

    zones: Annotated[tuple[Zone, ...], Field(min_length=1, max_length=200)]
    """All zones of the building."""


class PositionTerms(Fact):
    """Assessment of a position by the two MKD criteria, from a day on. A position needs one to qualify."""

    effective_from: date
    """First day on which this assessment holds."""

    measurable: bool
    """True if the position has a clear measure of performance."""

    public_contact: bool
    """True if the position has direct contact with the public."""

    assessed_by: EmployeeId | None = None
    """Employee who assessed it, by id; null if that is not on record."""

    assessed_on: date | None = None
    """Day of the assessment; null if that is not on record."""

    reason_text_id: TextId | None = None
    """Id of the reason, a free text that the publisher keeps; null for none."""


class EmployeeTerms(Fact):
    """Terms of an employee from a day on."""

    effective_from: date
    """First day on which these terms are in force."""

    active: bool
    """True if the employee is in service."""

    unit_id: Identifier
    """Unit to which they belong."""

    position_id: Identifier
    """Position that they hold."""

    superior_id: EmployeeId | None = None
    """Direct superior, by employee id; null for none."""

    roles: tuple[Role, ...] = ()
    """Roles on the platform."""

    commute: Commute | None = None
    """Usual commute; null if it was not surveyed."""

    grade: Grade | None = None
    """Group of the pay grade (golongan); null if it is not on record."""


class Identity(Fact):
    """Person for whom a token speaks."""

    iss: Annotated[str, StringConstraints(max_length=300)]
    """Issuer of the token."""

    sub: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    """Opaque subject at that issuer."""


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
    """The unit."""

    history: Annotated[tuple[UnitTerms, ...], Field(min_length=1)]
    """Every version of its terms, in order of `effective_from`."""


class PositionRecorded(Event):
    """A position was added or assessed anew."""

    keyed_by = about = "position_id"

    position_id: Identifier
    """The position."""

    history: Annotated[tuple[PositionTerms, ...], Field(min_length=1)]
    """Every version of its assessment, in order of `effective_from`."""


class EmployeeRecorded(Event):
    """An employee was added, moved, or corrected."""

    keyed_by = about = "employee_id"

    employee_id: EmployeeId
    """The employee."""

    identity: Identity
    """Person for whom a token speaks that is this employee's."""

    history: Annotated[tuple[EmployeeTerms, ...], Field(min_length=1)]
    """Every version of their terms, in order of `effective_from`."""


class BuildingRecorded(Event):
    """A building was added or surveyed anew."""

    keyed_by = about = "building_id"

    building_id: Identifier
    """The building."""

    history: Annotated[tuple[BuildingTerms, ...], Field(min_length=1)]
    """Every survey, in order of `effective_from`."""


class ActingKind(StrEnum):
    """Kind of a mandate: `plh` while the incumbent is absent, `plt` while the post is vacant (UU 30/2014 Ps. 14)."""

    PLH = "plh"
    PLT = "plt"


class ActingTerms(Fact):
    """A mandate from a day on: the acting official decides in the place of another."""

    effective_from: date
    """First day of the mandate, or of its change."""

    ends_on: date
    """Last day, included; a day before `effective_from` ends the mandate."""

    kind: ActingKind
    """Kind of the mandate."""

    for_id: EmployeeId
    """Official who is stood in for, by employee id."""

    acting_id: EmployeeId
    """Official who acts, by employee id."""


class ActingRecorded(Event):
    """Somebody was given the mandate to act for another, or it was changed."""

    keyed_by = about = "acting_assignment_id"

    acting_assignment_id: Identifier
    """The mandate."""

    history: Annotated[tuple[ActingTerms, ...], Field(min_length=1)]
    """Every version of its terms, in order of `effective_from`."""


class AbsenceKind(StrEnum):
    """Kind of an absence: `leave` of any kind (cuti), or an `official_trip` (dinas luar)."""

    LEAVE = "leave"
    OFFICIAL_TRIP = "official_trip"


class AbsenceTerms(Fact):
    """An absence from a day on."""

    effective_from: date
    """First day of the absence, or of its change."""

    ends_on: date
    """Last day, included; a day before `effective_from` cancels the absence."""

    kind: AbsenceKind
    """Kind of the absence."""


class AbsenceRecorded(Event):
    """Somebody is on leave or on an official trip for some days, or that was changed. Why is not said: it may be
    illness. Keyed by the employee, so that a reader hears it in one order with that employee's days."""

    keyed_by = "employee_id"
    about = "absence_id"

    absence_id: Identifier
    """The absence."""

    employee_id: EmployeeId
    """The employee who is absent; the key by which events are ordered."""

    history: Annotated[tuple[AbsenceTerms, ...], Field(min_length=1)]
    """Every version of its terms, in order of `effective_from`."""


def absent_on(absences: Sequence[AbsenceRecorded], day: date) -> AbsenceKind | None:
    """Why somebody is absent on a day, by their absences; nothing where none of them holds."""
    found = [terms for absence in absences if (terms := as_of(absence.history, day)) and day <= terms.ends_on]
    return min((terms.kind for terms in found), default=None)


class PersonErased(Event):
    """Somebody's personal data are to be erased wherever they are kept: name, NIP and free text. What they did and what
    it saved stays, under an id that no longer leads to them (UU 27/2022)."""

    keyed_by = about = "erasure_id"

    erasure_id: Identifier
    """Id of the erasure."""

    employee_id: EmployeeId
    """The employee whose personal data are to be erased."""

    reason_text_id: TextId | None = None
    """Id of the reason, a free text that the publisher keeps; null for none."""


class FigureKind(StrEnum):
    """Kind of figures that a service account reads: `savings` of units and of the instance with the factors behind
    them, or results of `performance`."""

    SAVINGS = "savings"
    PERFORMANCE = "performance"


class AccountTerms(Fact):
    """Scope of a service account from a day on."""

    effective_from: date
    """First day on which it may, or on which that was changed."""

    ends_on: date
    """Last day, included; a day before `effective_from` ends the account."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    """Name of the program that reads, such as that of a dashboard; never a person's."""

    figures: Annotated[tuple[FigureKind, ...], Field(min_length=1, max_length=2)]
    """Kinds of figures that it reads."""

    unit_ids: Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=100)] | None = None
    """Units whose figures it reads; null for all units and their sums."""

    with_parts: bool = True
    """True if it reads the figures of all parts of those units too, as they are parts on the day of the call."""


class AccountRecorded(Event):
    """A program was allowed to read figures with tokens of its own, or that was changed or ended."""

    keyed_by = about = "account_id"

    account_id: Identifier
    """The service account."""

    identity: Identity
    """Program for which a token speaks, by issuer and subject."""

    history: Annotated[tuple[AccountTerms, ...], Field(min_length=1)]
    """Every version of its terms, in order of `effective_from`."""

    def on(self, day: date) -> AccountTerms | None:
        """What the account may read on a day; none before it begins and once it has ended."""
        terms = as_of(self.history, day)
        return terms if terms and day <= terms.ends_on else None


EVENTS: tuple[type[Event], ...] = (
    UnitRecorded,
    PositionRecorded,
    EmployeeRecorded,
    BuildingRecorded,
    ActingRecorded,
    AbsenceRecorded,
    PersonErased,
    AccountRecorded,
)
PUBLISHER = Publisher("organisation", EVENTS, whole=True)
