"""From a form to reports."""

from collections.abc import Mapping, Sequence

from services.portal.access import Form
from services.portal.report.model import Typed
from services.portal.today.value import Owed


def typed(form: Form, owed: Sequence[Owed]) -> dict[str, Typed]:
    """What was typed, by output."""
    return {
        one.output_id: Typed(
            quantity=form.one(f"quantity-{one.output_id}"),
            note=form.one(f"note-{one.output_id}"),
            link=form.one(f"link-{one.output_id}"),
        )
        for one in owed
    }


def items(said: Mapping[str, Typed], owed: Sequence[Owed], versions: Mapping[str, int]) -> list[dict[str, object]]:
    """What performance is sent, by the versions that were seen."""
    return [
        {
            "request_id": one.request_id,
            "output_id": one.output_id,
            "version": versions.get(one.request_id, one.version),
            "quantity": said[one.output_id].quantity.replace(",", ".") or "0",
            "note": said[one.output_id].note,
            "link": said[one.output_id].link or None,
        }
        for one in owed
        if said[one.output_id].note
    ]


def versions(form: Form) -> dict[str, int]:
    """The versions of plans that were seen when the form was made."""
    named = (one.rpartition(":") for one in form.many("plan"))
    return {request_id: int(version) for request_id, _, version in named if version.isdecimal() and len(version) < 10}
