"""What requests answers of policies."""

from datetime import date

from services.portal.person.model import Answered


class Limit(Answered):
    """A number that a rule sets."""

    value: int
    source: str


class Demand(Answered):
    """Whether a rule demands something."""

    value: bool
    source: str


class NamedDay(Answered):
    """A day off of its own."""

    day: date
    name: str


class Calendar(Answered):
    """Which days are worked."""

    weekdays: list[int]
    country: str
    extra_days_off: list[NamedDay]
    worked_anyway: list[date]
    source: str


class Hours(Answered):
    """Hours that a day owes."""

    minutes: int
    break_minutes: int
    friday_break_minutes: int
    source: str


class Season(Hours):
    """Hours of a season."""

    name: str
    first_day: date
    last_day: date
    awaits_decree: bool


class WorkHours(Answered):
    """The hours that are owed."""

    usual: Hours
    seasons: list[Season]


class Policy(Answered):
    """A policy, at requests' `GET /v1/policies`."""

    policy_id: str
    corrects: str | None
    title: str
    effective_from: date
    away_days_per_week_max: Limit
    notice_days_min: Limit
    horizon_days_max: Limit
    measurable_position: Demand
    no_public_contact: Demand
    verified_share_min_percent: Limit
    quantity_counts: Demand | None
    shifts: Demand | None
    calendar: Calendar
    hours: WorkHours | None

    @property
    def key(self) -> str:
        return self.policy_id


class Policies(Answered):
    """All policies."""

    items: list[Policy]
