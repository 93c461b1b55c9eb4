"""What savings itself decides: the factor sets that it computes with. Pure."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import date
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from services.savings.category.value import DEFINITIONS
from services.savings.factor_set.document import show_factor_set
from services.savings.factor_set.value import DEFAULT_DRAWS, simulate
from shared.contracts.described import Described
from shared.contracts.organisation import Fuel
from shared.contracts.savings import (
    PRICE_DAYS_MAX,
    PUBLISHER,
    Band,
    BudgetLineOf,
    Carbon,
    FactorSetPublished,
    FuelEconomy,
    FuelPrice,
    HomeElectricity,
    MealAllowance,
    PriceDays,
    Rebound,
    TariffPrice,
)
from shared.contracts.values import Identifier
from shared.kit.base.versions import standing
from shared.kit.decisions.decider import Decider, Refused, Reservation, Violation, wrong_state


class PublishFactorSet(Described):
    """Factors and prices to be in force from a day on, and how their ranges are to be drawn.

    What is left out is not counted.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)

    factor_set_id: Identifier
    """Id of the set, chosen by you."""

    corrects: Identifier | None = None
    """Set of the same day whose place this one takes; needed if that day has a set already."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    """Title of the set."""

    effective_from: date
    """First day on which it is in force."""

    rebound: Rebound
    """Share of the spared commute that other trips take back."""

    fuel_economy: Annotated[tuple[FuelEconomy, ...], Field(max_length=5)]
    """Default consumption of each kind of vehicle, each once."""

    default_fuel: Fuel
    """Fuel of those who did not state theirs."""

    prices: Annotated[tuple[FuelPrice, ...], Field(min_length=1, max_length=1000)]
    """Prices of fuels, each from a day on; one a day for each fuel."""

    home_electricity: HomeElectricity | None = None
    """Electricity drawn by a day of work at home; null if it is not to be counted."""

    zone_off_ppm: Band | None = None
    """Part of an empty zone's load that is really switched off, in parts per million; null if it is not to be
    counted."""

    tariffs: Annotated[tuple[TariffPrice, ...], Field(max_length=1000)] = ()
    """Prices of electricity, each from a day on; one a day for each tariff class."""

    electricity_tax_ppm: Band | None = None
    """Local tax (PBJT) that households pay on top of the tariff, in parts per million; null for none."""

    office_electricity_tax_ppm: Band | None = None
    """Local tax on the electricity of offices, in parts per million; null for none, as for government bodies (UU 1/2022
    Ps. 52(2))."""

    electric_watt_hours_per_km: Band | None = None
    """Charging of an electric vehicle, in watt hours per kilometre; null if it is not to be counted."""

    meal_allowances: Annotated[tuple[MealAllowance, ...], Field(max_length=100)] = ()
    """Meal allowances by grade, each from a day on; one a day for each grade."""

    carbon: Carbon | None = None
    """Greenhouse gas of fuel and electricity; null if it is not to be counted."""

    budget_lines: Annotated[tuple[BudgetLineOf, ...], Field(max_length=10)] = ()
    """Accounts of the regional budget; each category that is counted to it needs one."""

    price_days_max: PriceDays = PRICE_DAYS_MAX
    """Age in days, since it was set or last checked, from which a price is old."""

    seed: Annotated[int, Field(ge=0, le=2**31)]
    """Seed of the random numbers from which ranges are drawn."""

    draws: Annotated[int, Field(ge=1000, le=100_000)] = DEFAULT_DRAWS
    """Number of draws."""

    low_percentile: Annotated[int, Field(ge=1, le=49)] = 10
    """Percentile to take as the low end."""

    high_percentile: Annotated[int, Field(ge=51, le=99)] = 90
    """Percentile to take as the high end."""


DRAWN = ("seed", "draws", "low_percentile", "high_percentile")
"""How the simulation is to be drawn; the rest is published as it is."""


def evolve(_: FactorSetPublished | None, event: FactorSetPublished) -> FactorSetPublished:
    return event


def decide(command: PublishFactorSet, known: FactorSetPublished | None) -> list[FactorSetPublished]:
    """A factor set is published once; other factors are another set."""
    if wrong := list(faults(command)):
        raise Refused(*wrong)
    simulation = simulate(
        command.rebound,
        command.fuel_economy,
        seed=command.seed,
        draws=command.draws,
        low=command.low_percentile,
        high=command.high_percentile,
    )
    said = {name: getattr(command, name) for name in PublishFactorSet.model_fields if name not in DRAWN}
    published = FactorSetPublished(**said, simulation=simulation)
    if known and not _same(known, published):
        raise wrong_state("factor-set-published", factor_set_id=known.factor_set_id)
    return [] if known else [published]


def _same(known: FactorSetPublished, published: FactorSetPublished) -> bool:
    """Whether two sets state the same and are drawn alike. What came of the draws is left aside: a set of before has
    less of it."""
    drawn = all(getattr(known.simulation, name) == getattr(published.simulation, name) for name in DRAWN)
    return drawn and known.model_copy(update={"simulation": published.simulation}) == published


def clash(command: PublishFactorSet, known: Sequence[FactorSetPublished]) -> Violation | None:
    """Why a set cannot stand beside those that are known. Two sets of one day are told apart: the newer names the one
    that stands, and takes its place."""
    if any(one.factor_set_id == command.factor_set_id for one in known):
        return None
    stands = next((one for one in standing(known) if one.effective_from == command.effective_from), None)
    if command.corrects is None:
        return _same_day(stands.factor_set_id) if stands else None
    corrected = next((one for one in known if one.factor_set_id == command.corrects), None)
    if corrected is None:
        return Violation("corrects-unknown", "/corrects", facts={"factor_set_id": command.corrects})
    if corrected.effective_from != command.effective_from:
        return Violation("corrects-other-day", "/effective_from", corrected.effective_from.isoformat())
    return None if corrected is stands else _corrected(command.corrects)


def unlined(command: PublishFactorSet) -> list[Violation]:
    """What a set counts as the regional budget's without saying in which budget line: it would lose the one that the
    set before it had."""
    by_factor = [(one.category, one.budget_factor) for one in DEFINITIONS.values() if one.budget_factor]
    lines = {line.category for line in command.budget_lines}
    counted = [category for category, factor in by_factor if getattr(command, factor)]
    without = [category.value for category in counted if category not in lines]
    return [Violation("budget-line-missing", "/budget_lines", facts={"category": category}) for category in without]


def _same_day(factor_set_id: str) -> Violation:
    return Violation("same-day", "/effective_from", facts={"factor_set_id": factor_set_id})


def _corrected(factor_set_id: str) -> Violation:
    return Violation("corrects-corrected", "/corrects", facts={"factor_set_id": factor_set_id})


def reservations(factors: FactorSetPublished | None) -> list[Reservation]:
    """A set holds its day, or the place of the one that it corrects: of two at once, one is refused."""
    if factors is None:
        return []
    if factors.corrects:
        return [Reservation(f"corrects:{factors.corrects}", 1, 1, _corrected(factors.corrects))]
    return [Reservation(f"from:{factors.effective_from}", 1, 1, _same_day(f"{factors.effective_from}"))]


def faults(command: PublishFactorSet) -> Iterator[Violation]:
    """What is wrong with a set by itself."""
    rebound = command.rebound
    if not rebound.low_ppm <= rebound.central_ppm <= rebound.high_ppm:
        yield Violation("range-order", "/rebound")
    for number, economy in enumerate(command.fuel_economy):
        if not economy.low_km_per_litre <= economy.central_km_per_litre <= economy.high_km_per_litre:
            yield Violation("range-order", f"/fuel_economy/{number}")
    for pointer, band in _bands(command):
        if band and not band.low <= band.central <= band.high:
            yield Violation("range-order", pointer)
    if len({economy.vehicle for economy in command.fuel_economy}) < len(command.fuel_economy):
        yield Violation("vehicle-twice", "/fuel_economy")
    if len({line.category for line in command.budget_lines}) < len(command.budget_lines):
        yield Violation("budget-line-twice", "/budget_lines")
    for number in _repeated((price.fuel, price.effective_from) for price in command.prices):
        yield Violation("price-twice", f"/prices/{number}")
    for number in _repeated((price.tariff_class, price.effective_from) for price in command.tariffs):
        yield Violation("tariff-twice", f"/tariffs/{number}")
    for number in _repeated((paid.grade, paid.effective_from) for paid in command.meal_allowances):
        yield Violation("allowance-twice", f"/meal_allowances/{number}")


def _repeated(keys: Iterable[Hashable]) -> Iterator[int]:
    """The places of those that have come before."""
    seen: set[Hashable] = set()
    for number, key in enumerate(keys):
        if key in seen:
            yield number
        seen.add(key)


def _bands(command: PublishFactorSet) -> Iterator[tuple[str, Band | None]]:
    yield "/zone_off_ppm", command.zone_off_ppm
    yield "/electricity_tax_ppm", command.electricity_tax_ppm
    yield "/office_electricity_tax_ppm", command.office_electricity_tax_ppm
    yield "/electric_watt_hours_per_km", command.electric_watt_hours_per_km
    if home := command.home_electricity:
        yield "/home_electricity/workstation_watts", home.workstation_watts
        yield "/home_electricity/cooling_watt_hours", home.cooling_watt_hours
    if carbon := command.carbon:
        yield "/carbon/grams_per_litre", carbon.grams_per_litre
        yield "/carbon/grams_per_kilowatt_hour", carbon.grams_per_kilowatt_hour
        for name, trace in (("methane", carbon.methane), ("nitrous_oxide", carbon.nitrous_oxide)):
            yield f"/carbon/{name}/milligrams_per_litre", trace.milligrams_per_litre if trace else None


factor_sets: Decider[PublishFactorSet, FactorSetPublished] = Decider(
    "factor_sets", PUBLISHER, evolve, decide, show_factor_set, reservations
)
