"""What a row of each sheet holds. Pure."""

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from shared.contracts.organisation import Commute, EmployeeTerms, Fuel, PositionTerms, Role, UnitTerms, Vehicle
from shared.contracts.values import Kilometres, KilometresPerLitre

YES_NO = {"ya": True, "yes": True, "true": True, "1": True, "tidak": False, "no": False, "false": False, "0": False}


class SheetKind(StrEnum):
    """What a sheet lists."""

    UNITS = "units"
    POSITIONS = "positions"
    EMPLOYEES = "employees"


def _nip(text: str) -> str:
    """18 digits: birth date, month of appointment, sex, sequence (BKN)."""
    if not re.fullmatch(r"[0-9]{14}[12][0-9]{3}", text):
        raise PydanticCustomError("nip-shape", "a NIP has 18 digits, the 15th being 1 or 2")
    try:
        date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        raise PydanticCustomError("nip-birth-date", "a NIP begins with a birth date, YYYYMMDD") from None
    return text


def _zone(text: str) -> str:
    if text not in available_timezones():
        raise PydanticCustomError("unknown-zone", "not a time zone name")
    return text


def _empty_is_none(cell: Any) -> Any:
    return None if cell == "" else cell


YesNo = Annotated[bool, BeforeValidator(lambda cell: YES_NO.get(str(cell).strip().lower(), cell))]
Nip = Annotated[str, AfterValidator(_nip)]
Code = Annotated[str, Field(min_length=1, max_length=60)]
Text = Annotated[str, Field(min_length=1, max_length=200)]
OrNone = BeforeValidator(_empty_is_none)


class Row(BaseModel):
    """A row of any sheet: from this day on, this stands so."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, allow_inf_nan=False)

    effective_from: date


class UnitRow(Row):
    """A unit and its time zone (WIB Asia/Jakarta, WITA Asia/Makassar, WIT Asia/Jayapura)."""

    unit_code: Code
    name: Text
    time_zone: Annotated[str, AfterValidator(_zone)] = "Asia/Jakarta"

    def terms(self) -> UnitTerms:
        return UnitTerms(effective_from=self.effective_from, name=self.name, time_zone=self.time_zone)


class PositionRow(Row):
    """A position and the two criteria: performance that can be measured, and contact with the public."""

    position_code: Code
    measurable: YesNo
    public_contact: YesNo

    def terms(self) -> PositionTerms:
        return PositionTerms(
            effective_from=self.effective_from, measurable=self.measurable, public_contact=self.public_contact
        )


class EmployeeRow(Row):
    """An employee: who they are, where they stand, what they may do, and how they come to work."""

    nip: Nip
    name: Text
    subject: Text
    unit_code: Code
    position_code: Code
    superior_nip: Annotated[Nip | None, OrNone] = None
    active: YesNo = True
    roles: Annotated[tuple[Role, ...], BeforeValidator(lambda cell: tuple(str(cell).split()))] = ()
    round_trip_km: Annotated[Kilometres | None, OrNone] = None
    vehicle: Annotated[Vehicle | None, OrNone] = None
    fuel: Annotated[Fuel | None, OrNone] = None
    km_per_litre: Annotated[KilometresPerLitre | None, OrNone] = None
    occupants: Annotated[int, Field(ge=1, le=60)] = 1

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

    def terms(self, unit_id: str, position_id: str, superior_id: str | None) -> EmployeeTerms:
        return EmployeeTerms(
            effective_from=self.effective_from,
            active=self.active,
            unit_id=unit_id,
            position_id=position_id,
            superior_id=superior_id,
            roles=self.roles,
            commute=self.commute(),
        )


ROWS: Mapping[SheetKind, type[Row]] = {
    SheetKind.UNITS: UnitRow,
    SheetKind.POSITIONS: PositionRow,
    SheetKind.EMPLOYEES: EmployeeRow,
}
