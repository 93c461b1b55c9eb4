"""Home electricity: what working at home draws there instead, tier 1 (deemed). A negative saving. Pure and exact.

Watt hours = workstation power x time of work + the cooling that would not have run otherwise.
"""

from fractions import Fraction

from services.savings.category.model import NOTHING, Definition, EmployeeAway, Measured, Variant
from services.savings.category.variants.tariffs import sen_of, tariff_of, warned
from services.savings.ledger.model import Exact, certain, of_band
from shared.contracts.savings import Beneficiary, Category, HomeElectricity
from shared.contracts.values import PlaceCategory

HOME_ELECTRICITY = Definition(
    Category.HOME_ELECTRICITY,
    "- (workstation W x minutes / 60 + cooling Wh) = Wh; x tariff x (1 + household tax) = rupiah",
)


def home_watt_hours(home: HomeElectricity) -> Exact:
    """What a day of work at home draws there."""
    return of_band(home.workstation_watts) * certain(Fraction(home.work_minutes, 60)) + of_band(home.cooling_watt_hours)


def measure(away: EmployeeAway, _: Measured) -> Measured:
    """What the employee's home draws instead. Raises `MissingInput`."""
    home, factors = away.factors.home_electricity, away.factors
    if home is None or away.place.category is not PlaceCategory.RESIDENCE:
        return NOTHING
    spent, tariff = home_watt_hours(home), tariff_of(home.tariff_class, factors, away.day)
    made = HOME_ELECTRICITY.entry(
        Beneficiary.EMPLOYEE,
        factors,
        away.unit_id,
        amounts={"watt_hours": -spent, "sen": -sen_of(spent, tariff, factors.electricity_tax_ppm)},
        inputs={
            "workstation_watts": home.workstation_watts.central,
            "work_minutes": home.work_minutes,
            "cooling_watt_hours": home.cooling_watt_hours.central,
            "tariff_class": home.tariff_class,
        },
        warnings=warned("tariff-old", tariff, factors, away.day),
    )
    return Measured([made], quantities={Category.HOME_ELECTRICITY: -spent})


OF_EMPLOYEES = Variant(HOME_ELECTRICITY, measure)
