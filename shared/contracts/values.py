"""The words that several contracts use, each with its limits."""

from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from shared.contracts.event import Event, Fact

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,8}-[0-9a-z-]{4,40}$")]
EmployeeId = Identifier
RequestId = Identifier
TextId = Identifier
"""Names free text kept by the publisher, where it can be erased; the text itself never travels."""

TimeZoneName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]+(/[A-Za-z_+\-0-9]+)*$", max_length=64)]
Measure = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z-]{1,31}$")]
"""What an output is counted in: a code such as `document` or `percent`, never free text."""

Quantity = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=3)]
Kilometres = Annotated[Decimal, Field(ge=0, le=2000, max_digits=7, decimal_places=2)]
KilometresPerLitre = Annotated[Decimal, Field(gt=0, le=200, max_digits=6, decimal_places=2)]
WattHours = Annotated[int, Field(ge=0, le=10**12)]
ZoneCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,20}$")]
TariffClass = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9/-]{1,14}$")]
"""The electricity company's tariff class (golongan tarif), such as `P-1/TR`."""

BudgetLine = Annotated[str, StringConstraints(pattern=r"^[0-9](\.[0-9]{1,4}){5}$")]
"""An account of the regional budget (kode rekening, Kepmendagri 050-5889/2021), such as `5.1.02.02.01.0061`."""

Percent = Annotated[int, Field(ge=0, le=100)]
Sen = Annotated[int, Field(ge=-(10**17), le=10**17)]
"""Money: hundredths of a rupiah, always whole."""


class PlaceCategory(StrEnum):
    """Where the work is done (PermenPANRB 4/2025 Ps. 11-12); `office` is the usual place at other hours."""

    OFFICE = "office"
    RESIDENCE = "residence"
    ANOTHER_OFFICE = "another_office"
    OTHER_PLACE = "other_place"


Days = Annotated[tuple[date, ...], Field(min_length=1, max_length=62)]


class Place(Fact):
    """A place of work and, where one travels to it, the round trip from home in kilometres."""

    category: PlaceCategory
    round_trip_km: Kilometres | None = None

    @property
    def away(self) -> bool:
        """Whether the day is worked away from one's own office, which is what location quotas count."""
        return self.category is not PlaceCategory.OFFICE


class TimeWindow(Fact):
    """The hours of a day's work, in the local time of the unit. One that ends before it starts ends on the next day."""

    starts: time
    ends: time


class AgreedOutput(Fact):
    """One measurable target agreed for one day: its quantity, what it is counted in, and the id of its title."""

    output_id: Identifier
    day: date
    target_quantity: Quantity
    measure: Measure
    title_text_id: TextId


class RequestEvent(Event):
    """What every workflow event says: which request, and whose. All of one employee's keep their order."""

    keyed_by = "employee_id"
    about = "request_id"

    request_id: RequestId
    employee_id: EmployeeId


class WorkEvent(RequestEvent):
    """What is asked for, and later agreed: days, place, and outputs with the share that must be verified.

    `quantity_counts`: that share is of the agreed quantities, and not of the number of outputs.
    """

    unit_id: Identifier
    time_zone: TimeZoneName
    days: Days
    place: Place
    outputs: Annotated[tuple[AgreedOutput, ...], Field(min_length=1, max_length=200)]
    verified_share_min_percent: Percent = 100
    quantity_counts: bool = False
