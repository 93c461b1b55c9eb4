"""A month's figures as lines of a table, each with its bar. Pure; nothing is added up here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.portal.chart.model import Bar, Range
from services.portal.chart.value import bars
from services.portal.dashboard.model import Amount, Amounts, Figures, Tags, UnitMonth

CATEGORIES = ("fuel", "office_electricity", "meals", "home_electricity", "co2e")
"""The order in which categories are shown; others follow."""


@dataclass(frozen=True)
class Line:
    """A figure: what it is of, its days, its quantity in `measure`, its money, and the bar of that."""

    label: str
    beneficiary: str
    scope: int | None
    days: int | None
    people: int | None
    measure: str
    quantity: Range | None
    money: Range | None
    bar: Bar | None
    withheld: bool
    factor_set_id: str
    tier: int
    method: str
    link: str = ""
    units: int | None = None
    """Of a sum, how many units are added up."""
    left_out: int = 0
    """And how many are not, as their figure is withheld."""


@dataclass(frozen=True)
class Source:
    """Where figures come from."""

    factor_sets: tuple[str, ...]
    tiers: tuple[int, ...]
    methods: tuple[str, ...]


def of_instance(figures: Sequence[Figures], month: str = "") -> list[Line]:
    """Figures by category; with the `month`, each leads to the units of its category."""
    return with_bars(
        [
            of_figure(one, one.category, one.days, one.amounts, link=_units(month, one.category))
            for one in sorted(figures, key=_order)
        ]
    )


def of_units(found: Sequence[UnitMonth]) -> list[Line]:
    """Units with the most saved first; then those that are withheld, by name."""
    lines = [
        of_figure(one, one.unit_name, one.days, None if one.withheld else one.amounts, one.people, _explained(one))
        for one in found
    ]
    return with_bars(by_weight(lines))


def by_weight(lines: Iterable[Line]) -> list[Line]:
    """Lines with the most saved first; then those that are withheld, by name."""
    return sorted(lines, key=lambda line: (line.withheld, -_weight(line), line.label))


def source(figures: Iterable[Tags]) -> Source:
    """What all these rest on."""
    each = list(figures)
    return Source(
        tuple(sorted({one.factor_set_id for one in each})),
        tuple(sorted({one.tier for one in each})),
        tuple(sorted({one.range for one in each})),
    )


def _units(month: str, category: str) -> str:
    return f"/dashboard?month={month}&category={category}#units" if month else ""


def _explained(one: UnitMonth) -> str:
    return "" if one.withheld else f"/dashboard/units/{one.unit_id}/{one.month}"


def _order(one: Tags) -> tuple[int, str, str, int]:
    place = CATEGORIES.index(one.category) if one.category in CATEGORIES else len(CATEGORIES)
    return place, one.category, one.beneficiary, one.scope or 0


def of_figure(
    tags: Tags,
    label: str,
    days: int | None,
    amounts: Amounts | None,
    people: int | None = None,
    link: str = "",
    units: int | None = None,
    left_out: int = 0,
) -> Line:
    """A figure as a line, without a bar; withheld where there are no amounts."""
    measure, quantity = _quantity(amounts) if amounts else ("", None)
    money = _range(amounts.sen) if amounts else None
    return Line(
        label=label,
        beneficiary=tags.beneficiary,
        scope=tags.scope,
        days=days,
        people=people,
        measure=measure,
        quantity=quantity,
        money=None if money and money.is_nothing and quantity else money,
        bar=None,
        withheld=amounts is None,
        factor_set_id=tags.factor_set_id,
        tier=tags.tier,
        method=tags.range,
        link=link,
        units=units,
        left_out=left_out,
    )


def with_bars(lines: list[Line]) -> list[Line]:
    """Money on one scale; where no line has money, quantities."""
    if any(line.money for line in lines):
        return [_barred(line, line.money, bar) for line, bar in _drawn(lines, [line.money for line in lines])]
    return [_barred(line, line.quantity, bar) for line, bar in _drawn(lines, [line.quantity for line in lines])]


def _drawn(lines: list[Line], ranges: list[Range | None]) -> list[tuple[Line, Bar]]:
    nothing = Range(Decimal(0), Decimal(0), Decimal(0))
    return list(zip(lines, bars([one or nothing for one in ranges]), strict=True))


def _barred(line: Line, of: Range | None, bar: Bar) -> Line:
    return Line(**{**vars(line), "bar": bar if of else None})


def _weight(line: Line) -> Decimal:
    figure = line.money or line.quantity
    return figure.central if figure else Decimal(0)


def _quantity(amounts: Amounts) -> tuple[str, Range | None]:
    """The unit of measure in which people read it, and how much."""
    each = (("litre", amounts.microlitres), ("kwh", amounts.watt_hours), ("kg-co2e", amounts.grams_co2e))
    return next(((measure, _range(one)) for measure, one in each if one), ("", None))


def _range(amount: Amount) -> Range:
    return Range(amount.read_low, amount.read_central, amount.read_high)
