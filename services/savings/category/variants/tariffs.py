"""What something costs from a day on, and the tariff of electricity, which several categories are paid by. Pure.

Rupiah = kilowatt hours x tariff of the day x (1 + local tax of who pays): the tax on electricity (PBJT) is a
household's; what government bodies draw is exempt (UU 1/2022 Ps. 52(2)).
"""

from datetime import date
from fractions import Fraction
from typing import Protocol

from services.savings.category.model import MissingInput
from services.savings.ledger.model import MILLION, Exact, certain, of_band
from shared.contracts.organisation import as_of
from shared.contracts.savings import Band, FactorSetPublished, TariffPrice

KILO = 1000


class Priced(Protocol):
    """What something costs from a day on, and when that was last found to hold."""

    @property
    def effective_from(self) -> date: ...
    @property
    def checked_on(self) -> date | None: ...


def warned(name: str, price: Priced, factors: FactorSetPublished, day: date) -> list[str]:
    """A warning where a price is older on a day than the set allows."""
    age = day - max(price.effective_from, price.checked_on or price.effective_from)
    return [name] if age.days > factors.price_days_max else []


def tariff_of(tariff_class: str, factors: FactorSetPublished, day: date) -> TariffPrice:
    """The tariff in force on a day. Raises `MissingInput`."""
    tariff = as_of([known for known in factors.tariffs if known.tariff_class == tariff_class], day)
    if tariff is None:
        raise MissingInput("tariff")
    return tariff


def sen_of(watt_hours: Exact, tariff: TariffPrice, tax_ppm: Band | None) -> Exact:
    """What that electricity costs who pays such a tax on it, or none."""
    taxed = of_band(tax_ppm, MILLION) if tax_ppm else certain(0)
    return watt_hours * certain(Fraction(tariff.sen_per_kilowatt_hour, KILO)) * (certain(1) + taxed)
