"""The shapes of sums along the tree of units."""

from collections.abc import Iterable
from datetime import datetime

from services.savings.branch.model import Branch as Part
from services.savings.ledger.model import Kind
from services.savings.month.document import Amounts, Tags, amounts, flat, tags
from services.savings.series.schemas import Words
from shared.kit.decisions.decider import Document
from shared.kit.web.schemas import Schema
from shared.people.reads import fields, table


class UnitName(Schema):
    """A unit by name."""

    unit_id: str
    """The unit."""

    unit_name: str
    """Name of the unit in the last month that was asked for."""


class BranchSum(Tags):
    """Savings of a part of the tree of units in a month, in one category for one beneficiary."""

    unit_id: str
    """The unit at the head of the part."""

    unit_name: str
    """Name of that unit in that month."""

    has_parts: bool
    """True if the part has parts of its own, which can be asked for by `unit_id`."""

    units: int
    """Number of units that are added up."""

    withheld: int
    """Number of units that are left out, since their figure is withheld."""

    days: int | None
    """Number of days; null if all its units are withheld."""

    amounts: Amounts | None
    """Amounts saved; null if all its units are withheld."""

    warnings: list[str]
    """Names of what was computed with old prices."""


class BranchMonth(Schema):
    """A month of the parts of a unit."""

    month: str
    """The month, as `YYYY-MM`."""

    as_of: datetime | None
    """Moment of publication, in UTC. Null for the personnel agency, which reads current figures, and while nothing of
    the month is published."""

    parts: list[BranchSum]
    """Sums by part, the unit itself first, then by name."""


class Branches(Schema):
    """Savings along the tree of units, month by month."""

    way: list[UnitName]
    """The unit that was asked for, and before it those above it; empty for the top."""

    months: list[BranchMonth]
    """All months that were asked for, in order."""

    words: Words
    """Words for the codes, and units of measure."""


class BranchRow(Schema):
    """A sum as a row of a table."""

    month: str
    """The month, as `YYYY-MM`."""

    as_of: datetime | None
    """Moment of publication, in UTC."""

    part: BranchSum
    """The sum."""


@table("month", "as_of", *fields(BranchSum, "amounts", "warnings"), *flat(None), "warnings")
def branch_row(item: BranchRow) -> Document:
    said = item.part.model_dump(mode="json", exclude={"amounts", "warnings"})
    about = item.model_dump(mode="json", exclude={"part"})
    return about | said | flat(item.part.amounts) | {"warnings": " ".join(item.part.warnings)}


def branch_rows(months: Iterable[BranchMonth]) -> list[BranchRow]:
    """All sums, month by month."""
    return [BranchRow(month=one.month, as_of=one.as_of, part=part) for one in months for part in one.parts]


def branch_sums(part: Part) -> list[BranchSum]:
    """A part's figures, by kind."""
    return [_branch_sum(part, kind) for kind in sorted(part.sums, key=str)]


def _branch_sum(part: Part, kind: Kind) -> BranchSum:
    summed = part.sums[kind]
    return BranchSum.model_validate(
        {
            **tags(summed.of),
            "unit_id": part.unit_id,
            "unit_name": part.name,
            "has_parts": part.has_parts,
            "units": summed.units,
            "withheld": summed.withheld,
            "days": summed.days if summed.units else None,
            "amounts": amounts(summed.amounts) if summed.units else None,
            "warnings": summed.total.warned if summed.units else [],
        }
    )
