"""A factor set, fact by fact. Pure."""

from collections.abc import Iterator
from decimal import Decimal

from services.portal.fact.model import About, Fact
from services.portal.factor_set.model import Band, Carbon, FactorSet, Price, TraceGas

PPM_OF_PERCENT = Decimal(10_000)
SEN_OF_RUPIAH = Decimal(100)
ONE = Decimal(1)


def facts(factors: FactorSet) -> list[Fact]:
    """All that a set says, in the order in which it is read. What it does not count is not there."""
    return [*_fuel(factors), *_electricity(factors), *_meals(factors), *_gas(factors.carbon), *_other(factors)]


def _fuel(factors: FactorSet) -> Iterator[Fact]:
    rebound = factors.rebound
    parts = tuple(Decimal(one) / PPM_OF_PERCENT for one in (rebound.low_ppm, rebound.central_ppm, rebound.high_ppm))
    yield Fact("factor-rebound", "percent", parts, source=rebound.source)
    for one in factors.fuel_economy:
        ends = (one.low_km_per_litre, one.central_km_per_litre, one.high_km_per_litre)
        yield Fact("factor-economy", "km-per-litre", ends, about=(("put", one.vehicle),), source=one.source)
    yield Fact("factor-default-fuel", "code", says=f"fuel-{factors.default_fuel}")
    for price in factors.prices:
        yield _price("factor-fuel-price", "rupiah-per-litre", price.sen_per_litre, price, ("fuel", price.fuel))
    yield from _band("factor-charging", "wh-per-km", factors.electric_watt_hours_per_km)


def _electricity(factors: FactorSet) -> Iterator[Fact]:
    if home := factors.home_electricity:
        yield from _band("factor-workstation", "watt", home.workstation_watts)
        yield Fact("factor-work-time", "minutes", (Decimal(home.work_minutes),))
        yield from _band("factor-cooling", "watt-hour", home.cooling_watt_hours)
        yield Fact("factor-home-tariff", "text", says=home.tariff_class)
    yield from _band("factor-zone-off", "percent", factors.zone_off_ppm, PPM_OF_PERCENT)
    for tariff in factors.tariffs:
        about = ("named", tariff.tariff_class)
        yield _price("factor-tariff", "rupiah-per-kwh", tariff.sen_per_kilowatt_hour, tariff, about)
    yield from _band("factor-home-tax", "percent", factors.electricity_tax_ppm, PPM_OF_PERCENT)
    yield from _band("factor-office-tax", "percent", factors.office_electricity_tax_ppm, PPM_OF_PERCENT)


def _meals(factors: FactorSet) -> Iterator[Fact]:
    for one in factors.meal_allowances:
        yield _price("factor-meals", "rupiah-per-day", one.sen_per_day, one, ("named", one.grade))


def _gas(carbon: Carbon | None) -> Iterator[Fact]:
    if carbon is None:
        return
    yield from _band("factor-co2-litre", "gram-per-litre", carbon.grams_per_litre)
    yield from _trace("factor-methane", carbon.methane)
    yield from _trace("factor-nitrous-oxide", carbon.nitrous_oxide)
    yield from _band("factor-co2-kwh", "gram-per-kwh", carbon.grams_per_kilowatt_hour)


def _trace(word: str, gas: TraceGas | None) -> Iterator[Fact]:
    if gas is None:
        return
    yield from _band(word, "milligram-per-litre", gas.milligrams_per_litre)
    yield Fact(f"{word}-warming", "times", (Decimal(gas.warming_potential),), source=gas.source)


def _other(factors: FactorSet) -> Iterator[Fact]:
    for line in factors.budget_lines:
        about = (("category", line.category),)
        yield Fact("factor-budget-line", "text", says=line.budget_line, about=about, source=line.source)
    yield Fact("factor-price-age", "days", (Decimal(factors.price_days_max),))


def _band(word: str, unit: str, band: Band | None, divisor: Decimal = ONE) -> Iterator[Fact]:
    if band:
        ends = tuple(Decimal(one) / divisor for one in (band.low, band.central, band.high))
        yield Fact(word, unit, ends, source=band.source)


def _price(word: str, unit: str, sen: int, price: Price, of: tuple[str, str]) -> Fact:
    about: About = (of, ("since", price.effective_from.isoformat()))
    amounts = (Decimal(sen) / SEN_OF_RUPIAH,)
    return Fact(word, unit, amounts, about=about, source=price.source, checked_on=price.checked_on)
