"""Office electricity: what a building does not draw while people are away, tier 1 (deemed). Pure and exact.

SE Gubernur 188/KPG.03/BKD asks for it; the model is that of zones which are closed. By building and working day,
E = base + the load of each zone that is open + the load of each person present: a building draws its base whatever
happens, each zone its load while it is open, and each person present a little more. A zone is closed when everybody who
is expected in it works elsewhere, by realised days; somebody without one is taken to be present. Who is on leave or on
a trip is not expected, and neither is who has left: they keep no zone open, and save nothing, so that a zone in which
nobody is expected is not closed by MKD. Closed zones save their load, shared among the zone's units by the people
expected; people away save the load per head, except at another office, where they draw it there.
"""

from fractions import Fraction

from services.savings.category.model import NOTHING, Definition, Measured, UnitAway, Variant, found, office_numbers
from services.savings.category.variants.tariffs import sen_of, tariff_of, warned
from services.savings.ledger.model import MILLION, Exact, certain, of_band
from shared.contracts.organisation import as_of
from shared.contracts.savings import Beneficiary, Category

OFFICE_ELECTRICITY = Definition(
    Category.OFFICE_ELECTRICITY,
    "closed zone's load x part switched off x unit's people / zone's people + load per head x "
    "people away and at no office = Wh; x tariff (x 1 + office tax, where the set has one) = rupiah",
    tells=office_numbers,
    about_all_away=True,
    budget_factor="zone_off_ppm",
)


def measure(unit: UnitAway, _: Measured) -> Measured:
    """The unit's part of what its building did not draw. Raises `MissingInput`."""
    factors, where, day = unit.factors, unit.where, unit.day
    if factors.zone_off_ppm is None:
        return NOTHING
    seat = found(unit.terms.seat, "seat")
    building = found(where.buildings.get(seat.building_id), "building")
    survey = found(as_of(building.history, day), "building")
    loads = {zone.zone: zone.load_watt_hours for zone in survey.zones}
    load = found(loads.get(seat.zone), "zone")
    heads, away = where.in_zone(seat, day)
    own_heads = where.heads(unit.unit_id, day)
    closed = 0 < heads <= away
    share = Fraction(own_heads, heads) if closed else Fraction(0)
    elsewhere = sum(one.elsewhere for one in unit.away)
    saved: Exact = of_band(factors.zone_off_ppm, MILLION) * certain(load * share)
    saved += certain(survey.per_head_watt_hours * elsewhere)
    tariff = tariff_of(survey.tariff_class, factors, unit.day)
    made = OFFICE_ELECTRICITY.entry(
        Beneficiary.REGIONAL_BUDGET,
        factors,
        unit.unit_id,
        amounts={"watt_hours": saved, "sen": sen_of(saved, tariff, factors.office_electricity_tax_ppm)},
        inputs={
            "building_id": seat.building_id,
            "zone": seat.zone,
            "zone_closed": closed,
            "zone_heads": heads,
            "zone_away": away,
            "zone_load_watt_hours": load,
            "unit_heads": own_heads,
            "not_at_an_office": elsewhere,
            "per_head_watt_hours": survey.per_head_watt_hours,
            "tariff_class": survey.tariff_class,
        },
        warnings=warned("tariff-old", tariff, factors, unit.day),
    )
    return Measured([made], quantities={Category.OFFICE_ELECTRICITY: saved})


OF_UNITS = Variant(OFFICE_ELECTRICITY, measure)
