"""What a unit's day is worth: its part of a zone, tariffs and allowances of the day, who pays tax, and whose money it
is."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from shared.contracts import approvals, organisation, performance, requests
from shared.contracts.event import Event
from shared.contracts.organisation import Grade
from shared.contracts.performance import OutputVerified
from shared.contracts.requests import RequestWithdrawn
from shared.contracts.savings import Band, FactorSetPublished
from shared.contracts.values import Place, PlaceCategory
from shared.kit.decisions.decider import Document
from shared.kit.messaging.cloudevents import ReceivedEvent
from tests.harness.factors import factors
from tests.harness.fold import ReadModels
from tests.harness.made import (
    ANI,
    BUDI,
    CITRA,
    MONDAY,
    REQUEST,
    absences,
    approved,
    building,
    employee,
    heard,
    output,
    unit,
)

AFTER = datetime(2026, 9, 20, tzinfo=UTC)
ALL_OFF = Band(low=1_000_000, central=1_000_000, high=1_000_000, source="uji")
ONE_UNIT = (building(), unit(meals=True), employee(ANI, grade=Grade.III))


def recorded(*events: Event, n: int = 1) -> list[ReceivedEvent]:
    return [heard(organisation.PUBLISHER, event, n) for event in events]


def away(whose: str = ANI, request_id: str = REQUEST, **agreed: Any) -> list[ReceivedEvent]:
    about: dict[str, Any] = {"request_id": request_id, "employee_id": whose}
    done = OutputVerified(**about, output_id=output().output_id, day=MONDAY, verified_by=BUDI)
    return [
        heard(approvals.PUBLISHER, approved(**about, **agreed), 1),
        heard(performance.PUBLISHER, done, 1),
    ]


def settled(using: FactorSetPublished, *batches: Sequence[ReceivedEvent]) -> ReadModels:
    """Marks are worked off after each batch."""
    models = ReadModels(using)
    for batch in batches:
        models.hear(batch, AFTER)
        models.settle(AFTER)
    return models


def entries(models: ReadModels, category: str, unit_id: str = "unit-0001") -> list[Document]:
    """What a unit's Monday is worth in a category."""
    position = models.shown["unit_days"][f"{unit_id}:{MONDAY}"]["position"]
    return [entry for entry in position["entries"] if entry["category"] == category]


def watt_hours(models: ReadModels, unit_id: str = "unit-0001") -> int:
    (electricity,) = entries(models, "office_electricity", unit_id)
    return int(electricity["amounts"]["watt_hours"]["central"])


def meal_sen(models: ReadModels) -> dict[str, int]:
    """By whose they are."""
    return {entry["beneficiary"]: entry["amounts"]["sen"]["central"] for entry in entries(models, "meals")}


def with_more(using: FactorSetPublished, **newer: dict[str, Any]) -> FactorSetPublished:
    """A set with further prices: `tariffs` and `meal_allowances` copied with other fields."""
    added = {name: (*getattr(using, name), *_changed(getattr(using, name), its)) for name, its in newer.items()}
    return using.model_copy(update=added)


def _changed(known: Sequence[Any], fields: dict[str, Any]) -> list[Any]:
    return [one.model_copy(update=fields) for one in known]


def test_a_closed_zone_is_shared_by_its_units_people() -> None:
    """Two of three people are the first unit's: 80 of 120 kWh, and what all heads draw besides."""
    people = [employee(ANI), employee(CITRA), employee(BUDI, unit_id="unit-0002")]
    gone = [*away(), *away(CITRA, "req-00000002"), *away(BUDI, "req-00000003")]
    using = factors().model_copy(update={"zone_off_ppm": ALL_OFF})
    models = settled(using, [*recorded(building(), unit(), unit("unit-0002"), *people), *gone])
    assert (watt_hours(models), watt_hours(models, "unit-0002")) == (80_000 + 2 * 1200, 40_000 + 1200)


def test_the_tariff_of_the_day_holds_and_not_the_newest() -> None:
    later = {"effective_from": date(2026, 10, 1), "sen_per_kilowatt_hour": 999_999}
    models = settled(with_more(factors(), tariffs=later), [*recorded(*ONE_UNIT), *away()])
    (electricity,) = entries(models, "office_electricity")
    saved = Fraction(120_000 * 8, 10) + 1200
    assert electricity["amounts"]["sen"]["central"] == round(saved * Fraction(169_953, 1000))


