"""From weeks to days that can be asked for, and from what a service refuses to the fields that it means. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from services.portal.course.model import Followed
from services.portal.request.model import OUTPUTS_MAX, Choice, Line, Problem, Problems, Quota, Typed, Use
from services.portal.today.model import Request, Title, Week
from services.portal.today.value import GONE, iso_week

WEEKS = 3
WEEKS_MAX = 10
EARLIER_MAX = 30
MISSING = "field-invalid"
OF_THE_WHOLE = ""


def weeks(today: date, asked: Iterable[str] = ()) -> list[str]:
    """The weeks whose days are offered: the next ones, and those of days that are asked for."""
    days = (_day(one) for one in asked)
    later = {iso_week(day) for day in days if day and today <= day <= today + timedelta(days=366)}
    near = {iso_week(today + timedelta(weeks=n)) for n in range(WEEKS)}
    return sorted(near | set(sorted(later)[:WEEKS_MAX]))


def choices(week: Week, today: date, changes: str = "") -> list[Choice]:
    """The days of a week that are still to come, without weekends. Those of the request that is changed are free."""
    return [
        Choice(
            day=one.day,
            day_off=one.day_off,
            taken=next(
                (asked.status for asked in one.asked if asked.status not in GONE and asked.request_id != changes), None
            ),
        )
        for one in week.days
        if one.day >= today and not (one.day_off and one.day.isoweekday() > 5)
    ]


def of_request(request: Followed) -> Typed:
    """A request as it would be typed."""
    return Typed(
        lines=tuple(
            line for day in request.left for line in _lines(day.isoformat(), _of(request.outputs, day), is_asked=True)
        ),
        place=request.place.category,
        km=f"{request.place.round_trip_km:f}" if request.place.round_trip_km else "",
        starts=f"{request.window.starts:%H:%M}" if request.window else "",
        ends=f"{request.window.ends:%H:%M}" if request.window else "",
        reason=request.reason,
    )


def like(request: Followed, offered: Sequence[Choice]) -> Typed:
    """A new request like an earlier one: the outputs of its days in turn, for days that are still to be chosen."""
    free = [choice.day.isoformat() for choice in offered if choice.is_free]
    days = [_of(request.outputs, day) for day in request.days]
    lines = (
        line for n, day in enumerate(free) for line in _lines(day, days[n % len(days)] if days else [], is_asked=False)
    )
    return Typed(**{**vars(of_request(request)), "lines": tuple(lines)})


def with_days(days: Iterable[str]) -> Typed:
    """An empty form in which days are chosen."""
    return Typed(lines=tuple(Line(day, is_asked=True) for day in dict.fromkeys(days)))


def earlier(requests: Iterable[Request]) -> list[str]:
    """Titles of outputs that somebody has used, the newest first."""
    titles = dict.fromkeys(output.title for request in requests for output in request.outputs)
    return list(titles)[:EARLIER_MAX]


def uses(weeks: Iterable[Quota], typed: Typed) -> tuple[Use, ...]:
    """The quota of weeks, with the days that the form asks for."""
    asked = [iso_week(day) for day in (_day(day) for day in typed.days) if day]
    counted = asked if typed.place != "office" else []
    return tuple(
        Use(
            monday=date.fromisoformat(f"{one.week}-1"),
            taken=one.taken,
            asked=counted.count(one.week),
            limit=one.limit,
            source=one.source,
        )
        for one in weeks
    )


def is_typed(field: str, typed: Typed) -> bool:
    """Whether there is anything in a field: what is still missing is no fault while somebody types."""
    name, _, of = field.partition("-")
    line = next((one for one in typed.asked if one.name == of), None)
    said = {"reason": typed.reason, "km": typed.km, "starts": typed.starts and typed.ends}
    if line:
        said |= {"title": line.title, "quantity": line.quantity}
    return bool(said.get(name, name != "days" or typed.asked))


def kept(typed: Typed) -> list[list[Choice]]:
    """The days of a form as they were offered, by week, while nothing more is known of them."""
    days = sorted({day for day in (_day(line.day) for line in typed.lines) if day})
    weeks = dict.fromkeys(iso_week(day) for day in days)
    return [[Choice(day, None, None) for day in days if iso_week(day) == week] for week in weeks]


def problems(found: Iterable[Problem]) -> Problems:
    """Each sentence once, in the order in which the services say them."""
    each = tuple(dict.fromkeys(found))
    fields = dict.fromkeys(one.field for one in each)
    return Problems(each, {name: tuple(one for one in each if one.field == name) for name in fields})


def field_of(pointer: str, typed: Typed) -> str:
    """The field of the form that a pointer into the request's body means (RFC 6901)."""
    parts = pointer.split("/")
    match parts:
        case ["", "days", number] if number.isdigit():
            return _of_day(typed, int(number))
        case ["", "days", *_]:
            return "days"
        case ["", "outputs", number, what, *_] if number.isdigit():
            names = {"title": "title", "target_quantity": "quantity", "measure": "quantity"}
            return _of_output(typed, int(number), names.get(what, "title"))
        case ["", "outputs", number] if number.isdigit():
            return _of_output(typed, int(number), "title")
        case ["", "outputs", *_]:
            return "days"
        case ["", "place", "round_trip_km", *_]:
            return "km"
        case ["", "place", *_]:
            return "place"
        case ["", "window", *_]:
            return "starts"
        case ["", "reason", *_]:
            return "reason"
    return OF_THE_WHOLE


def is_shown(field: str, days: Sequence[Choice], fixed: Sequence[str]) -> bool:
    """Whether the form has such a field."""
    return field in fixed or any(one.day.isoformat() in field for one in days)


def _lines(day: str, outputs: Sequence[Title], *, is_asked: bool) -> list[Line]:
    """The lines of a day: one for each output, and an empty one where there is none."""
    found = [
        Line(day, is_asked, output.title, f"{output.target_quantity.normalize():f}", output.measure, number)
        for number, output in enumerate(outputs[:OUTPUTS_MAX], 1)
    ]
    return found or [Line(day, is_asked)]


def _of(outputs: Sequence[Title], day: date) -> list[Title]:
    return [output for output in outputs if output.day == day]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _of_day(typed: Typed, number: int) -> str:
    return f"day-{typed.days[number]}" if number < len(typed.days) else "days"


def _of_output(typed: Typed, number: int, what: str) -> str:
    return f"{what}-{typed.asked[number].name}" if number < len(typed.asked) else "days"
