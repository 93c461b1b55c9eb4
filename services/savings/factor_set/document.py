"""How factor sets are shown beside the log. Pure."""

from collections.abc import Iterable

from services.savings.factor_set.model import FactorSets
from shared.contracts.savings import FactorSetPublished
from shared.kit.decisions.decider import Document
from shared.kit.projections.remembered import Remembered


def show_factor_set(factors: FactorSetPublished) -> Document:
    """The factor set beside the log."""
    return factors.model_dump(mode="json")


def stored_factor_sets(found: Iterable[Document]) -> list[FactorSetPublished]:
    """The factor sets that documents show."""
    return [FactorSetPublished.model_validate(one, strict=False) for one in found]


factor_sets_of = Remembered(lambda by_id: FactorSets(stored_factor_sets(by_id.values())), most=8)
"""The factor sets that documents show, by id."""
