"""What an employee owes today. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from services.portal.today.model import Asked, Day, Plan, Request, Week

OWED = frozenset({"agreed", "returned"})
GONE = frozenset({"withdrawn", "rejected", "revoked", "lapsed"})
RECENT_MAX = 5


@dataclass(frozen=True)
class Owed:
    """An output that is to be reported, or reported again."""

    request_id: str
    output_id: str
    version: int
    day: date
    title: str
    target: Decimal
    measure: str
    progress: str
    reason: str | None
    is_late: bool


@dataclass(frozen=True)
class Returned:
    """A request that the superior has given back, and why."""

    request: Request
    reason: str | None


@dataclass(frozen=True)
class Line:
    """A day of the week: at an MKD place, at the office, or off."""

    day: date
    is_today: bool
    day_off: str | None
    minutes: int | None
    season: str | None
    asked: Asked | None


def iso_week(day: date) -> str:
    """The week of a day, as `YYYY-Www`."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def month_of(day: date) -> str:
    return f"{day:%Y-%m}"


def before(month: str) -> str:
    """The month before one."""
    return month_of(date.fromisoformat(f"{month}-01") - timedelta(days=1))


def after(month: str) -> str:
    """The month after one."""
    return month_of(date.fromisoformat(f"{month}-01") + timedelta(days=31))


def owed(plans: Iterable[Plan], requests: Iterable[Request], today: date) -> list[Owed]:
    """What is owed until today, the oldest first. Titles of MKD outputs stand at their requests."""
    titles = {output.output_id: output.title for request in requests for output in request.outputs}
    return sorted(
        (
            Owed(
                request_id=plan.request_id,
                output_id=output.output_id,
                version=plan.version,
                day=output.day,
                title=output.title or titles.get(output.output_id, output.output_id),
                target=output.target_quantity,
                measure=output.measure,
                progress=output.progress,
                reason=output.reason if output.progress == "returned" else None,
                is_late=output.day < today,
            )
            for plan in {plan.request_id: plan for plan in plans}.values()
            if not plan.closed
            for output in plan.outputs
            if output.progress in OWED and output.day <= today and output.day not in plan.days_taken_back
        ),
        key=lambda one: (one.day, one.title),
    )


def returned(requests: Sequence[Request], reasons: Mapping[str, str | None]) -> list[Returned]:
    """Requests that wait for the employee."""
    return [Returned(one, reasons.get(one.request_id)) for one in requests if one.status == "returned"]


def lines(week: Week, today: date) -> list[Line]:
    """The days of a week, each with the request that counts."""
    return [
        Line(
            day=one.day,
            is_today=one.day == today,
            day_off=one.day_off,
            minutes=one.hours.minutes if one.hours else None,
            season=one.hours.season if one.hours else None,
            asked=_counting(one),
        )
        for one in week.days
    ]


def recent(requests: Sequence[Request]) -> Sequence[Request]:
    """The newest requests, but for those that were changed into others."""
    return [one for one in requests if one.replaced_by is None][:RECENT_MAX]


def _counting(day: Day) -> Asked | None:
    return next((one for one in reversed(day.asked) if one.status not in GONE), None)
