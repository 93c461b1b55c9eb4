"""What one unit's day is worth: its building's electricity, by who is where, and meal allowances that are not paid.
Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from services.savings.category.model import UnitAway
from services.savings.category.value import OF_UNITS, measured
from services.savings.factor_set.model import FactorSets
from services.savings.presence import Whereabouts
from services.savings.unit_day.model import Position
from shared.contracts.organisation import as_of


@dataclass(frozen=True, slots=True)
class Net:
    """The worth of a unit's day: a position, or none; and how many people's figures lack what."""

    position: Position | None = None
    building_id: str | None = None
    lacks: Mapping[str, int] = field(default_factory=dict)


def net_position(unit_id: str, day: date, where: Whereabouts, factor_sets: FactorSets) -> Net:
    """What a unit's day is worth now."""
    away = where.away(unit_id, day)
    factors = factor_sets.in_force(day)
    if not away or factors is None:
        return Net()
    unit = where.units.get(unit_id)
    terms = as_of(unit.history, day) if unit else None
    if terms is None:
        return Net(lacks={"unit": len(away)})
    found = measured(OF_UNITS, UnitAway(unit_id, terms, day, where, factors))
    heads = where.heads(unit_id, day)
    position = Position(unit_id, factors.factor_set_id, heads, len(away), tuple(found.entries))
    return Net(position, terms.seat.building_id if terms.seat else None, found.lacks)