def test_the_meal_allowance_of_the_day_holds_and_not_the_newest() -> None:
    later = {"effective_from": date(2026, 10, 1), "sen_per_day": 9_999_999}
    models = settled(with_more(factors(), meal_allowances=later), [*recorded(*ONE_UNIT), *away()])
    assert meal_sen(models) == {"regional_budget": 3_700_000, "employee": -3_700_000}


def test_government_bodies_pay_no_tax_on_electricity_and_households_do() -> None:
    """UU 1/2022 Ps. 52(2): the office's kilowatt hours are priced bare, the home's with PBJT."""
    models = settled(factors(), [*recorded(*ONE_UNIT), *away()])
    (office,) = entries(models, "office_electricity")
    for bound in ("low", "central", "high"):
        assert office["amounts"]["sen"][bound] == round(
            Fraction(office["amounts"]["watt_hours"][bound]) * Fraction(169_953, 1000)
        )
    position = models.shown["days"][f"{ANI}:{MONDAY}"]["position"]
    (home,) = (one for one in position["entries"] if one["category"] == "home_electricity")
    assert home["amounts"]["sen"]["central"] == round(Fraction(-2175, 1000) * 144_470 * Fraction(103, 100))


def test_an_office_that_is_taxed_pays_its_own_tax() -> None:
    taxed = factors().model_copy(update={"office_electricity_tax_ppm": ALL_OFF})
    bare, double = (settled(using, [*recorded(*ONE_UNIT), *away()]) for using in (factors(), taxed))
    sen = [entries(models, "office_electricity")[0]["amounts"]["sen"]["central"] for models in (bare, double)]
    assert sen[1] == pytest.approx(2 * sen[0], abs=1)


def test_budget_lines_and_what_is_cashable_are_the_budgets_alone() -> None:
    models = settled(factors(), [*recorded(*ONE_UNIT), *away()])
    rows = models.shown["postings"].values()
    told = {(row["category"], row["beneficiary"]): (row["budget_line"], row["cashable"]) for row in rows}
    assert told == {
        ("fuel", "employee"): (None, False),
        ("home_electricity", "employee"): (None, False),
        ("co2e", "society"): (None, False),
        ("office_electricity", "regional_budget"): ("5.1.02.02.01.0061", False),
        ("meals", "regional_budget"): ("5.1.01.02.01.0001", True),
        ("meals", "employee"): (None, False),
    }


def test_a_meal_allowance_without_a_budget_line_is_not_cashable() -> None:
    """As in sets of before that rule, which count meals and name no line."""
    lines = tuple(line for line in factors().budget_lines if line.category != "meals")
    models = settled(factors().model_copy(update={"budget_lines": lines}), [*recorded(*ONE_UNIT), *away()])
    assert [(entry["budget_line"], entry["cashable"]) for entry in entries(models, "meals")] == [(None, False)] * 2


def test_where_the_allowance_is_not_paid_by_attendance_no_meal_is_saved() -> None:
    models = settled(factors(), [*recorded(building(), unit(), employee(ANI, grade=Grade.III)), *away()])
    assert entries(models, "meals") == []


def test_a_corrected_grade_restates_meals() -> None:
    correction = recorded(employee(ANI, grade=Grade.IV), n=2)
    models = settled(factors(), [*recorded(*ONE_UNIT), *away()], correction)
    assert meal_sen(models) == {"regional_budget": 4_100_000, "employee": -4_100_000}


def test_a_day_that_is_worked_at_another_place_after_all_is_settled_anew() -> None:
    """The load per head is drawn at the other office, where a meal allowance is paid too."""
    elsewhere = Place(category=PlaceCategory.ANOTHER_OFFICE, round_trip_km=Decimal(5))
    withdrawn = RequestWithdrawn(request_id=REQUEST, employee_id=ANI, days=(MONDAY,))
    models = settled(factors(), [*recorded(*ONE_UNIT, employee(CITRA)), *away()])
    assert (watt_hours(models), len(entries(models, "meals"))) == (1200, 2)
    models.hear([heard(requests.PUBLISHER, withdrawn, 1), *away(request_id="req-00000002", place=elsewhere)], AFTER)
    models.settle(AFTER)
    assert (watt_hours(models), entries(models, "meals")) == (0, [])


