"""What one unit's day is worth: its building's electricity, by who is where, and meal allowances that are not paid.
Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from services.savings.category.model import UnitAway
from services.savings.category.value import OF_UNITS, measured
from services.savings.presence import Whereabouts, terms_on
from shared.contracts.savings import FactorSetPublished
from shared.kit.base import versions
from shared.kit.decisions.decider import Document


@dataclass
class Worth:
    """The worth of a unit's day: a position, or none; and how many people's figures lack what."""

    position: Document | None = None
    building_id: str | None = None
    lacks: dict[str, int] = field(default_factory=dict)


def unit_position(unit_id: str, day: str, where: Whereabouts, factor_sets: Sequence[FactorSetPublished]) -> Worth:
    """What a unit's day is worth now."""
    away = where.away(unit_id, day)
    factors = versions.in_force(factor_sets, date.fromisoformat(day))
    if not away or factors is None:
        return Worth()
    unit = terms_on(where.units.get(unit_id), day)
    if unit is None:
        return Worth(lacks={"unit": len(away)})
    found = measured(OF_UNITS, UnitAway(unit_id, unit, date.fromisoformat(day), where, factors))
    position = {
        "unit_id": unit_id,
        "factor_set_id": factors.factor_set_id,
        "heads": where.heads(unit_id, day),
        "away": len(away),
        "entries": list(found.entries),
    }
    return Worth(position, unit["seat"]["building_id"] if unit["seat"] else None, dict(found.lacks))
