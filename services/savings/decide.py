"""What savings itself decides: the factor sets that it computes with. Pure."""

from dataclasses import dataclass
from datetime import date

from services.savings.estimate import simulate
from services.savings.projection import show_factor_set
from shared.contracts.organisation import Fuel
from shared.contracts.savings import PUBLISHER, FactorSetPublished, FuelEconomy, FuelPrice, Rebound
from shared.kit.decider import Decider, Refused, Violation, wrong_state


@dataclass(frozen=True, slots=True)
class PublishFactorSet:
    """Factors and prices in force from a day on, and how their ranges are to be drawn."""

    factor_set_id: str
    title: str
    effective_from: date
    rebound: Rebound
    fuel_economy: tuple[FuelEconomy, ...]
    default_fuel: Fuel
    prices: tuple[FuelPrice, ...]
    seed: int
    draws: int
    low_percentile: int
    high_percentile: int


def evolve(_: FactorSetPublished | None, event: FactorSetPublished) -> FactorSetPublished:
    return event


def decide(command: PublishFactorSet, known: FactorSetPublished | None) -> list[FactorSetPublished]:
    """A factor set is published once; other factors are another set."""
    _check(command)
    published = FactorSetPublished(
        factor_set_id=command.factor_set_id,
        title=command.title,
        effective_from=command.effective_from,
        rebound=command.rebound,
        fuel_economy=command.fuel_economy,
        default_fuel=command.default_fuel,
        prices=command.prices,
        simulation=simulate(
            command.rebound,
            command.fuel_economy,
            seed=command.seed,
            draws=command.draws,
            low=command.low_percentile,
            high=command.high_percentile,
        ),
    )
    if known and known != published:
        raise wrong_state("factor-set-published", factor_set_id=known.factor_set_id)
    return [] if known else [published]


def _check(command: PublishFactorSet) -> None:
    wrong = []
    rebound = command.rebound
    if not rebound.low_ppm <= rebound.central_ppm <= rebound.high_ppm:
        wrong.append(Violation("range-order", "/rebound"))
    for number, economy in enumerate(command.fuel_economy):
        if not economy.low_km_per_litre <= economy.central_km_per_litre <= economy.high_km_per_litre:
            wrong.append(Violation("range-order", f"/fuel_economy/{number}"))
    if len({economy.vehicle for economy in command.fuel_economy}) < len(command.fuel_economy):
        wrong.append(Violation("vehicle-twice", "/fuel_economy"))
    if wrong:
        raise Refused(*wrong)


factor_sets: Decider[PublishFactorSet, FactorSetPublished] = Decider(
    "factor_sets", PUBLISHER, evolve, decide, show_factor_set
)
