"""The shapes of a series of months, and the words and measures that a chart of it needs."""

from collections.abc import Iterable
from datetime import datetime

from services.savings.month.document import PER_READ_UNIT, Figures, flat
from services.savings.month.schemas import MESSAGES, UnitMonth
from shared.contracts.savings import Beneficiary, Category
from shared.kit.base.catalogue import VALUES
from shared.kit.decisions.decider import Document
from shared.kit.web.schemas import Schema
from shared.people.reads import fields, table

MEASURES = {
    "microlitres": ("measure-litres", "L"),
    "watt_hours": ("measure-kilowatt-hours", "kWh"),
    "grams_co2e": ("measure-kilograms-co2e", "kg CO2e"),
    "sen": ("measure-rupiah", "Rp"),
}
"""What people read amounts in: the name of the word, and the symbol."""


class Measure(Schema):
    """A unit of measure as people read it."""

    word: str
    """The unit in words, in the language of the answer."""

    symbol: str
    """Its symbol, the same in every language."""

    divisor: int
    """Number of the exact unit that make one of this."""


class Words(Schema):
    """Words for the codes of a series, in the language of the answer."""

    categories: dict[str, str]
    """Categories, by code."""

    beneficiaries: dict[str, str]
    """Beneficiaries, by code."""

    ranges: dict[str, str]
    """Explanation of each category's range, by the category's code."""

    measures: dict[str, Measure]
    """Units of measure, by the exact unit that amounts name."""


class SeriesMonth(Schema):
    """A month of a series."""

    month: str
    """The month, as `YYYY-MM`."""

    as_of: datetime | None
    """Moment of publication, in UTC. Null for the personnel agency, which reads current figures, and while nothing of
    the month is published."""

    units: list[UnitMonth]
    """Figures of the units that were asked for, as `/v1/unit-months` shows them; empty if none was."""

    instance: list[Figures]
    """Sums of all units, as `/v1/instance-months/{month}` shows them; empty if units were asked for."""

    left_out: dict[str, int]
    """Number of units that are left out of the sums because a figure is withheld, by category."""


class Series(Schema):
    """Savings month by month."""

    months: list[SeriesMonth]
    """All months that were asked for, in order."""

    words: Words
    """Words for the codes, and units of measure."""


class SeriesRow(Schema):
    """A figure of a month as a row of a table; of a category that is left out of the sums, that and how many units."""

    month: str
    """The month, as `YYYY-MM`."""

    as_of: datetime | None
    """Moment of publication, in UTC."""

    figure: UnitMonth | Figures | None = None
    """The figure; null for a category that is left out."""

    category: str
    """The category."""

    left_out: int = 0
    """Number of units that are left out."""


SHOWN = fields(UnitMonth, "amounts", "month", "category", "withheld", "warnings")


@table("month", "as_of", "category", "withheld", "left_out", *SHOWN, *flat(None), "warnings")
def series_row(item: SeriesRow) -> Document:
    figure = item.figure
    said = figure.model_dump(mode="json", include={*SHOWN}) if figure else {}
    withheld = figure.withheld if isinstance(figure, UnitMonth) else figure is None
    about = item.model_dump(mode="json", exclude={"figure"}) | {"withheld": withheld}
    warnings = {"warnings": " ".join(figure.warnings) if figure else ""}
    return about | said | flat(figure.amounts if figure else None) | warnings


def series_rows(months: Iterable[SeriesMonth]) -> list[SeriesRow]:
    """All figures of a series, month by month."""
    rows = []
    for one in months:
        shown: list[UnitMonth | Figures] = [*one.units, *one.instance]
        of = {"month": one.month, "as_of": one.as_of}
        rows += [SeriesRow.model_validate(of | {"figure": figure, "category": figure.category}) for figure in shown]
        rows += [
            SeriesRow.model_validate(of | {"category": name, "left_out": n}) for name, n in sorted(one.left_out.items())
        ]
    return rows


def words(language: str, ranges: dict[str, str]) -> Words:
    """What codes are called."""
    return Words(
        categories={one.value: VALUES.text(language, one.value) for one in Category},
        beneficiaries={one.value: VALUES.text(language, one.value) for one in Beneficiary},
        ranges=ranges,
        measures={
            exact: Measure(word=MESSAGES.text(language, name), symbol=symbol, divisor=PER_READ_UNIT[exact])
            for exact, (name, symbol) in MEASURES.items()
        },
    )
