"""Results as lines of a table. Pure; nothing is worked out here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from services.portal.results.model import Compared, ModeResults, ResultsMonth, ResultsSeries

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
class More:
    """By how many percentage points MKD is above office, between what that lies, and what follows of it."""

    central: Decimal
    low: Decimal
    high: Decimal
    verdict: str


@dataclass(frozen=True)
class Line:
    """A month: MKD, office, and how both compare, where both are told."""

    month: str
    mkd: Side
    office: Side
    attainment_more: More | None
    timeliness_more: More | None


def lines(series: ResultsSeries) -> list[Line]:
    """The months of which anything is told."""
    return [_line(month) for month in series.months if month.modes]


def _line(month: ResultsMonth) -> Line:
    sides = _sides(month.modes)
    mkd, office = (sides.get(mode, Side()) for mode in (MKD, OFFICE))
    its = month.comparison
    both = (_more(its.attainment), _more(its.timeliness)) if its else (None, None)
    return Line(month.month, mkd, office, *both)


def _sides(modes: Iterable[ModeResults]) -> Mapping[str, Side]:
    return {one.mode: _side(one) for one in modes}


def _side(one: ModeResults) -> Side:
    if one.results is None:
        return Side(withheld=True)
    its = one.results
    return Side(its.outputs, _percent(its.attainment_ppm), _percent(its.timeliness_ppm))


def _percent(ppm: int | None) -> Decimal | None:
    return None if ppm is None else _points(ppm)


def _points(ppm: int) -> Decimal:
    return (Decimal(ppm) / PERCENT_PPM).quantize(TENTH, ROUND_HALF_UP)


def _more(of: Compared) -> More:
    return More(_points(of.difference_ppm), _points(of.low_ppm), _points(of.high_ppm), of.verdict)
