"""What a row of each sheet holds, and the terms that it stands for. Pure."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from services.organisation.row.model import (
    AbsenceKindCell,
    ActingKindCell,
    Code,
    Day,
    FuelCell,
    GradeCell,
    Nip,
    Person,
    Reason,
    Roles,
    Subject,
    Text,
    TimeZone,
    UnitKindCell,
    VehicleCell,
    YesNo,
    Zone,
)
from shared.contracts import organisation
from shared.contracts.organisation import (
    AbsenceTerms,
    ActingTerms,
    Commute,
    EmployeeTerms,
    PositionTerms,
    Seat,
    UnitKind,
    UnitTerms,
)
from shared.contracts.values import Kilometres, KilometresPerLitre, TariffClass

Ids = Mapping[str, str]
"""The id behind each key: `unit:`, `pos:`, `bld:`, `act:` or `abs:` and a code, `emp:` and a NIP or an employee id."""


def key_of(kind: "type[Row]", code: str) -> str:
    """What something is looked up by: the kind of its rows, and its code, or an employee's NIP or id."""
    return f"{kind.prefix}:{code}"


def is_of(kind: "type[Row]", key: str) -> bool:
    """Whether a key is one of such rows."""
    return key.startswith(key_of(kind, ""))


KilowattHours = Annotated[Decimal, Field(ge=0, le=10**9, max_digits=13, decimal_places=3)]


class SheetKind(StrEnum):
    """Kind of a sheet: `units`, `buildings`, `positions`, `employees`, `acting` (mandates) or `absences`."""

    UNITS = "units"
    BUILDINGS = "buildings"
    POSITIONS = "positions"
    EMPLOYEES = "employees"
    ACTING = "acting"
    ABSENCES = "absences"


