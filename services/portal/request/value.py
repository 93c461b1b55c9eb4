"""From weeks to days that can be asked for, and from what a service refuses to the fields that it means. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from services.portal.request.model import Choice, Problem, Problems, Typed
from services.portal.today.model import Week
from services.portal.today.value import GONE, iso_week

WEEKS = 3
FREE_AGAIN = GONE | {"returned"}
OF_THE_WHOLE = ""


def weeks(today: date) -> list[str]:
    """The weeks whose days are offered."""
    return [iso_week(today + timedelta(weeks=n)) for n in range(WEEKS)]


def choices(week: Week, today: date) -> list[Choice]:
    """The days of a week that are still to come, without weekends."""
    return [
        Choice(
            day=one.day,
            day_off=one.day_off,
            taken=next((asked.status for asked in one.asked if asked.status not in FREE_AGAIN), None),
        )
        for one in week.days
        if one.day >= today and not (one.day_off and one.day.isoweekday() > 5)
    ]


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


def _of_day(typed: Typed, number: int, what: str) -> str:
    asked = typed.asked
    return f"{what}-{asked[number].day}" if number < len(asked) else "days"
