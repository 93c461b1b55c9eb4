"""What is worked out once comes to the same as what is worked out each time."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from services.savings.category.model import EmployeeAway
from services.savings.category.value import OF_EMPLOYEES, measured, of_employee
from services.savings.factor_set.document import factor_sets_of
from services.savings.factor_set.model import FactorSets
from shared.contracts.organisation import Commute, Vehicle
from shared.contracts.savings import FactorSetPublished
from shared.contracts.values import Place, PlaceCategory
from shared.kit.base.versions import in_force
from shared.kit.projections.remembered import Remembered
from tests.harness.factors import factors, first_shipped

HOME = Place(category=PlaceCategory.RESIDENCE)
ELSEWHERE = Place(category=PlaceCategory.OTHER_PLACE, round_trip_km=Decimal("3.5"))
CAR = Commute(round_trip_km=Decimal(20), vehicle=Vehicle.CAR)
ELECTRIC = Commute(round_trip_km=Decimal(20), vehicle=Vehicle.ELECTRIC)


def ages() -> FactorSetPublished:
    """A set whose prices soon become old, one of them checked since, and another begins later."""
    known = factors()
    since = known.effective_from
    prices = [price.model_copy(update={"checked_on": since + timedelta(9)}) for price in known.prices]
    later = [price.model_copy(update={"effective_from": since + timedelta(40)}) for price in known.prices]
    return known.model_copy(update={"prices": (*prices, *later), "price_days_max": 20})


@pytest.mark.parametrize("known", [factors(), ages()], ids=["shipped", "prices that become old"])
def test_a_day_is_worth_what_it_is_worth_on_the_first_day_of_the_same_prices(known: FactorSetPublished) -> None:
    sets = FactorSets([known])
    days = [known.effective_from + timedelta(number) for number in range(-40, 900)]
    turns = {sets.turn(known, day) for day in days}
    assert 1 < len(turns) < 20
    for commute in (CAR, ELECTRIC, None):
        for place in (HOME, ELSEWHERE):
            away = EmployeeAway("unit-0001", commute, place, days[0], known)
            for day in days:
                whole = measured(OF_EMPLOYEES, replace(away, day=day))
                kept = of_employee(replace(away, day=sets.turn(known, day)))
                assert (kept.entries, kept.lacks) == (whole.entries, whole.lacks), day


def test_numbers_that_are_written_otherwise_are_shown_so() -> None:
    shown = [
        of_employee(
            EmployeeAway(
                "unit-0001",
                CAR.model_copy(update={"round_trip_km": Decimal(written)}),
                HOME,
                factors().effective_from,
                factors(),
            )
        )
        .entries[0]
        .inputs["spared_km"]
        for written in ("12.0", "12.00", "12")
    ]
    assert shown == ["12.0", "12.00", "12"]


def test_the_set_in_force_is_the_same_whatever_is_remembered() -> None:
    known = [factors(), first_shipped()]
    sets = factor_sets_of({one.factor_set_id: one.model_dump(mode="json") for one in known})
    for number in range(-400, 400, 7):
        day = date(2026, 6, 1) + timedelta(number)
        assert sets.in_force(day) == in_force(known, day)


def test_documents_are_remembered_by_their_bytes_and_only_so_many() -> None:
    made: list[object] = []

    def make(document: object) -> int:
        made.append(document)
        return len(made)

    remembered = Remembered(make, most=2)
    assert [remembered({"n": n}) for n in (1, 1, 1.0, 1)] == [1, 1, 2, 1]
    assert [remembered({"n": n}) for n in (True, 1, 1.0)] == [3, 1, 4], "the one that was used least lately has gone"
