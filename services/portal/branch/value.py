"""Parts of the tree of units as lines of a table. Pure; nothing is added up here."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from services.portal.branch.model import BranchSum
from services.portal.dashboard.value import Line, by_weight, of_figure, with_bars


@dataclass(frozen=True)
class Asked:
    """A month, a category, and the unit whose parts are shown; none for the top."""

    month: str
    category: str
    unit_id: str = ""

    @property
    def query(self) -> str:
        """The same in an address."""
        unit = {"unit": self.unit_id} if self.unit_id else {}
        return urlencode({"month": self.month, "category": self.category, **unit})

    def of(self, unit_id: str) -> "Asked":
        """The same of another unit."""
        return Asked(self.month, self.category, unit_id)


def lines(parts: Sequence[BranchSum], asked: Asked) -> list[Line]:
    """Parts with the most saved first; those that are withheld altogether last. One that has parts leads to them, and
    another to how its figure came about."""
    return with_bars(by_weight(_line(one, asked) for one in parts))


def _line(one: BranchSum, asked: Asked) -> Line:
    down = f"/dashboard/parts?{asked.of(one.unit_id).query}"
    explained = f"/dashboard/units/{one.unit_id}/{asked.month}" if one.units else ""
    return of_figure(
        one,
        one.unit_name,
        one.days,
        one.amounts,
        link=down if one.has_parts else explained,
        units=one.units,
        left_out=one.withheld if one.units else 0,
    )
