"""The shapes in which service accounts are sent and told. Pure."""

from typing import Annotated

from pydantic import ConfigDict, Field

from services.organisation.row.model import Subject, Text
from shared.contracts.organisation import AccountTerms, FigureKind
from shared.contracts.values import Identifier
from shared.kit.web.bodies import Body
from shared.kit.web.fields import Day
from shared.kit.web.schemas import Schema


class AccountBody(Body):
    """A program that is to read figures."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Dasbor Diskominfo",
                    "subject": "dasbor-diskominfo",
                    "figures": ["savings", "performance"],
                    "unit_ids": ["unit-0199c3a1"],
                    "with_parts": True,
                    "ends_on": "2027-06-30",
                }
            ]
        }
    )

    name: Text
    """Name of the program, such as that of a dashboard; never a person's."""

    subject: Subject
    """Subject of its tokens at the instance's issuer, as `sub` has it."""

    figures: Annotated[list[FigureKind], Field(min_length=1, max_length=2)]
    """Kinds of figures that it reads."""

    unit_ids: Annotated[list[Identifier], Field(min_length=1, max_length=100)] | None = None
    """Units whose figures it reads, by id; all units and their sums if omitted."""

    with_parts: bool = True
    """True if it reads the figures of all parts of those units too."""

    ends_on: Day
    """Last day, included; at most 24 months ahead."""


class Account(Schema):
    """A service account: a program that reads figures with tokens of its own."""

    account_id: str
    """Id of the service account."""

    version: int
    """Version, from 1; the `ETag` for `If-Match`."""

    subject: str
    """Subject of its tokens at the instance's issuer."""

    in_force: bool
    """True if it reads today."""

    history: list[AccountTerms]
    """Its terms, in order of `effective_from`; the last ones hold. Terms that end before they begin have ended it."""
