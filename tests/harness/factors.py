"""The factor set that the software ships, with figures changed for a test."""

from pathlib import Path

from pydantic import TypeAdapter

from services.savings import decide
from services.savings.decide import PublishFactorSet
from shared.contracts.organisation import Fuel
from shared.contracts.savings import FactorSetPublished

SHIPPED = Path(decide.__file__).parent / "factors" / "jabar-2026.json"


def command() -> PublishFactorSet:
    """The shipped set, as it is published."""
    return TypeAdapter(PublishFactorSet).validate_json(SHIPPED.read_bytes())


def factors(*, rebound_ppm: tuple[int, int, int] | None = None, pertalite: int | None = None) -> FactorSetPublished:
    """The shipped set with another rebound or price."""
    published = decide.decide(command(), None)[0]
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
