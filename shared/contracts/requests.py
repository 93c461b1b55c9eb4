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
    """A number that a rule sets."""

    value: Annotated[int, Field(ge=0, le=366)]
    """The number, in the unit that the name of the limit says."""

    source: Source
    """Source of the rule."""


class RequestSubmitted(WorkEvent):
    """A civil servant asked to work at another place or time on some days, for agreed outputs."""

    submitted_on: date
    """Day of submission where the unit is."""

    window: TimeWindow | None = None
    """Hours of work on the days; null for the usual hours."""

    reason_text_id: TextId
    """Id of the reason, a free text that the publisher keeps."""

    policy_id: Identifier
    """Policy by which the request was allowed."""

    away_days_per_week_max: Limit
    """Weekly quota of days away from the office that the request counts against."""

    replaces: RequestId | None = None
    """Request from which this one was changed, if any."""


class RequestWithdrawn(RequestEvent):
    """The employee took the request back, or some of its days."""

    days: Days
    """Days that were taken back."""

    replaced_by: RequestId | None = None
    """Request into which this one was changed, if it was."""


class RequestLapsed(RequestEvent):
    """Nobody decided before the request's first day was over; its days are free again."""

    days: Days
    """Days that are free again."""


class Outcome(StrEnum):
    """Outcome of a request at the superior's desk: `approved`, `rejected` or `revoked`."""

    APPROVED = "approved"
    REJECTED = "rejected"
    REVOKED = "revoked"


class OutcomeRecorded(RequestEvent):
    """The request learnt what the superior decided; days of a rejected or revoked one are free again."""

    outcome: Outcome
    """Decision of the superior."""

    days: Days | None = None
    """Days that were revoked; null for all of them."""


class ReturnRecorded(RequestEvent):
    """The request learnt that the superior sent it back to be changed; until then it holds its days."""


class Demand(Fact):
    """Something that a rule demands or not."""

    value: bool
    """True if it is demanded."""

    source: Source
    """Source of the rule."""


class NamedDay(Fact):
    """A day off that is not among the country's holidays, such as a local one."""

    day: date
    """The day."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    """Name of the day off."""


class WorkCalendar(Fact):
    """Calendar of working days."""

    weekdays: tuple[Annotated[int, Field(ge=1, le=7)], ...]
    """Weekdays that are worked, 1 (Monday) to 7 (Sunday)."""

    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    """Country whose holidays and collective leave are days off, as an ISO 3166 code such as `ID`."""

    extra_days_off: tuple[NamedDay, ...] = ()
    """Further days off."""

    worked_anyway: tuple[date, ...] = ()
    """Holidays that are worked."""

    source: Source
    """Source of the calendar."""


class DailyHours(Fact):
    """Hours that a working day owes."""

    minutes: Minutes
    """Minutes of work owed, breaks not counted."""

    break_minutes: Minutes
    """Length of the break in minutes on days other than Friday."""

    friday_break_minutes: Minutes
    """Length of the break in minutes on Fridays."""

    source: Source
    """Source of the hours."""


class SeasonHours(DailyHours):
    """Hours that a working day owes in a season such as Ramadan."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    """Name of the season."""

    first_day: date
    """First day of the season."""

    last_day: date
    """Last day of the season, included."""

    awaits_decree: bool = False
    """True if the dates are expected and not yet decreed."""


class WorkHours(Fact):
    """The hours that are owed."""

    usual: DailyHours
    """Hours outside of seasons."""

    seasons: Annotated[tuple[SeasonHours, ...], Field(max_length=60)] = ()
    """Hours of seasons, which may not overlap."""


class PolicyPublished(Event):
    """A set of rules for requests, in force from a day until the next one. A request names the set by which it was
    judged."""

    keyed_by = about = "policy_id"

    policy_id: Identifier
    """Id of the policy, chosen by its publisher."""

    corrects: Identifier | None = None
    """Policy of the same day whose place this one takes, if any."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    """Title of the policy."""

    effective_from: date
    """First day on which it is in force."""

    away_days_per_week_max: Limit
    """Most days away from the office in one ISO week."""

    notice_days_min: Limit
    """Fewest days between submission and the first day."""

    horizon_days_max: Limit
    """Most days between submission and the last day."""

    measurable_position: Demand
    """True if the position must have a clear measure of performance."""

    no_public_contact: Demand
    """True if the position must be without direct contact with the public."""

    verified_share_min_percent: Limit
    """Share of a day's outputs, in percent, that must be verified for the day to count; at most 100."""

    quantity_counts: Demand | None = None
    """True if that share is of the agreed quantities; null as if false."""

    shifts: Demand | None = None
    """True if hours of work may go over midnight; null as if false."""

    calendar: WorkCalendar
    """Calendar by which days are worked."""

    hours: WorkHours | None = None
    """Hours that working days owe; null if the policy sets none."""


EVENTS: tuple[type[Event], ...] = (
    RequestSubmitted,
    RequestWithdrawn,
    RequestLapsed,
    OutcomeRecorded,
    ReturnRecorded,
    PolicyPublished,
)
PUBLISHER = Publisher("requests", EVENTS)
