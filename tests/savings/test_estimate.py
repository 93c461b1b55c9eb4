"""The formulas of tier 1, against worked examples with figures in and out."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from services.savings.category.model import MissingInput
from services.savings.category.variants.fuel import FuelSaving, fuel_saving, price_of
from services.savings.category.variants.greenhouse_gas import charging_watt_hours, grams_of_fuel
from services.savings.factor_set.value import simulate
from services.savings.ledger.model import Range, certain
from shared.contracts.organisation import Fuel, Vehicle
from shared.contracts.savings import FuelEconomy, Rebound
from shared.contracts.values import Place, PlaceCategory
from tests.harness.factors import factors, first_shipped
from tests.harness.made import HOME, MONDAY, commute


def microlitres(saving: FuelSaving) -> Range:
    """As it is entered."""
    return (saving.litres * certain(10**6)).rounded()


@pytest.mark.parametrize(
    ("km_per_litre", "rupiah_per_litre", "a_day", "in_22_days"),
    [
        ("36", 10_000, 27_778, 611_111),
        ("36", 12_200, 33_889, 745_556),
        ("10", 10_000, 100_000, 2_200_000),
        ("10", 12_200, 122_000, 2_684_000),
    ],
)
def test_a_hundred_kilometres_a_day(km_per_litre: str, rupiah_per_litre: int, a_day: int, in_22_days: int) -> None:
    """Commuting costs as the press worked them out (otomotifo): rupiah a day and in 22 days, without rebound."""
    vehicle = Vehicle.MOTORCYCLE if km_per_litre == "36" else Vehicle.CAR
    way = commute(round_trip_km=Decimal(100), vehicle=vehicle, km_per_litre=Decimal(km_per_litre))
    saving = fuel_saving(way, HOME, factors(rebound_ppm=(0, 0, 0), pertalite=rupiah_per_litre * 100), MONDAY)
    assert round(saving.sen.central / 100) == a_day
    assert round(saving.sen.central * 22 / 100) == in_22_days


def test_a_sixth_of_an_office_works_from_home_on_thursdays() -> None:
    """8,871 staff, 60 % of them, 48 Thursdays, 20 km: 255,504 days, 184,620.0 litres, Rp1,846,200,000."""
    riders = {(Vehicle.MOTORCYCLE, 3726), (Vehicle.CAR, 1331), (Vehicle.ACTIVE, 266)}
    days = microlitres_ = sen = 0
    for vehicle, people in riders:
        saving = fuel_saving(commute(vehicle=vehicle), HOME, factors(), MONDAY)
        days += people * 48
        microlitres_ += microlitres(saving).central * people * 48
        sen += saving.sen.rounded().central * people * 48
    assert days == 255_504
    assert Fraction(microlitres_, 10**6) == Fraction("184620.0")
    assert sen == 1_846_200_000 * 100


def test_the_way_to_another_place_is_taken_off() -> None:
    other = Place(category=PlaceCategory.OTHER_PLACE, round_trip_km=Decimal("5"))
    assert microlitres(fuel_saving(commute(), other, factors(), MONDAY)).central == 15 * 21_250


def test_a_longer_way_than_the_usual_is_a_negative_saving_with_its_bounds_in_order() -> None:
    other = Place(category=PlaceCategory.ANOTHER_OFFICE, round_trip_km=Decimal(50))
    saving = fuel_saving(commute(), other, factors(), MONDAY)
    assert microlitres(saving).central == -30 * 21_250
    assert microlitres(saving).low <= microlitres(saving).central <= microlitres(saving).high < 0


def test_those_who_ride_together_share_the_litre() -> None:
    alone = fuel_saving(commute(vehicle=Vehicle.CAR), HOME, factors(), MONDAY)
    together = fuel_saving(commute(vehicle=Vehicle.CAR, occupants=2), HOME, factors(), MONDAY)
    assert microlitres(together).central * 2 == microlitres(alone).central


@pytest.mark.parametrize("category", [PlaceCategory.RESIDENCE, PlaceCategory.OFFICE])
def test_nobody_travels_to_their_own_home(category: PlaceCategory) -> None:
    """A distance said of a residence, as older requests may have it, is no way to work."""
    home = Place(category=category, round_trip_km=Decimal(60))
    assert fuel_saving(commute(), home, factors(), MONDAY) == fuel_saving(commute(), HOME, factors(), MONDAY)


def test_an_electric_vehicle_is_charged_less() -> None:
    """20 km less 15 %, at 40 Wh/km; with the widest bounds of the kept share and of the consumption."""
    way, kept = commute(vehicle=Vehicle.ELECTRIC, fuel=None), factors().simulation.kept_share_ppm
    saved = charging_watt_hours(way, HOME, factors())
    assert saved.central == 20 * Fraction(85, 100) * 40
    assert (saved.low, saved.high) == (20 * Fraction(kept.low, 10**6) * 25, 20 * Fraction(kept.high, 10**6) * 180)
    farther = Place(category=PlaceCategory.OTHER_PLACE, round_trip_km=Decimal(30))
    assert charging_watt_hours(way, farther, factors()).high < 0
    assert charging_watt_hours(commute(), HOME, factors()) == certain(0)


def test_what_an_electric_vehicle_draws_may_not_be_known() -> None:
    with pytest.raises(MissingInput, match="charging"):
        charging_watt_hours(commute(vehicle=Vehicle.ELECTRIC, fuel=None), HOME, first_shipped())


def test_a_litre_warms_by_methane_and_nitrous_oxide_too() -> None:
    """IPCC 2006, vol. 2, table 3.2.2, and AR5: 2,270 g of CO2, 820 mg x 28 and 262 mg x 265."""
    carbon = factors().carbon
    assert carbon
    litre = grams_of_fuel(certain(1), carbon)
    assert litre.central == Fraction("2362.39")
    assert (litre.low, litre.high) == (Fraction("2229.413"), Fraction("2787.487"))
    without = carbon.model_copy(update={"methane": None, "nitrous_oxide": None})
    assert grams_of_fuel(certain(1), without).central == 2270


@pytest.mark.parametrize("vehicle", [Vehicle.TRANSIT, Vehicle.ACTIVE, Vehicle.ELECTRIC])
def test_who_burns_no_fuel_saves_none(vehicle: Vehicle) -> None:
    saving = fuel_saving(commute(vehicle=vehicle, fuel=None), HOME, factors(), MONDAY)
    assert (microlitres(saving).high, saving.sen.rounded().high) == (0, 0)


def test_who_stated_their_consumption_is_uncertain_in_the_rebound_alone() -> None:
    stated = fuel_saving(commute(km_per_litre=Decimal(40)), HOME, factors(), MONDAY)
    default = fuel_saving(commute(), HOME, factors(), MONDAY)
    assert microlitres(stated).central == microlitres(default).central == 425_000
    assert microlitres(stated).high < microlitres(default).high


def test_an_entry_is_rounded_once_half_to_even() -> None:
    half = commute(round_trip_km=Decimal("0.01"), km_per_litre=Decimal("200"))
    saving = fuel_saving(half, HOME, factors(rebound_ppm=(0, 0, 0), pertalite=50_000), MONDAY)
    assert microlitres(saving).central == 50
    assert saving.sen.rounded().central == 2


def test_the_price_of_the_day_holds() -> None:
    january, february = date(2026, 1, 31), date(2026, 2, 1)
    assert price_of(factors(), Fuel.PERTAMAX, january).sen_per_litre == 1_235_000
    assert price_of(factors(), Fuel.PERTAMAX, february).sen_per_litre == 1_180_000


def test_without_a_price_there_is_no_figure() -> None:
    with pytest.raises(MissingInput, match="price"):
        fuel_saving(commute(fuel=Fuel.PERTAMAX), HOME, factors(), date(2025, 12, 31))


def test_ranges_are_drawn_the_same_from_the_same_seed_and_hold_the_stated_default() -> None:
    rebound = Rebound(low_ppm=0, central_ppm=150_000, high_ppm=400_000, source="uji")
    economy = FuelEconomy(
        vehicle=Vehicle.MOTORCYCLE,
        low_km_per_litre=Decimal(30),
        central_km_per_litre=Decimal(40),
        high_km_per_litre=Decimal(50),
        source="uji",
    )
    first, again = (simulate(rebound, [economy], seed=5, draws=2000, low=10, high=90) for _ in range(2))
    other = simulate(rebound, [economy], seed=6, draws=2000, low=10, high=90)
    assert first == again != other
    spread = first.vehicles[0].microlitres_per_km
    assert spread.low < spread.central == 21_250 < spread.high
    assert spread.median != spread.central
    assert spread.mean
    assert spread.low < spread.median < spread.mean < spread.high, "skewed, so that the mean lies above the median"


def test_the_drawn_bounds_are_those_of_the_distribution() -> None:
    """The tenth and ninetieth centile of 1 - triangular(0, 0.15, 0.40), by its inverse distribution function."""
    rebound = Rebound(low_ppm=0, central_ppm=150_000, high_ppm=400_000, source="uji")
    kept = simulate(rebound, [], seed=1, draws=100_000, low=10, high=90).kept_share_ppm
    high_rebound = 0.4 - (0.1 * 0.4 * 0.25) ** 0.5
    low_rebound = (0.1 * 0.4 * 0.15) ** 0.5
    assert kept.low / 10**6 == pytest.approx(1 - high_rebound, abs=0.002)
    assert kept.high / 10**6 == pytest.approx(1 - low_rebound, abs=0.002)
