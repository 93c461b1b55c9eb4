"""From a form to the body of a request."""

from dataclasses import replace

from services.portal.access import Form
from services.portal.request.model import DISTANT, MEASURES, OUTPUTS_MAX, PLACES, Line, Typed


def typed(form: Form) -> Typed:
    """What was typed, as it was typed."""
    asked, named = frozenset(form.many("day")), frozenset(name for name, _ in form.pairs)
    days = dict.fromkeys((*form.many("offered"), *form.many("day")))
    lines = (Line(day, day in asked, number=number) for day in days for number in range(1, OUTPUTS_MAX + 1))
    return Typed(
        lines=tuple(
            replace(
                line,
                title=form.one(f"title-{line.name}"),
                quantity=form.one(f"quantity-{line.name}"),
                measure=form.one(f"measure-{line.name}") or MEASURES[0],
            )
            for line in lines
            if line.number == 1 or f"title-{line.name}" in named
        ),
        place=form.one("place") or PLACES[0],
        km=form.one("km"),
        starts=form.one("starts"),
        ends=form.one("ends"),
        reason=form.one("reason"),
    )


def body_of(typed: Typed) -> dict[str, object]:
    """What requests is sent. Whether it is right is for requests to say."""
    place: dict[str, object] = {"category": typed.place}
    if typed.place in DISTANT or typed.km:
        place["round_trip_km"] = _number(typed.km) or None
    return {
        "days": list(typed.days),
        "window": {"starts": typed.starts, "ends": typed.ends} if typed.starts or typed.ends else None,
        "place": place,
        "outputs": [
            {
                "day": line.day,
                "title": line.title,
                "target_quantity": _number(line.quantity) or "0",
                "measure": line.measure,
            }
            for line in typed.asked
        ],
        "reason": typed.reason,
    }


def _number(text: str) -> str:
    """A number as people write it in Indonesia, for machines."""
    return text.replace(",", ".").replace(" ", "")
