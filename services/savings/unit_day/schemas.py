"""The shapes in which units' days are answered. Pure."""

from datetime import date

from services.savings.category.value import FORMULAS, OF_A_UNITS_DAY
from services.savings.month.document import Entry, entries, flat
from services.savings.month.schemas import ranges
from services.savings.unit_day import model
from shared.kit.decisions.decider import Document
from shared.kit.web.schemas import Schema
from shared.people.reads import fields, table


class UnitDay(Schema):
    """One unit's day with the electricity that its building did not draw."""

    unit_id: str
    """The unit."""

    day: date
    """The day."""

    building_id: str | None
    """Building in which the unit sat; null if none is on record."""

    heads: int
    """People who belonged to the unit."""

    away: int
    """Those of them who worked elsewhere, their day realised."""

    entries: list[Entry]
    """Savings of the day, by category."""

    lacks: dict[str, int]
    """Number of people's days by what a category lacks."""

    formulas: dict[str, str]
    """Formula of each category, by its name."""

    ranges: dict[str, str]
    """Explanation of each category's range, in the language of the answer."""


def unit_day(day: model.UnitDay, language: str) -> UnitDay:
    """Without what is about single people."""
    position = day.position
    return UnitDay(
        unit_id=day.unit_id,
        day=date.fromisoformat(day.day),
        building_id=day.building_id,
        heads=position.heads if position else 0,
        away=position.away if position else 0,
        entries=entries(one for one in (position.entries if position else ()) if one.employee_id is None),
        lacks=dict(day.lacks),
        formulas={name.value: FORMULAS[name] for name in OF_A_UNITS_DAY},
        ranges={name.value: ranges(language)[name] for name in OF_A_UNITS_DAY},
    )


OF_A_UNIT_DAY = fields(UnitDay, "entries", "lacks", "formulas", "ranges")


@table(*OF_A_UNIT_DAY, *(f"{category}_{name}" for category in OF_A_UNITS_DAY for name in flat(None)), "lacks")
def unit_day_row(item: UnitDay) -> Document:
    """With what the building did not draw, and the greenhouse gas of it."""
    found = {one.category: flat(one.amounts) for one in item.entries}
    amounts = {f"{of}_{name}": found.get(of, flat(None))[name] for of in OF_A_UNITS_DAY for name in flat(None)}
    return item.model_dump(include=set(OF_A_UNIT_DAY)) | amounts | {"lacks": " ".join(item.lacks)}
