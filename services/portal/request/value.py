"""From weeks to days that can be asked for, and from what a service refuses to the fields that it means. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from services.portal.course.model import Followed
from services.portal.request.model import MEASURES, Choice, Line, Problem, Problems, Quota, Typed, Use
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
    first = {day: _first(request.outputs, day) for day in request.left}
    return Typed(
        lines=tuple(_line(day.isoformat(), first[day], is_asked=True) for day in request.left),
        place=request.place.category,
        km=f"{request.place.round_trip_km:f}" if request.place.round_trip_km else "",
        starts=f"{request.window.starts:%H:%M}" if request.window else "",
        ends=f"{request.window.ends:%H:%M}" if request.window else "",
        reason=request.reason,
    )


def like(request: Followed, offered: Sequence[Choice]) -> Typed:
    """A new request like an earlier one: its outputs in turn, for days that are still to be chosen."""
    free = [choice.day.isoformat() for choice in offered if choice.is_free]
    outputs = request.outputs
    lines = tuple(
        _line(day, outputs[n % len(outputs)] if outputs else None, is_asked=False) for n, day in enumerate(free)
    )
    return Typed(**{**vars(of_request(request)), "lines": lines})


def with_days(days: Iterable[str]) -> Typed:
    """An empty form in which days are chosen."""
    return Typed(lines=tuple(_line(day, None, is_asked=True) for day in dict.fromkeys(days)))


def earlier(requests: Iterable[Request]) -> list[str]:
    """Titles of outputs that somebody has used, the newest first."""
    titles = dict.fromkeys(output.title for request in requests for output in request.outputs)
    return list(titles)[:EARLIER_MAX]


def more(request: Followed) -> int:
    """How many outputs a request has that the form has no line for."""
    return len(request.outputs) - len({output.day for output in request.outputs})


def uses(weeks: Iterable[Quota], typed: Typed) -> tuple[Use, ...]:
    """The quota of weeks, with the days that the form asks for."""
    asked = [iso_week(day) for day in (_day(line.day) for line in typed.asked) if day]
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
    name, _, day = field.partition("-")
    line = next((one for one in typed.asked if one.day == day), None)
    said = {"reason": typed.reason, "km": typed.km, "starts": typed.starts and typed.ends}
    if line:
        said |= {"title": line.title, "quantity": line.quantity}
    return bool(said.get(name, name != "days" or typed.asked))


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
            return _of_day(typed, int(number), "day")
        case ["", "days", *_]:
            return "days"
        case ["", "outputs", number, what, *_] if number.isdigit():
            names = {"title": "title", "target_quantity": "quantity", "measure": "quantity"}
            return _of_day(typed, int(number), names.get(what, "day"))
        case ["", "outputs", number] if number.isdigit():
            return _of_day(typed, int(number), "title")
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
    return field in fixed or any(field.endswith(one.day.isoformat()) for one in days)


def _line(day: str, output: Title | None, *, is_asked: bool) -> Line:
    if output is None:
        return Line(day, is_asked, "", "1", MEASURES[0])
    return Line(day, is_asked, output.title, f"{output.target_quantity.normalize():f}", output.measure)


def _first(outputs: Sequence[Title], day: date) -> Title | None:
    return next((output for output in outputs if output.day == day), None)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _of_day(typed: Typed, number: int, what: str) -> str:
    asked = typed.asked
    return f"{what}-{asked[number].day}" if number < len(asked) else "days"
