"""What savings answers of a month."""

from datetime import datetime
from decimal import Decimal

from services.portal.person.model import Answered


class Amount(Answered):
    """An amount as people may read it: at two significant digits."""

    read_low: Decimal
    read_central: Decimal
    read_high: Decimal


class Amounts(Answered):
    """Money, and the quantity in which the category is counted."""

    microlitres: Amount | None = None
    watt_hours: Amount | None = None
    grams_co2e: Amount | None = None
    sen: Amount


class Tags(Answered):
    """What sets figures apart: those that differ in any of it are never added together."""

    category: str
    beneficiary: str
    tier: int
    factor_set_id: str
    scope: int | None
    range: str


class Figures(Tags):
    """Savings of all units together."""

    days: int
    amounts: Amounts


class InstanceMonth(Answered):
    """A month, at savings' `GET /v1/instance-months/{month}`."""

    month: str
    as_of: datetime | None
    figures: list[Figures]
    left_out: dict[str, int]


class UnitMonth(Tags):
    """A unit's month, at savings' `GET /v1/unit-months`."""

    unit_id: str
    unit_name: str
    month: str
    withheld: bool
    people: int | None
    days: int | None
    amounts: Amounts | None
