"""Results as lines of a table. Pure; nothing is added up here but the difference of two means."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from services.portal.results.model import ModeResults, ResultsMonth, ResultsSeries

MKD, OFFICE = "mkd", "office"
PERCENT_PPM = 10_000
TENTH = Decimal("0.1")


@dataclass(frozen=True)
class Side:
    """Results of one mode in a month: outputs, and means in per cent; withheld, or nothing where there was none."""

    outputs: int | None = None
    attainment: Decimal | None = None
    timeliness: Decimal | None = None
    withheld: bool = False


@dataclass(frozen=True)
class Line:
    """A month: MKD, office, and by how many percentage points MKD is above, where both are known."""

    month: str
    mkd: Side
    office: Side
    attainment_more: Decimal | None
    timeliness_more: Decimal | None


def lines(series: ResultsSeries) -> list[Line]:
    """The months of which anything is told."""
    return [_line(month) for month in series.months if month.modes]


def _line(month: ResultsMonth) -> Line:
    sides = _sides(month.modes)
    mkd, office = (sides.get(mode, Side()) for mode in (MKD, OFFICE))
    return Line(
        month.month,
        mkd,
        office,
        _more(mkd.attainment, office.attainment),
        _more(mkd.timeliness, office.timeliness),
    )


def _sides(modes: Iterable[ModeResults]) -> Mapping[str, Side]:
    return {one.mode: _side(one) for one in modes}


def _side(one: ModeResults) -> Side:
    if one.results is None:
        return Side(withheld=True)
    its = one.results
    return Side(its.outputs, _percent(its.attainment_ppm), _percent(its.timeliness_ppm))


def _percent(ppm: int | None) -> Decimal | None:
    return None if ppm is None else (Decimal(ppm) / PERCENT_PPM).quantize(TENTH, ROUND_HALF_UP)


def _more(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one - other
