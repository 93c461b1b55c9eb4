"""How outputs are agreed on, wherever somebody sends them: what is to be achieved on which day."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from shared.contracts.values import AgreedOutput, Measure, Quantity
from shared.kit.base.ids import new_id
from shared.kit.web.bodies import Body
from shared.kit.web.fields import Day, Prose


class OutputBody(Body):
    """A measurable target for one day."""

    day: Day
    """Day on which it is to be reached."""

    title: Prose
    """Deliverable, in the employee's words; 1 to 2,000 characters."""

    target_quantity: Annotated[Quantity, Field(gt=0)]
    """Quantity to reach, above 0, in what `measure` names; at most 12 digits, 3 of them decimal."""

    measure: Measure
    """Code of what is counted such as `document` or `percent`."""


def agree(bodies: Sequence[OutputBody]) -> tuple[tuple[AgreedOutput, ...], dict[str, str]]:
    """The outputs, which name their titles by id, and the titles."""
    titles = {new_id("txt"): body.title for body in bodies}
    outputs = tuple(
        AgreedOutput(
            output_id=new_id("out"),
            day=body.day,
            target_quantity=body.target_quantity,
            measure=body.measure,
            title_text_id=text_id,
        )
        for body, text_id in zip(bodies, titles, strict=True)
    )
    return outputs, titles
