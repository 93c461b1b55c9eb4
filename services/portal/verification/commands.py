"""From a form to judgements."""

from collections.abc import Iterable

from services.portal.access import Form
from services.portal.desk.model import APART
from services.portal.verification.model import VERDICTS, Choice


def chosen(values: Iterable[str]) -> dict[str, tuple[str, int]]:
    """Plan and seen version of each box that is ticked, by output. What is no box is left out."""
    named = (one.split(APART) for one in values)
    return {
        parts[1]: (parts[0], int(parts[2]))
        for parts in named
        if len(parts) == 3 and parts[2].isdecimal() and len(parts[2]) < 10
    }


def choice(form: Form) -> Choice:
    """What was chosen."""
    verdict = form.one("verdict")
    return Choice(chosen(form.many("output")), verdict if verdict in VERDICTS else "", form.one("reason"))


def items(choice: Choice) -> list[dict[str, object]]:
    """What performance is sent."""
    reason = {"reason": choice.reason} if choice.verdict == "return" else {}
    return [
        {"request_id": request_id, "output_id": output_id, "version": version, "verdict": choice.verdict, **reason}
        for output_id, (request_id, version) in choice.chosen.items()
    ]
