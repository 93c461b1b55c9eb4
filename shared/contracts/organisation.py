"""Events published by `services/organisation`: the reference data, effective-dated.

Every event carries the full history of its entity, so that a lookup as of any day needs only the newest one.
"""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Protocol, TypeVar

from pydantic import Field, StringConstraints

from shared.contracts.event import Event, Fact, Publisher
from shared.contracts.values import EmployeeId, Identifier, Kilometres, KilometresPerLitre, TimeZoneName


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


class UnitTerms(Fact):
    """A unit as it stands from a day on."""

    effective_from: date
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    time_zone: TimeZoneName


class PositionTerms(Fact):
    """What the two MKD criteria say of a position from a day on."""

    effective_from: date
    measurable: bool
    public_contact: bool


class EmployeeTerms(Fact):
    """Where an employee stands from a day on."""

    effective_from: date
    active: bool
    unit_id: Identifier
    position_id: Identifier
    superior_id: EmployeeId | None = None
    roles: tuple[Role, ...] = ()
    commute: Commute | None = None


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


EVENTS: tuple[type[Event], ...] = (UnitRecorded, PositionRecorded, EmployeeRecorded)
PUBLISHER = Publisher("organisation", EVENTS, whole=True)
