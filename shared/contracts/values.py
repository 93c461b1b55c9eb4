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
    """Kind of a place of work (PermenPANRB 4/2025 Ps. 11-12): `office`, the usual place at other hours; `residence`;
    `another_office`; `other_place`."""

    OFFICE = "office"
    RESIDENCE = "residence"
    ANOTHER_OFFICE = "another_office"
    OTHER_PLACE = "other_place"


Days = Annotated[tuple[date, ...], Field(min_length=1, max_length=62)]


class Place(Fact):
    """A place of work."""

    category: PlaceCategory
    """Kind of the place."""

    round_trip_km: Kilometres | None = None
    """Round trip from home in kilometres, with at most 2 decimals; null for `office` and `residence`."""

    @property
    def away(self) -> bool:
        """Whether the day is worked away from one's own office, which is what location quotas count."""
        return self.category is not PlaceCategory.OFFICE


class TimeWindow(Fact):
    """The hours of a day's work in the local time of the unit. A window that ends before it starts ends on the next
    day."""

    starts: time
    """Start, local time without an offset."""

    ends: time
    """End, local time without an offset."""


class AgreedOutput(Fact):
    """One measurable target agreed for one day."""

    output_id: Identifier
    """Id of the output."""

    day: date
    """Day for which it is agreed."""

    target_quantity: Quantity
    """Quantity to reach, in what `measure` names; a decimal with at most 3 places."""

    measure: Measure
    """Code of what is counted such as `document` or `percent`."""

    title_text_id: TextId
    """Id of its title, a free text that the publisher keeps."""


class RequestEvent(Event):
    """What every workflow event says: which request, and whose. All of one employee's keep their order."""

    keyed_by = "employee_id"
    about = "request_id"

    request_id: RequestId
    """The request that the event is about."""

    employee_id: EmployeeId
    """The employee whose request it is; the key by which events are ordered."""


class WorkEvent(RequestEvent):
    """Days, place and outputs that are asked for, and later agreed."""

    unit_id: Identifier
    """Unit of the employee on the first day."""

    time_zone: TimeZoneName
    """IANA time zone of the unit on the first day, in which its days begin and end."""

    days: Days
    """Days, in order."""

    place: Place
    """Place of work on all days."""

    outputs: Annotated[tuple[AgreedOutput, ...], Field(min_length=1, max_length=200)]
    """Outputs agreed for the days; each day has at least one."""

    verified_share_min_percent: Percent = 100
    """Share of a day's outputs, in percent, that must be verified for the day to count as realised."""

    quantity_counts: bool = False
    """True if that share is of the agreed quantities, and not of the number of outputs."""
