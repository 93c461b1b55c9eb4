"""What is sent to look for people: in a body, since addresses are written into logs."""

from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from shared.kit.web.bodies import Body
from shared.kit.web.fields import Day, clean


class SearchBody(Body):
    """A search for employees: all conditions that are given must hold."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "sari", "limit": 20}, {}]})

    name: (
        Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), AfterValidator(clean)]
        | None
    ) = None
    """Words that the name has in it, in any case and order; at most 100 characters."""

    nip: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,18}$")] | None = None
    """Digits that the NIP begins with."""

    unit_id: Annotated[str, StringConstraints(max_length=60), AfterValidator(clean)] | None = None
    """Unit to which they belong, by id, on the day `on`, or today."""

    position_id: Annotated[str, StringConstraints(max_length=60), AfterValidator(clean)] | None = None
    """Position that they hold, by id, on the day `on`, or today."""

    on: Day | None = None
    """Day on which to look; only the terms in force then are answered, and all terms if omitted."""

    cursor: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]*$", max_length=3000)] | None = None
    """`next_cursor` of the page before, with the same search. It holds a name: keep it out of addresses."""

    limit: Annotated[int, Field(ge=1, le=200)] = 100
    """Most items in a page."""
