"""What the services answer of an employee's days."""

from datetime import date
from decimal import Decimal

from services.portal.person.model import Answered


class Place(Answered):
    """Place of work."""

    category: str
    round_trip_km: Decimal | None = None


class Hours(Answered):
    """Hours that a day owes."""

    minutes: int
    season: str | None


class Asked(Answered):
    """A request that has a day."""

    request_id: str
    status: str
    place: Place


class Day(Answered):
    """A day of a week."""

    day: date
    day_off: str | None
    hours: Hours | None
    asked: list[Asked]


class Week(Answered):
    """A week, at requests' `GET /v1/weeks/{iso_week}`."""

    iso_week: str
    working_days: int
    minutes_owed: int | None
    days: list[Day]


class Title(Answered):
    """An output of a request, with its title."""

    output_id: str
    day: date
    title: str
    target_quantity: Decimal
    measure: str


class Request(Answered):
    """A request, at requests' `GET /v1/requests`."""

    request_id: str
    status: str
    days: list[date]
    place: Place
    reason: str
    outputs: list[Title]
    replaced_by: str | None


class Requests(Answered):
    """A page of requests."""

    items: list[Request]


class Case(Answered):
    """Who decided and why, at approvals' `GET /v1/cases/{request_id}`."""

    request_id: str
    reason: str | None


class Summary(Answered):
    """How many cases an inbox has, at approvals' `GET /v1/cases:summary`."""

    counts: dict[str, int]


class Output(Answered):
    """An output of a plan."""

    output_id: str
    day: date
    title: str | None
    target_quantity: Decimal
    measure: str
    progress: str
    quantity: Decimal | None
    reason: str | None


class Plan(Answered):
    """A plan, at performance's `GET /v1/plans`."""

    request_id: str
    version: int
    closed: bool
    days_taken_back: list[date]
    outputs: list[Output]
