"""What a week owes, and what a window of hours yields."""

from datetime import date, time, timedelta
from typing import Any

import pytest

from services.requests.policy.decide import Publish, policies
from services.requests.policy.value import hours_of, window_minutes
from services.requests.request.model import Request, Status
from services.requests.week.value import Week, WeekDay, week_of
from shared.contracts.requests import DailyHours, PolicyPublished, SeasonHours, WorkHours
from shared.contracts.values import TimeWindow
from shared.kit.decisions.decider import Refused
from tests.harness.given import Given
from tests.harness.made import ANI, MONDAY, REQUEST, TUESDAY, policy, submitted

PERPRES = "Perpres 21/2023 Ps. 4"
USUAL = DailyHours(minutes=450, break_minutes=60, friday_break_minutes=90, source=PERPRES)
RAMADAN: dict[str, Any] = {
    "minutes": 390,
    "break_minutes": 30,
    "friday_break_minutes": 60,
    "source": PERPRES,
    "name": "Ramadan 1447 H",
    "first_day": date(2026, 2, 19),
    "last_day": date(2026, 3, 19),
    "awaits_decree": True,
}
given = Given(policies)


def season(**changed: Any) -> SeasonHours:
    return SeasonHours(**RAMADAN | changed)


def with_hours(*seasons: SeasonHours, **changed: Any) -> PolicyPublished:
    return policy(hours=WorkHours(usual=USUAL, seasons=seasons or (season(),)), **changed)


def week(iso_week: str, *policies: PolicyPublished, asked: tuple[Request, ...] = ()) -> Week:
    return week_of(ANI, iso_week, policies or (with_hours(),), asked, "en")


@pytest.mark.parametrize(
    ("iso_week", "working_days", "minutes"),
    [
        ("2026-W37", 5, 2250),
        ("2026-W09", 5, 1950),
        ("2026-W22", 3, 1350),
        ("2026-W12", 2, 780),
    ],
    ids=["a normal week", "a week of Ramadan", "three days and two holidays", "two days of Ramadan before Nyepi"],
)
def test_a_week_owes_the_minutes_of_its_working_days(iso_week: str, working_days: int, minutes: int) -> None:
    found = week(iso_week)
    assert (found.working_days, found.minutes_owed) == (working_days, minutes)
    assert sum(day.minutes_owed or 0 for day in found.days) == minutes


def test_a_week_in_which_ramadan_begins_owes_both() -> None:
    owed = [day.minutes_owed for day in week("2026-W08").days]
    assert owed == [0, 0, 450, 390, 390, 0, 0], "Lunar New Year and its leave day, then a Wednesday before Ramadan"


def test_days_off_are_named_and_owe_nothing() -> None:
    days = {day.day: day for day in week("2026-W22").days}
    assert "Eid al-Adha" in (days[date(2026, 5, 27)].day_off or "")
    assert days[date(2026, 5, 30)].day_off == "Saturday"
    assert days[date(2026, 5, 27)].hours is None
    assert days[date(2026, 5, 26)].day_off is None


def test_a_season_says_that_it_awaits_its_decree_and_where_its_hours_come_from() -> None:
    thursday, friday = week("2026-W09").days[3:5]
    assert thursday.hours
    assert friday.hours
    assert (thursday.hours.season, thursday.hours.awaits_decree, thursday.hours.source) == (
        "Ramadan 1447 H",
        True,
        PERPRES,
    )
    assert (thursday.hours.break_minutes, friday.hours.break_minutes) == (30, 60)
    usual = week("2026-W37").days[0].hours
    assert usual
    assert (usual.season, usual.awaits_decree) == (None, False)


@pytest.mark.parametrize(
    ("day", "ends", "minutes"),
    [
        (date(2026, 9, 7), time(16), 450),
        (date(2026, 9, 11), time(16, 30), 450),
        (date(2026, 9, 11), time(16), 420),
        (date(2026, 2, 23), time(14, 30), 390),
        (date(2026, 2, 27), time(15), 390),
        (date(2026, 9, 7), time(8), 30),
        (date(2026, 9, 7), time(11, 30), 240),
        (date(2026, 9, 7), time(12), 240),
        (date(2026, 9, 7), time(12, 31), 241),
        (date(2026, 9, 7), time(0), 930),
        (date(2026, 9, 7), time(7), 1350),
    ],
    ids=[
        "Monday",
        "Friday",
        "too short a Friday",
        "Monday of Ramadan",
        "Friday of Ramadan",
        "short",
        "four hours",
        "within the break",
        "after the break",
        "till midnight",
        "over midnight",
    ],
)
def test_a_window_yields_its_minutes_less_the_break(day: date, ends: time, minutes: int) -> None:
    hours = hours_of(with_hours(), day)
    assert hours
    assert window_minutes(TimeWindow(starts=time(7, 30), ends=ends), hours, day) == minutes


