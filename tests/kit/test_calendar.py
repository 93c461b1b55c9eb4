"""Which days are worked."""

from datetime import date

import pytest

from shared.contracts.requests import NamedDay
from shared.people.calendar import days_off, knows
from tests.harness.made import policy

CALENDAR = policy().calendar


@pytest.mark.parametrize(
    ("day", "language", "name"),
    [
        (date(2026, 8, 17), "id", "Hari Kemerdekaan Republik Indonesia"),
        (date(2026, 8, 17), "en", "Independence Day"),
        (date(2026, 9, 5), "id", "Sabtu"),
        (date(2026, 9, 6), "en", "Sunday"),
        (date(2026, 12, 24), "id", "Cuti Bersama Hari Raya Natal"),
    ],
)
def test_holidays_and_weekends_are_off_by_name(day: date, language: str, name: str) -> None:
    assert name in days_off(CALENDAR, [day], language)[day]


def test_an_ordinary_day_is_worked() -> None:
    assert days_off(CALENDAR, [date(2026, 9, 7)], "id") == {}


def test_an_instance_adds_days_off_and_takes_them_away() -> None:
    local = NamedDay(day=date(2026, 9, 7), name="Hari jadi kabupaten")
    changed = CALENDAR.model_copy(update={"extra_days_off": (local,), "worked_anyway": (date(2026, 8, 17),)})
    assert days_off(changed, [date(2026, 9, 7), date(2026, 8, 17)], "id") == {date(2026, 9, 7): "Hari jadi kabupaten"}


@pytest.mark.parametrize(("country", "known"), [("ID", True), ("MY", True), ("AA", False)])
def test_a_country_is_known_by_its_holidays(country: str, known: bool) -> None:
    assert knows(country) is known


def test_a_country_without_collective_leave_has_its_public_holidays() -> None:
    malaysia = CALENDAR.model_copy(update={"country": "MY"})
    assert list(days_off(malaysia, [date(2026, 8, 31), date(2026, 9, 1)], "en")) == [date(2026, 8, 31)]