class Row(BaseModel):
    """A row of any sheet: from this day on, this stands so. `named_by` is the column of its code, `numbers` are those
    that hold numbers with a decimal sign."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, allow_inf_nan=False)
    prefix: ClassVar[str]
    named_by: ClassVar[str]
    numbers: ClassVar[frozenset[str]] = frozenset()

    effective_from: Day

    @property
    def code(self) -> str:
        return str(getattr(self, self.named_by))

    @property
    def key(self) -> str:
        return key_of(type(self), self.code)

    def mentions(self) -> Iterator[tuple[str, str]]:
        """The keys of what the row names besides its own, each with its column."""
        yield from ()


class UnitRow(Row):
    """A unit: its time zone, what it belongs to, where it sits, and what is true of its people."""

    prefix = "unit"
    named_by = "unit_code"

    unit_code: Code
    name: Text
    time_zone: TimeZone = "Asia/Jakarta"
    kind: UnitKindCell = UnitKind.AGENCY_UNIT
    parent_code: Code | None = None
    building_code: Code | None = None
    zone: Zone | None = None
    meal_allowance_by_attendance: YesNo = False
    public_facing: YesNo = False

    def mentions(self) -> Iterator[tuple[str, str]]:
        if self.parent_code:
            yield "parent_code", key_of(UnitRow, self.parent_code)
        if self.building_code:
            yield "building_code", key_of(BuildingRow, self.building_code)

    def terms(self, ids: Ids) -> UnitTerms:
        seat = None
        if self.building_code and self.zone:
            seat = Seat(building_id=ids[key_of(BuildingRow, self.building_code)], zone=self.zone)
        return UnitTerms(
            effective_from=self.effective_from,
            name=self.name,
            time_zone=self.time_zone,
            kind=self.kind,
            parent_id=ids[key_of(UnitRow, self.parent_code)] if self.parent_code else None,
            seat=seat,
            meal_allowance_by_attendance=self.meal_allowance_by_attendance,
            public_facing=self.public_facing,
        )


class BuildingRow(Row):
    """One zone of a building as surveyed; what the building itself draws stands in each of its rows alike."""

    prefix = "bld"
    named_by = "building_code"
    numbers = frozenset({"base_kwh", "per_head_kwh", "zone_load_kwh"})

    building_code: Code
    name: Text
    base_kwh: KilowattHours
    per_head_kwh: KilowattHours
    tariff_class: TariffClass
    zone: Zone
    zone_load_kwh: KilowattHours

    def zone_terms(self) -> organisation.Zone:
        return organisation.Zone(zone=self.zone, load_watt_hours=watt_hours(self.zone_load_kwh))


class PositionRow(Row):
    """A position and the two criteria: performance that can be measured, and contact with the public. Without either
    the position is known and not assessed, and so does not qualify."""

    prefix = "pos"
    named_by = "position_code"

    position_code: Code
    measurable: YesNo | None = None
    public_contact: YesNo | None = None
    assessed_by_nip: Person | None = None
    assessed_on: Day | None = None
    reason: Reason | None = None

    @property
    def assessed(self) -> bool:
        return self.measurable is not None and self.public_contact is not None

    def mentions(self) -> Iterator[tuple[str, str]]:
        if self.assessed_by_nip:
            yield "assessed_by_nip", key_of(EmployeeRow, self.assessed_by_nip)

    def terms(self, ids: Ids, reason_text_id: str | None) -> PositionTerms:
        assert self.measurable is not None
        assert self.public_contact is not None
        return PositionTerms(
            effective_from=self.effective_from,
            measurable=self.measurable,
            public_contact=self.public_contact,
            assessed_by=ids[key_of(EmployeeRow, self.assessed_by_nip)] if self.assessed_by_nip else None,
            assessed_on=self.assessed_on,
            reason_text_id=reason_text_id,
        )


class EmployeeRow(Row):
    """An employee: who they are, where they stand, what they may do, and how they come to work."""

    prefix = "emp"
    named_by = "nip"
    numbers = frozenset({"round_trip_km", "km_per_litre"})

    nip: Nip
    name: Text
    subject: Subject
    unit_code: Code
    position_code: Code
    superior_nip: Person | None = None
    active: YesNo = True
    grade: GradeCell | None = None
    roles: Roles = ()
    round_trip_km: Kilometres | None = None
    vehicle: VehicleCell | None = None
    fuel: FuelCell | None = None
    km_per_litre: KilometresPerLitre | None = None
    occupants: Annotated[int, Field(ge=1, le=60)] = 1

    def mentions(self) -> Iterator[tuple[str, str]]:
        yield "unit_code", key_of(UnitRow, self.unit_code)
        yield "position_code", key_of(PositionRow, self.position_code)
        if self.superior_nip:
            yield "superior_nip", key_of(EmployeeRow, self.superior_nip)

    def commute(self) -> Commute | None:
        if self.round_trip_km is None or self.vehicle is None:
            return None
        return Commute(
            round_trip_km=self.round_trip_km,
            vehicle=self.vehicle,
            fuel=self.fuel,
            km_per_litre=self.km_per_litre,
            occupants=self.occupants,
        )

    def terms(self, ids: Ids) -> EmployeeTerms:
        return EmployeeTerms(
            effective_from=self.effective_from,
            active=self.active,
            unit_id=ids[key_of(UnitRow, self.unit_code)],
            position_id=ids[key_of(PositionRow, self.position_code)],
            superior_id=ids[key_of(EmployeeRow, self.superior_nip)] if self.superior_nip else None,
            roles=self.roles,
            commute=self.commute(),
            grade=self.grade,
        )


class ActingRow(Row):
    """A mandate: who acts for whom, as Plh or Plt, and until when. A day before the first ends the mandate."""

    prefix = "act"
    named_by = "acting_code"

    acting_code: Code
    kind: ActingKindCell
    for_nip: Person
    acting_nip: Person
    ends_on: Day

    def mentions(self) -> Iterator[tuple[str, str]]:
        yield "for_nip", key_of(EmployeeRow, self.for_nip)
        yield "acting_nip", key_of(EmployeeRow, self.acting_nip)

    def terms(self, ids: Ids) -> ActingTerms:
        return ActingTerms(
            effective_from=self.effective_from,
            ends_on=self.ends_on,
            kind=self.kind,
            for_id=ids[key_of(EmployeeRow, self.for_nip)],
            acting_id=ids[key_of(EmployeeRow, self.acting_nip)],
        )


class AbsenceRow(Row):
    """Leave or an official trip: whose, which of the two, and until when. A day before the first cancels it."""

    prefix = "abs"
    named_by = "absence_code"

    absence_code: Code
    nip: Person
    kind: AbsenceKindCell
    ends_on: Day

    def mentions(self) -> Iterator[tuple[str, str]]:
        yield "nip", key_of(EmployeeRow, self.nip)

    def terms(self, _: Ids) -> AbsenceTerms:
        return AbsenceTerms(effective_from=self.effective_from, ends_on=self.ends_on, kind=self.kind)


ROWS: Mapping[SheetKind, type[Row]] = {
    SheetKind.UNITS: UnitRow,
    SheetKind.BUILDINGS: BuildingRow,
    SheetKind.POSITIONS: PositionRow,
    SheetKind.EMPLOYEES: EmployeeRow,
    SheetKind.ACTING: ActingRow,
    SheetKind.ABSENCES: AbsenceRow,
}


def columns(kind: SheetKind) -> tuple[str, ...]:
    """The columns of a sheet, in the order in which they are exported."""
    named = [name for name in ROWS[kind].model_fields if name != "effective_from"]
    at = named.index("ends_on") if "ends_on" in named else len(named)
    return (*named[:at], "effective_from", *named[at:])


def optional(kind: SheetKind) -> frozenset[str]:
    """The columns that a sheet need not have."""
    return frozenset(name for name, about in ROWS[kind].model_fields.items() if not about.is_required())


def watt_hours(kwh: Decimal) -> int:
    """Kilowatt hours with at most three places are whole watt hours."""
    return int(kwh * 1000)
