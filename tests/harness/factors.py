"""The factor sets that the software ships, with figures changed for a test."""

from functools import cache

from services.savings.factor_set import decide
from services.savings.factor_set.commands import shipped
from services.savings.factor_set.decide import PublishFactorSet
from shared.contracts.organisation import Fuel
from shared.contracts.savings import FactorSetPublished

FIRST, IN_FORCE = "fac-jabar-2026", "fac-jabar-2026-koreksi-1"


@cache
def command(factor_set_id: str = IN_FORCE) -> PublishFactorSet:
    """A shipped set, as it is published: the one in force, or one that it corrects."""
    return next(one for one in shipped() if one.factor_set_id == factor_set_id)


def first_shipped() -> FactorSetPublished:
    """The set that the one in force corrects."""
    return _published(FIRST)


@cache
def _published(factor_set_id: str) -> FactorSetPublished:
    return decide.decide(command(factor_set_id), None)[0]


def factors(*, rebound_ppm: tuple[int, int, int] | None = None, pertalite: int | None = None) -> FactorSetPublished:
    """The shipped set in force, with another rebound or price."""
    published = _published(IN_FORCE)
    if rebound_ppm is not None:
        low, central, high = rebound_ppm
        rebound = published.rebound.model_copy(update={"low_ppm": low, "central_ppm": central, "high_ppm": high})
        kept = published.simulation.kept_share_ppm.model_copy(update={"low": 10**6 - high, "high": 10**6 - low})
        simulation = published.simulation.model_copy(update={"kept_share_ppm": kept})
        published = published.model_copy(update={"rebound": rebound, "simulation": simulation})
    if pertalite is not None:
        prices = tuple(
            price.model_copy(update={"sen_per_litre": pertalite}) if price.fuel is Fuel.PERTALITE else price
            for price in published.prices
        )
        published = published.model_copy(update={"prices": prices})
    return published
