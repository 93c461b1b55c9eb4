"""From a form to the body of a request."""

from services.portal.access import Form
from services.portal.request.model import DISTANT, MEASURES, PLACES, Line, Typed


def typed(form: Form) -> Typed:
    """What was typed, as it was typed."""
    asked = frozenset(form.many("day"))
    return Typed(
        lines=tuple(
            Line(
                day=day,
                is_asked=day in asked,
                title=form.one(f"title-{day}"),
                quantity=form.one(f"quantity-{day}"),
                measure=form.one(f"measure-{day}") or MEASURES[0],
            )
            for day in dict.fromkeys((*form.many("offered"), *form.many("day")))
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
        "days": [line.day for line in typed.asked],
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
