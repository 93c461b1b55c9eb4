"""Fuel: what a spared commute does not burn, tier 1 (deemed: activity times factor). Pure and exact.

Litres = (D_base - D_alt) / occupants / km-per-litre x (1 - rebound), with D the round trip in km; rupiah = litres x the
price of the day. D_alt is the way to another place of work, zero at home, so that a saving may be negative. Who walks
or rides public transport burns no litre that is counted; who drives on electricity charges less instead (see
`greenhouse_gas`).
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from services.savings.category.model import Definition, EmployeeAway, Measured, MissingInput, Variant, found
from services.savings.category.variants.tariffs import warned
from services.savings.ledger.model import MILLION, Exact, certain, ordered
from shared.contracts.organisation import Commute, Fuel, as_of
from shared.contracts.savings import Beneficiary, Category, FactorSetPublished, FuelEconomy, FuelPrice
from shared.contracts.values import Place, PlaceCategory

TRAVELLED_TO = (PlaceCategory.ANOTHER_OFFICE, PlaceCategory.OTHER_PLACE)


@dataclass(frozen=True, slots=True)
class FuelSaving:
    """What one day spared, and the figures it was computed from. Without a fuel, none is burnt."""

    litres: Exact
    sen: Exact
    spared_km: Decimal
    occupants: int
    km_per_litre: Decimal | None
    km_per_litre_stated: bool
    fuel: Fuel | None
    sen_per_litre: int


def fuel_saving(commute: Commute, place: Place, factors: FactorSetPublished, day: date) -> FuelSaving:
    """What a day at `place` instead of the office spares somebody. Raises `MissingInput` when no price is known."""
    spared_km = spared(commute, place)
    economy = next((known for known in factors.fuel_economy if known.vehicle is commute.vehicle), None)
    if economy is None:
        return FuelSaving(certain(0), certain(0), spared_km, commute.occupants, None, False, None, 0)
    price = price_of(factors, commute.fuel or factors.default_fuel, day)
    km = Fraction(spared_km) / commute.occupants
    low, central, high = _litres_per_km(commute, economy, factors)
    litres = ordered(km * low, km * central, km * high)
    return FuelSaving(
        litres=litres,
        sen=litres * certain(price.sen_per_litre),
        spared_km=spared_km,
        occupants=commute.occupants,
        km_per_litre=commute.km_per_litre or economy.central_km_per_litre,
        km_per_litre_stated=commute.km_per_litre is not None,
        fuel=price.fuel,
        sen_per_litre=price.sen_per_litre,
    )


def spared(commute: Commute, place: Place) -> Decimal:
    """Kilometres of the usual way less those to the place of work; nobody travels to their own home."""
    there = place.round_trip_km if place.category in TRAVELLED_TO else None
    return commute.round_trip_km - (there or Decimal(0))


def _litres_per_km(
    commute: Commute, economy: FuelEconomy, factors: FactorSetPublished
) -> tuple[Fraction, Fraction, Fraction]:
    """Litres kept per spared km: low, central, high. Who stated their consumption is uncertain in the rebound alone."""
    kept_central = Fraction(MILLION - factors.rebound.central_ppm, MILLION)
    if commute.km_per_litre is not None:
        kept, per_litre = factors.simulation.kept_share_ppm, Fraction(commute.km_per_litre)
        return (
            Fraction(kept.low, MILLION) / per_litre,
            kept_central / per_litre,
            Fraction(kept.high, MILLION) / per_litre,
        )
    drawn = next(one.microlitres_per_km for one in factors.simulation.vehicles if one.vehicle is commute.vehicle)
    central = kept_central / Fraction(economy.central_km_per_litre)
    return Fraction(drawn.low, MILLION), central, Fraction(drawn.high, MILLION)


def price_of(factors: FactorSetPublished, fuel: Fuel, day: date) -> FuelPrice:
    """The price in force on a day. Raises `MissingInput`."""
    price = as_of([known for known in factors.prices if known.fuel is fuel], day)
    if price is None:
        raise MissingInput("price")
    return price


def percentiles(factors: FactorSetPublished) -> str:
    """Of what was drawn for the set."""
    return f"p{factors.simulation.low_percentile}-p{factors.simulation.high_percentile}"


FUEL = Definition(
    Category.FUEL,
    "(round trip - way to another place) km / occupants / km per litre x (1 - rebound) = litres; x price = rupiah",
    range_by=percentiles,
)


def measure(away: EmployeeAway, _: Measured) -> Measured:
    """The employee's own fuel."""
    commute, factors = found(away.commute, "commute"), away.factors
    saving = fuel_saving(commute, away.place, factors, away.day)
    inputs: dict[str, object] = {
        "vehicle": commute.vehicle.value,
        "spared_km": str(saving.spared_km),
        "occupants": saving.occupants,
        "km_per_litre": str(saving.km_per_litre) if saving.km_per_litre else None,
        "km_per_litre_stated": saving.km_per_litre_stated,
        "rebound_ppm": factors.rebound.central_ppm,
        "fuel": saving.fuel.value if saving.fuel else None,
        "sen_per_litre": saving.sen_per_litre,
    }
    amounts = {"microlitres": saving.litres * certain(MILLION), "sen": saving.sen}
    warnings = warned("price-old", price_of(factors, saving.fuel, away.day), factors, away.day) if saving.fuel else []
    made = FUEL.entry(Beneficiary.EMPLOYEE, factors, away.unit_id, amounts, inputs, warnings=warnings)
    return Measured([made], quantities={Category.FUEL: saving.litres})


OF_EMPLOYEES = Variant(FUEL, measure)
