"""Months as lines of a table, each with its bar. Pure; nothing is added up here."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.portal.dashboard.model import Figures, Tags, UnitMonth
from services.portal.dashboard.value import Line, of_figure, with_bars
from services.portal.series.model import Series, SeriesMonth
from services.portal.today.value import before

MONTHS = 12
MONTHS_MAX = 36
"""Months that savings tells in one answer."""


@dataclass(frozen=True)
class Table:
    """Figures that may stand on one scale: of one unit or of all, and of one beneficiary and scope."""

    name: str
    beneficiary: str
    scope: int | None
    lines: tuple[Line, ...]


def first_of(last: str, months: int = MONTHS) -> str:
    """The first of so many months."""
    first = last
    for _ in range(months - 1):
        first = before(first)
    return first


def tables(series: Series) -> list[Table]:
    """The months of each kind of figure, in order."""
    found: dict[tuple[str, str, int | None], list[Line]] = {}
    for month in series.months:
        for name, one in _figures(month):
            found.setdefault((name, one.beneficiary, one.scope), []).append(_line(month.month, one))
    return [Table(*about, tuple(with_bars(lines))) for about, lines in found.items()]


def silent(series: Series) -> list[str]:
    """Months of which there is no figure."""
    return [one.month for one in series.months if not one.instance and not one.units]


def tags(series: Series) -> Sequence[Tags]:
    """All figures, to name their sources."""
    return [one for month in series.months for _, one in _figures(month)]


def _figures(month: SeriesMonth) -> list[tuple[str, Figures | UnitMonth]]:
    return [*(("", one) for one in month.instance), *((one.unit_name, one) for one in month.units)]


def _line(month: str, one: Figures | UnitMonth) -> Line:
    if isinstance(one, Figures):
        return of_figure(one, month, one.days, one.amounts)
    link = "" if one.withheld else f"/dashboard/units/{one.unit_id}/{month}"
    return of_figure(one, month, one.days, None if one.withheld else one.amounts, one.people, link)
