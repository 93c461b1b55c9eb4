"""The rules that are shipped, and that whatever rules are taken lead to requests that become events."""

from datetime import date, time, timedelta
from decimal import Decimal
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requests import app
from services.requests.policy.decide import Publish, policies
from services.requests.policy.value import hours_of, window_minutes
from services.requests.request.decide import requests
from services.requests.request.rules import Submit
from shared.contracts.event import EVENT_BYTES_MAX
from shared.contracts.requests import (
    DailyHours,
    Demand,
    Limit,
    NamedDay,
    PolicyPublished,
    RequestSubmitted,
    SeasonHours,
    WorkCalendar,
    WorkHours,
)
from shared.contracts.values import Place, PlaceCategory, TimeWindow
from shared.kit.base.versions import in_force
from shared.kit.decisions.decider import Refused
from shared.people.calendar import days_off, estimated, off_by
from tests.harness.examples import examples
from tests.harness.given import Given
from tests.harness.made import MONDAY, TUESDAY, employee, output, policy, position

FOLDER = Path(app.__file__).parent / "policies"
SHIPPED = [PolicyPublished.model_validate_json(file.read_bytes()) for file in sorted(FOLDER.glob("*.json"))]
published = Given(policies)

sources = st.sampled_from(["Perpres 21/2023 Ps. 4", "x" * 300])
limits = st.builds(Limit, value=st.sampled_from([0, 1, 2, 60, 100, 101, 150, 366]), source=sources)
demands = st.builds(Demand, value=st.booleans(), source=sources)
days = st.dates(date(2026, 8, 1), date(2026, 12, 31))
minutes = st.sampled_from([0, 30, 450, 1440])
daily = {"minutes": minutes, "break_minutes": minutes, "friday_break_minutes": minutes, "source": sources}
seasons = st.builds(SeasonHours, **daily, name=st.just("Ramadan"), first_day=days, last_day=days)
rules = st.builds(
    PolicyPublished,
    policy_id=st.just("pol-uji-0001"),
    corrects=st.none() | st.sampled_from(["pol-0001", "pol-none"]),
    title=st.just("Ketentuan uji"),
    effective_from=st.sampled_from([date(2025, 1, 1), date(1, 1, 1), date(2026, 9, 1), date(9999, 12, 31)]),
    away_days_per_week_max=limits,
    notice_days_min=limits,
    horizon_days_max=limits,
    measurable_position=demands,
    no_public_contact=demands,
    verified_share_min_percent=limits,
    quantity_counts=st.none() | demands,
    shifts=st.none() | demands,
    calendar=st.builds(
        WorkCalendar,
        weekdays=st.lists(st.integers(1, 7), max_size=7).map(tuple),
        country=st.sampled_from(["ID", "US", "JP", "AA"]),
        extra_days_off=st.lists(st.builds(NamedDay, day=days, name=st.just("Libur")), max_size=2).map(tuple),
        worked_anyway=st.lists(days, max_size=2).map(tuple),
        source=sources,
    ),
    hours=st.none()
    | st.builds(WorkHours, usual=st.builds(DailyHours, **daily), seasons=st.lists(seasons, max_size=2).map(tuple)),
)


@examples(300)
@given(rules, st.sampled_from(PlaceCategory), st.booleans(), st.booleans())
def test_whatever_rules_are_taken_a_request_under_them_becomes_an_event_or_is_refused(
    offered: PolicyPublished, category: PlaceCategory, far: bool, night: bool
) -> None:
    known = [policy()]
    try:
        taken = policies.decide(Publish(offered, known), None)
    except Refused:
        return
    assert taken == [offered]
    in_place = [*known, offered]
    ruled = in_force(in_place, MONDAY)
    assert ruled
    window = TimeWindow(starts=time(22), ends=time(6) if night else time(23))
    command = Submit(
        request_id="req-00000001",
        employee=employee(),
        positions={"pos-0001": position()},
        policies=in_place,
        days_off=days_off(ruled.calendar, [MONDAY, TUESDAY], "id"),
        time_zone="Asia/Jakarta",
        today=date(2026, 9, 2),
        days=(MONDAY, TUESDAY),
        window=window,
        place=Place(category=category, round_trip_km=Decimal(3) if far else None),
        outputs=(output(MONDAY), output(TUESDAY)),
        reason_text_id="txt-0002",
        led=True,
        estimated=estimated(ruled.calendar, [MONDAY, TUESDAY]),
    )
    try:
        (event,) = requests.decide(command, None)
    except Refused:
        return
    assert len(event.model_dump_json().encode()) < EVENT_BYTES_MAX
    assert isinstance(event, RequestSubmitted)
    assert set(event.days) == {agreed.day for agreed in event.outputs}
    hours = hours_of(ruled, MONDAY)
    assert hours is None or 0 < window_minutes(window, hours, MONDAY) <= 480


