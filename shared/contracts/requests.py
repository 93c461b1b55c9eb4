"""Events published by `services/requests`."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from shared.contracts.event import Event, Fact, Publisher
from shared.contracts.values import Days, Identifier, RequestEvent, RequestId, TextId, TimeWindow, WorkEvent

Source = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Minutes = Annotated[int, Field(ge=0, le=1440)]


class Limit(Fact):
    """A number that a rule sets, and where the rule comes from."""

    value: Annotated[int, Field(ge=0, le=366)]
    source: Source


class RequestSubmitted(WorkEvent):
    """A civil servant asked to work at another place or time on some days, for agreed outputs.

    `policy_id` names the rules that allowed it; `away_days_per_week_max` is the quota among them that it counts in.
    `replaces` names the request that this one was changed from.
    """

    submitted_on: date
    window: TimeWindow | None = None
    reason_text_id: TextId
    policy_id: Identifier
    away_days_per_week_max: Limit
    replaces: RequestId | None = None


class RequestWithdrawn(RequestEvent):
    """The employee took the request back, or some of its days. `replaced_by` names the one that it was changed into."""

    days: Days
    replaced_by: RequestId | None = None


class RequestLapsed(RequestEvent):
    """Nobody decided before the request's first day was over; its days are free again."""

    days: Days


class Outcome(StrEnum):
    """What became of a request at the superior's desk."""

    APPROVED = "approved"
    REJECTED = "rejected"
    REVOKED = "revoked"


class OutcomeRecorded(RequestEvent):
    """The request learnt what the superior decided; days of a rejected or revoked one are free again. `days` are those
    that were revoked; all of them where it is left out."""

    outcome: Outcome
    days: Days | None = None


class ReturnRecorded(RequestEvent):
    """The request learnt that the superior sent it back to be changed; until then it holds its days."""


class Demand(Fact):
    """Something that a rule asks for or not, and where the rule comes from."""

    value: bool
    source: Source


class NamedDay(Fact):
    """A day off that the calendar library does not know, such as a local holiday."""

    day: date
    name: Annotated[str, StringConstraints(min_length=1, max_length=120)]


class WorkCalendar(Fact):
    """Which days are worked: weekdays (1 = Monday), the country's holidays, and what an instance adds or takes away."""

    weekdays: tuple[Annotated[int, Field(ge=1, le=7)], ...]
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    extra_days_off: tuple[NamedDay, ...] = ()
    worked_anyway: tuple[date, ...] = ()
    source: Source


class DailyHours(Fact):
    """What a working day owes in minutes, the break not counted; how long the break is, on Fridays and otherwise."""

    minutes: Minutes
    break_minutes: Minutes
    friday_break_minutes: Minutes
    source: Source


class SeasonHours(DailyHours):
    """The hours of a season such as Ramadan, from its first day to its last.

    `awaits_decree`: its dates are expected, and not decreed yet.
    """

    name: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    first_day: date
    last_day: date
    awaits_decree: bool = False


class WorkHours(Fact):
    """The hours that are owed: the usual ones, and those of seasons."""

    usual: DailyHours
    seasons: Annotated[tuple[SeasonHours, ...], Field(max_length=60)] = ()


class PolicyPublished(Event):
    """A set of rules for requests, in force from a day until the next one. A decision names the set that it used.

    `corrects` names the policy of the same day that this one takes the place of. `quantity_counts`: the share that must
    be verified is of the agreed quantities. `shifts`: hours may go over midnight.
    """

    keyed_by = about = "policy_id"

    policy_id: Identifier
    corrects: Identifier | None = None
    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    effective_from: date
    away_days_per_week_max: Limit
    notice_days_min: Limit
    horizon_days_max: Limit
    measurable_position: Demand
    no_public_contact: Demand
    verified_share_min_percent: Limit
    quantity_counts: Demand | None = None
    shifts: Demand | None = None
    calendar: WorkCalendar
    hours: WorkHours | None = None


EVENTS: tuple[type[Event], ...] = (
    RequestSubmitted,
    RequestWithdrawn,
    RequestLapsed,
    OutcomeRecorded,
    ReturnRecorded,
    PolicyPublished,
)
PUBLISHER = Publisher("requests", EVENTS)