def test_greenhouse_gas_is_kept_apart_by_scope_and_counts_days() -> None:
    """Three people of one unit on one day: three days of people in scope 3, one of the unit in scope 2."""
    people = [employee(ANI), employee(CITRA), employee(BUDI)]
    gone = [*away(), *away(CITRA, "req-00000002"), *away(BUDI, "req-00000003")]
    models = settled(factors(), [*recorded(building(), unit(), *people), *gone])
    cells = [total for total in models.shown["unit_months"].values() if total["category"] == "co2e"]
    assert {total["scope"]: total["days"] for total in cells} == {3: 3, 2: 1}
    (office,) = (total for total in cells if total["scope"] == 2)
    assert office["amounts"]["grams_co2e"]["central"] == watt_hours(models) * 870 // 1000


def test_old_prices_are_warned_of_and_counted_all_the_same() -> None:
    """Checked on 1 January 2026 and good for 400 days: on 7 September they are fresh, with a month they are old."""
    fresh = settled(factors(), [*recorded(*ONE_UNIT), *away()])
    assert {name for total in fresh.shown["unit_months"].values() for name in total.get("warnings", {})} == set()
    old = settled(factors().model_copy(update={"price_days_max": 30}), [*recorded(*ONE_UNIT), *away()])
    warned = {
        (total["category"], total["beneficiary"]): total.get("warnings", {})
        for total in old.shown["unit_months"].values()
    }
    assert warned == {
        ("fuel", "employee"): {"price-old": 1},
        ("home_electricity", "employee"): {"tariff-old": 1},
        ("co2e", "society"): {},
        ("office_electricity", "regional_budget"): {"tariff-old": 1},
        ("meals", "regional_budget"): {"meal-allowance-old": 1},
        ("meals", "employee"): {"meal-allowance-old": 1},
    }
    assert meal_sen(old) == meal_sen(fresh)


def closed(models: ReadModels) -> bool:
    (electricity,) = entries(models, "office_electricity")
    return bool(electricity["inputs"]["zone_closed"])


def test_who_is_absent_keeps_no_zone_open_and_saves_nothing() -> None:
    two = recorded(building(), unit(), employee(ANI), employee(CITRA))
    on_leave = recorded(absences((MONDAY, MONDAY), employee_id=CITRA))
    assert not closed(settled(factors(), [*two, *away()]))
    models = settled(factors(), [*two, *away()], on_leave)
    assert closed(models)
    assert watt_hours(models) == 96_000 + 1200, "the load per head of one, who is away"
    assert models.digest() == settled(factors(), [*on_leave, *two, *away()]).digest()


def test_leave_that_was_taken_back_opens_the_zone_again() -> None:
    two = recorded(building(), unit(), employee(ANI), employee(CITRA), absences((MONDAY, MONDAY), employee_id=CITRA))
    back = absences((MONDAY, date(2026, 9, 6)), employee_id=CITRA)
    assert not closed(settled(factors(), [*two, *away()], recorded(back, n=2)))


def test_a_neighbours_leave_concerns_the_whole_building() -> None:
    """Of another unit, which has nobody away itself."""
    two = recorded(building(), unit(), unit("unit-0002"), employee(ANI), employee(CITRA, unit_id="unit-0002"))
    models = settled(factors(), [*two, *away()], recorded(absences((MONDAY, date(2026, 9, 20)), employee_id=CITRA)))
    assert closed(models)


def test_a_zone_in_which_nobody_is_expected_is_not_closed_by_anybody() -> None:
    absent = [absences((MONDAY, MONDAY), employee_id=who) for who in (ANI, CITRA)]
    models = settled(factors(), [*recorded(building(), unit(), employee(ANI), employee(CITRA), *absent), *away()])
    assert models.shown["unit_days"] == {}
    assert models.shown["days"][f"{ANI}:{MONDAY}"]["lacks"] == ["absence"]