@pytest.mark.parametrize("day", [date(2025, 6, 2), date(2026, 3, 2), date(2026, 9, 7), date(2027, 2, 9)])
def test_the_shipped_rules_are_those_of_their_sources_in_whatever_order_they_are_stored(day: date) -> None:
    """Two days a week (PermenPANRB 4/2025 Ps. 13(1)), a day's notice, both criteria of MKD, all outputs; 37.5 hours a
    week, 32.5 in Ramadan (Perpres 21/2023 Ps. 4)."""
    found = {ruled for stored in permutations(SHIPPED) if (ruled := in_force(stored, day))}
    (ruled,) = found
    assert ruled.policy_id == ("pol-jabar-2025-2" if day.year == 2025 else "pol-jabar-2026-2")
    limits = (ruled.away_days_per_week_max, ruled.notice_days_min, ruled.horizon_days_max)
    assert [limit.value for limit in limits] == [2, 1, 60]
    assert ruled.verified_share_min_percent.value == 100
    assert ruled.measurable_position.value
    assert ruled.no_public_contact.value
    assert "Perpres" not in ruled.no_public_contact.source, "the criterion is MKD's own"
    hours = hours_of(ruled, day)
    assert hours
    assert hours.minutes == (390 if day.month in (2, 3) else 450)


def test_ramadan_begins_and_ends_as_decreed() -> None:
    ruled = in_force(SHIPPED, date(2026, 2, 19))
    assert ruled
    for first, last in ((date(2026, 2, 19), date(2026, 3, 20)), (date(2027, 2, 8), date(2027, 3, 9))):
        around = [first - timedelta(1), first, last, last + timedelta(1)]
        assert [hours.minutes for day in around if (hours := hours_of(ruled, day))] == [450, 390, 390, 450]


def test_collective_leave_is_off_and_what_is_only_estimated_says_so() -> None:
    collective, eid = date(2026, 5, 15), date(2027, 3, 10)
    assert off_by(SHIPPED, [collective, eid, MONDAY]) == {collective, eid}
    ruled = in_force(SHIPPED, collective)
    assert ruled
    assert estimated(ruled.calendar, [collective, eid, MONDAY]) == {eid}


def test_two_policies_of_one_day_are_refused_unless_one_corrects_the_other_once() -> None:
    new = policy(policy_id="pol-0002")
    published().when(Publish(new, [policy()])).refused("policy-same-day")
    corrects = new.model_copy(update={"corrects": "pol-0001"})
    published().when(Publish(corrects, [policy()])).then(corrects)
    again = corrects.model_copy(update={"policy_id": "pol-0003"})
    published().when(Publish(again, [policy(), corrects])).refused("policy-corrected")
    of_the_correction = again.model_copy(update={"corrects": "pol-0002"})
    published().when(Publish(of_the_correction, [policy(), corrects])).then(of_the_correction)
    another_day = corrects.model_copy(update={"effective_from": TUESDAY})
    published().when(Publish(another_day, [policy()])).refused("corrects-nothing")
    assert [reservation.id for one in (new, corrects) for reservation in policies.reservations(one)] == [
        f"policy:{new.effective_from}",
        "correction:pol-0001",
    ]


def test_what_corrects_holds_whatever_its_id_and_whatever_stood_beside_what_it_corrects() -> None:
    """Data of before the rule may have two policies of one day."""
    stored = [policy(policy_id="pol-zzzz"), policy(), policy(policy_id="pol-aaaa", corrects="pol-zzzz")]
    beside = [policy(policy_id="pol-zzzz"), policy(), policy(policy_id="pol-bbbb", corrects="pol-0001")]
    for versions, held in ((stored, "pol-aaaa"), (beside, "pol-zzzz"), (beside[1:], "pol-bbbb")):
        for order in permutations(versions):
            found = in_force(order, MONDAY)
            assert found
            assert found.policy_id == held


@pytest.mark.parametrize(("percent", "refused"), [(0, False), (100, False), (101, True), (150, True), (366, True)])
def test_more_than_all_cannot_be_asked_for(percent: int, refused: bool) -> None:
    offered = policy(verified_share_min_percent=Limit(value=percent, source="SE uji"))
    if refused:
        published().when(Publish(offered)).refused("share-over-100")
    else:
        published().when(Publish(offered)).then(offered)
