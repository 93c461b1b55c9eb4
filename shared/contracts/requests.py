"""Events published by `services/requests`."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from shared.contracts.event import Event, Fact, Publisher
from shared.contracts.values import Days, Identifier, RequestEvent, TextId, TimeWindow, WorkEvent


class Limit(Fact):
    """A number that a rule sets, and where the rule comes from."""

    value: Annotated[int, Field(ge=0, le=366)]
    source: Annotated[str, StringConstraints(min_length=1, max_length=300)]


class RequestSubmitted(WorkEvent):
    """A civil servant asked to work at another place or time on some days, for agreed outputs.

    `policy_id` names the rules that allowed it; `away_days_per_week_max` is the quota among them that it counts in.
    """

    submitted_on: date
    window: TimeWindow | None = None
    reason_text_id: TextId
    policy_id: Identifier
    away_days_per_week_max: Limit


class RequestWithdrawn(RequestEvent):
    """The employee took the request back before its first day."""

    days: Days


class Outcome(StrEnum):
    """What became of a request at the superior's desk."""

    APPROVED = "approved"
    REJECTED = "rejected"
    REVOKED = "revoked"


class OutcomeRecorded(RequestEvent):
    """The request learnt what the superior decided; days of a rejected or revoked one are free again."""

    outcome: Outcome


class Demand(Fact):
    """Something that a rule asks for or not, and where the rule comes from."""

    value: bool
    source: Annotated[str, StringConstraints(min_length=1, max_length=300)]


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
    source: Annotated[str, StringConstraints(min_length=1, max_length=300)]


class PolicyPublished(Event):
    """A set of rules for requests, in force from a day until the next one. A decision names the set that it used."""

    keyed_by = about = "policy_id"

    policy_id: Identifier
    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    effective_from: date
    away_days_per_week_max: Limit
    notice_days_min: Limit
    horizon_days_max: Limit
    measurable_position: Demand
    no_public_contact: Demand
    verified_share_min_percent: Limit
    calendar: WorkCalendar


EVENTS: tuple[type[Event], ...] = (RequestSubmitted, RequestWithdrawn, OutcomeRecorded, PolicyPublished)
PUBLISHER = Publisher("requests", EVENTS)