def test_what_was_asked_for_stands_on_its_days_with_the_minutes_of_its_window() -> None:
    window = TimeWindow(starts=time(9), ends=time(17))
    with_window = Request(submitted(MONDAY, window=window), Status.APPROVED)
    without = Request(submitted(TUESDAY, request_id="req-00000002"))
    monday, tuesday, wednesday = week("2026-W37", asked=(with_window, without)).days[:3]
    assert [(one.request_id, one.status, one.window_minutes) for one in monday.asked] == [
        (REQUEST, Status.APPROVED, 420)
    ]
    assert [(one.request_id, one.window, one.window_minutes) for one in tuesday.asked] == [("req-00000002", None, None)]
    assert wednesday.asked == []


def test_each_day_goes_by_its_own_policy() -> None:
    more = WorkHours(usual=USUAL.model_copy(update={"minutes": 480}))
    later = policy(policy_id="pol-0002", effective_from=TUESDAY, hours=more)
    found = week("2026-W37", with_hours(), later)
    assert found.minutes_owed == 450 + 4 * 480
    assert [published.policy_id for published in found.policies] == ["pol-0001", "pol-0002"]
    assert [day.policy_id for day in found.days[:2]] == ["pol-0001", "pol-0002"]


def test_without_hours_in_the_policy_nothing_is_said_of_what_is_owed() -> None:
    found = week("2026-W37", policy())
    assert (found.working_days, found.minutes_owed) == (5, None)
    assert [(day.hours, day.minutes_owed) for day in found.days] == [(None, None)] * 5 + [(None, 0)] * 2


def test_in_the_week_in_which_the_first_policy_begins_the_days_before_it_are_unknown() -> None:
    found = week("2026-W37", with_hours(effective_from=TUESDAY))
    assert found.days[0] == WeekDay(
        day=MONDAY, day_off=None, estimated=False, policy_id=None, hours=None, minutes_owed=None, asked=[]
    )
    assert (found.working_days, found.minutes_owed) == (4, None)


@pytest.mark.parametrize(
    ("iso_week", "rule"),
    [
        ("2025-W53", "no-such-week"),
        ("0000-W01", "no-such-week"),
        ("9999-W52", "no-such-week"),
        ("0001-W01", "no-policy"),
        ("2024-W01", "no-policy"),
    ],
)
def test_a_week_that_is_not_or_has_no_policy_is_refused(iso_week: str, rule: str) -> None:
    with pytest.raises(Refused, match=rule):
        week(iso_week)


def test_the_year_of_a_week_is_that_of_its_thursday() -> None:
    assert [day.day for day in week("2026-W53").days][4] == date(2027, 1, 1)


def test_a_policy_whose_seasons_cannot_be_is_refused() -> None:
    backwards = with_hours(season(last_day=date(2026, 2, 18)))
    (refusal,) = given().when(Publish(backwards)).refused("season-order")
    assert (refusal.pointer, refusal.value, refusal.source) == (
        "/hours/seasons/0/last_day",
        date(2026, 2, 19),
        PERPRES,
    )
    meeting = with_hours(season(), season(name="Lebaran", first_day=date(2026, 3, 19), last_day=date(2026, 3, 27)))
    (refusal,) = given().when(Publish(meeting)).refused("seasons-overlap")
    assert (refusal.value, refusal.facts) == ("Ramadan 1447 H", {"name": "Lebaran"})
    following = season(name="Lebaran", first_day=date(2026, 3, 20), last_day=date(2026, 3, 27))
    given().when(Publish(with_hours(season(), following))).then(with_hours(season(), following))


def test_a_season_holds_on_its_first_and_its_last_day() -> None:
    for day, minutes in ((0, 390), (28, 390), (-1, 450), (29, 450)):
        hours = hours_of(with_hours(), RAMADAN["first_day"] + timedelta(day))
        assert hours
        assert hours.minutes == minutes
