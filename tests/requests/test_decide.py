"""What may be asked for, and what becomes of it."""

from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from services.requests.policy.decide import Publish, policies
from services.requests.request.decide import (
    RecordClosing,
    RecordOutcome,
    RecordReturn,
    Replace,
    Withdraw,
    requests,
    reservations,
)
from services.requests.request.model import Status
from services.requests.request.rules import Submit
from shared.contracts.event import Event
from shared.contracts.requests import (
    Demand,
    Limit,
    Outcome,
    OutcomeRecorded,
    RequestLapsed,
    RequestWithdrawn,
    ReturnRecorded,
)
from shared.contracts.values import Place, PlaceCategory, TimeWindow
from tests.harness.given import Given
from tests.harness.made import (
    ANI,
    BUDI,
    HOME,
    MONDAY,
    REQUEST,
    TUESDAY,
    WEDNESDAY,
    absence,
    employee,
    output,
    policy,
    position,
    submitted,
)

given = Given(requests)
FRIDAY = date(2026, 9, 4)
OTHER = "req-00000002"
WITHDRAWN = RequestWithdrawn(request_id=REQUEST, employee_id=ANI, days=(MONDAY,))
REPLACED = WITHDRAWN.model_copy(update={"replaced_by": OTHER})
RETURNED = ReturnRecorded(request_id=REQUEST, employee_id=ANI)


def outcome(of: Outcome) -> OutcomeRecorded:
    return OutcomeRecorded(request_id=REQUEST, employee_id=ANI, outcome=of)


def submit(*days: date, **changed: Any) -> Submit:
    days = days or (MONDAY,)
    command = Submit(
        request_id=REQUEST,
        employee=employee(),
        positions={"pos-0001": position()},
        policies=(policy(),),
        days_off={},
        time_zone="Asia/Jakarta",
        today=date(2026, 9, 2),
        days=days,
        window=None,
        place=HOME,
        outputs=tuple(output(day) for day in days),
        reason_text_id="txt-0002",
        led=True,
    )
    return replace(command, **changed)


def test_a_request_within_the_rules_is_submitted_and_names_its_policy() -> None:
    given().when(submit(MONDAY, TUESDAY)).then(submitted(MONDAY, TUESDAY))


def test_days_are_kept_in_order() -> None:
    command = submit(TUESDAY, MONDAY)
    given().when(command).then(submitted(MONDAY, TUESDAY, outputs=command.outputs))


def test_a_day_needs_notice() -> None:
    (refusal,) = given().when(submit(MONDAY, today=MONDAY)).refused("notice")
    assert (refusal.value, refusal.source, refusal.pointer) == (1, "Ketentuan instansi", "/days")


def test_notice_of_exactly_the_days_asked_for_is_enough() -> None:
    given().when(submit(MONDAY, today=MONDAY - timedelta(1))).then(
        submitted(MONDAY, submitted_on=MONDAY - timedelta(1))
    )


def test_a_day_too_far_ahead_is_refused() -> None:
    given().when(submit(MONDAY, today=MONDAY - timedelta(61))).refused("horizon")


def test_a_day_off_is_refused_with_its_name() -> None:
    (refusal,) = given().when(submit(MONDAY, days_off={MONDAY: "Maulid Nabi"})).refused("working-day")
    assert refusal.value == "Maulid Nabi"


def test_a_day_named_twice_is_refused() -> None:
    given().when(submit(MONDAY, MONDAY)).refused("day-twice")


@pytest.mark.parametrize(
    ("assessed", "rule"),
    [
        ({"measurable": False}, "position-measurable"),
        ({"public_contact": True}, "position-public"),
    ],
)
def test_a_position_must_meet_both_criteria(assessed: dict[str, bool], rule: str) -> None:
    given().when(submit(positions={"pos-0001": position(**assessed)})).refused(rule)


@pytest.mark.parametrize(
    ("days", "refused"),
    [((TUESDAY,), ()), ((TUESDAY, WEDNESDAY), ("position-public",)), ((WEDNESDAY,), ("position-public",))],
)
def test_a_position_counts_as_it_is_assessed_on_each_day(days: tuple[date, ...], refused: tuple[str, ...]) -> None:
    (before,) = position().history
    public = before.model_copy(update={"effective_from": WEDNESDAY, "public_contact": True})
    changes = position().model_copy(update={"history": (before, public)})
    found = given().when(submit(*days, positions={"pos-0001": changes}))
    if refused:
        found.refused(*refused)
    else:
        found.then(submitted(*days))


def test_a_position_that_is_assessed_from_the_day_of_the_move_on_qualifies() -> None:
    (terms,) = position().history
    newly = position().model_copy(
        update={"position_id": "pos-0002", "history": (terms.model_copy(update={"effective_from": TUESDAY}),)}
    )
    moves = employee(ANI, {}, {"effective_from": TUESDAY, "position_id": "pos-0002"})
    both = {"pos-0001": position(), "pos-0002": newly}
    given().when(submit(MONDAY, TUESDAY, employee=moves, positions=both)).then(submitted(MONDAY, TUESDAY))


def test_a_position_that_nobody_assessed_is_refused() -> None:
    given().when(submit(positions={})).refused("position-not-assessed")


def test_a_policy_may_waive_a_criterion() -> None:
    waived = policy(no_public_contact=policy().no_public_contact.model_copy(update={"value": False}))
    command = submit(policies=(waived,), positions={"pos-0001": position(public_contact=True)})
    given().when(command).then(submitted())


def test_somebody_who_has_left_is_refused() -> None:
    left = employee(ANI, {}, {"effective_from": FRIDAY, "active": False})
    given().when(submit(employee=left)).refused("not-employed")


def test_each_day_needs_an_output_and_each_output_a_day() -> None:
    command = submit(MONDAY, TUESDAY, outputs=(output(MONDAY), output(WEDNESDAY)))
    missing, elsewhere = given().when(command).refused("output-missing", "output-elsewhere")
    assert elsewhere.pointer == "/outputs/1/day"
    assert missing.facts["day"] == TUESDAY


@pytest.mark.parametrize("category", [PlaceCategory.RESIDENCE, PlaceCategory.OFFICE])
def test_home_and_office_have_no_distance_of_their_own(category: PlaceCategory) -> None:
    given().when(submit(place=Place(category=category, round_trip_km=Decimal(60)))).refused("distance-not-needed")


@pytest.mark.parametrize("category", [PlaceCategory.ANOTHER_OFFICE, PlaceCategory.OTHER_PLACE])
def test_another_place_needs_its_distance(category: PlaceCategory) -> None:
    given().when(submit(place=Place(category=category))).refused("distance-missing")


def test_another_place_with_its_distance_is_submitted() -> None:
    place = Place(category=PlaceCategory.OTHER_PLACE, round_trip_km=Decimal("3.5"))
    given().when(submit(place=place)).then(submitted(place=place))


def test_hours_must_end_after_they_start() -> None:
    given().when(submit(window=TimeWindow(starts=time(10), ends=time(10)))).refused("window-order")


def test_hours_over_midnight_need_rules_that_open_shifts() -> None:
    night = TimeWindow(starts=time(22), ends=time(6))
    (refusal,) = given().when(submit(window=night)).refused("window-over-midnight")
    assert "PermenPANRB 4/2025" in refusal.source
    closed = policy(shifts=Demand(value=False, source="SE uji"))
    (refusal,) = given().when(submit(window=night, policies=(closed,))).refused("window-over-midnight")
    assert refusal.source == "SE uji"
    opened = policy(shifts=Demand(value=True, source="SE uji"))
    given().when(submit(window=night, policies=(opened,))).then(submitted(window=night))


def test_a_request_says_whether_quantity_counts_by_its_policy() -> None:
    counts = policy(quantity_counts=Demand(value=True, source="SE uji"))
    given().when(submit(policies=(counts,))).then(submitted(quantity_counts=True))


def test_a_holiday_that_is_only_estimated_is_refused_and_said_to_be_so() -> None:
    eid = submit(days_off={MONDAY: "Idul Fitri (perkiraan)"}, estimated=frozenset({MONDAY}))
    (refusal,) = given().when(eid).refused("working-day")
    assert refusal.source == "Perpres 21/2023 Ps. 3; perkiraan, menunggu penetapan"


def test_what_corrects_a_policy_holds_in_its_place_in_any_order() -> None:
    more = policy(policy_id="pol-0000", corrects="pol-0001", away_days_per_week_max=Limit(value=4, source="SE"))
    for known in permutations((policy(), more)):
        command = submit(MONDAY, policies=known)
        given().when(command).then(submitted(policy_id="pol-0000", away_days_per_week_max=Limit(value=4, source="SE")))


def test_without_rules_in_force_nothing_is_submitted() -> None:
    later = policy(effective_from=TUESDAY)
    given().when(submit(MONDAY, policies=(later,))).refused("no-policy")


def test_days_under_two_policies_are_asked_for_apart() -> None:
    later = policy(policy_id="pol-0002", effective_from=TUESDAY)
    given().when(submit(MONDAY, TUESDAY, policies=(policy(), later))).refused("policy-changes")


def test_the_policy_of_the_day_holds_not_that_of_the_submission() -> None:
    later = policy(policy_id="pol-0002", effective_from=MONDAY, away_days_per_week_max=Limit(value=4, source="SE"))
    command = submit(MONDAY, policies=(policy(), later))
    given().when(command).then(submitted(policy_id="pol-0002", away_days_per_week_max=Limit(value=4, source="SE")))


def test_every_broken_rule_is_named_at_once() -> None:
    command = submit(MONDAY, today=MONDAY, positions={"pos-0001": position(public_contact=True)}, outputs=())
    given().when(command).refused("notice", "position-public", "output-missing")


def test_the_employee_withdraws_before_the_first_day() -> None:
    withdrawn = RequestWithdrawn(request_id=REQUEST, employee_id=ANI, days=(MONDAY,))
    given(submitted()).when(Withdraw(ANI, FRIDAY)).then(withdrawn)


def test_nobody_else_withdraws() -> None:
    given(submitted()).when(Withdraw(BUDI, FRIDAY)).refused("not-yours")


def test_on_its_day_it_is_too_late_to_withdraw_what_was_approved() -> None:
    given(submitted(), outcome(Outcome.APPROVED)).when(Withdraw(ANI, MONDAY)).refused("already-begun")


def test_while_nobody_has_decided_a_request_is_withdrawn_at_any_time_and_as_a_whole() -> None:
    for today in (FRIDAY, MONDAY, TUESDAY, WEDNESDAY):
        both = RequestWithdrawn(request_id=REQUEST, employee_id=ANI, days=(MONDAY, TUESDAY))
        given(submitted(MONDAY, TUESDAY)).when(Withdraw(ANI, today)).then(both)
        given(submitted(MONDAY, TUESDAY)).when(Withdraw(ANI, today, (TUESDAY,))).refused("not-approved-yet")


def test_of_an_approved_request_the_days_to_come_are_withdrawn_or_those_that_are_named() -> None:
    agreed = (submitted(MONDAY, TUESDAY, WEDNESDAY), outcome(Outcome.APPROVED))
    rest = WITHDRAWN.model_copy(update={"days": (TUESDAY, WEDNESDAY)})
    one = WITHDRAWN.model_copy(update={"days": (WEDNESDAY,)})
    given(*agreed).when(Withdraw(ANI, MONDAY)).then(rest)
    given(*agreed).when(Withdraw(ANI, MONDAY, (WEDNESDAY,))).then(one)
    given(*agreed, one).when(Withdraw(ANI, MONDAY)).then(rest.model_copy(update={"days": (TUESDAY,)}))
    (late,) = given(*agreed).when(Withdraw(ANI, TUESDAY, (TUESDAY, WEDNESDAY))).refused("already-begun")
    assert late.facts == {"day": TUESDAY}
    given(*agreed, one).when(Withdraw(ANI, FRIDAY, (WEDNESDAY,))).refused("not-its-day")
    state = requests.fold([*agreed, one])
    assert state
    assert (state.status, state.days) == (Status.APPROVED, (MONDAY, TUESDAY))
    held = {reservation.id: reservation.units for reservation in reservations(state)}
    assert held == {f"day:{ANI}:{MONDAY}": 1, f"day:{ANI}:{TUESDAY}": 1, f"week:{ANI}:2026-W37": 2}


def test_a_day_that_turned_out_not_to_be_worked_is_withdrawn_at_any_time() -> None:
    agreed = (submitted(MONDAY, TUESDAY), outcome(Outcome.APPROVED))
    command = Withdraw(ANI, WEDNESDAY, excused=frozenset({MONDAY}))
    given(*agreed).when(command).then(WITHDRAWN)
    given(*agreed).when(replace(command, days=(MONDAY,))).then(WITHDRAWN)
    given(*agreed).when(replace(command, days=(MONDAY, TUESDAY))).refused("already-begun")


def test_revoked_days_are_noted_once_and_the_last_one_ends_the_request() -> None:
    agreed = (submitted(MONDAY, TUESDAY), outcome(Outcome.APPROVED))
    tuesday = outcome(Outcome.REVOKED).model_copy(update={"days": (TUESDAY,)})
    monday = outcome(Outcome.REVOKED).model_copy(update={"days": (MONDAY,)})
    given(*agreed).when(RecordOutcome(Outcome.REVOKED, (TUESDAY,))).then(tuesday)
    given(*agreed, tuesday).when(RecordOutcome(Outcome.REVOKED, (TUESDAY,))).then()
    given(*agreed, tuesday).when(RecordOutcome(Outcome.REVOKED, (MONDAY, TUESDAY))).then(monday)
    state = requests.fold([*agreed, tuesday, monday])
    assert state
    assert (state.status, reservations(state)) == (Status.REVOKED, [])
    whole = requests.fold([*agreed, outcome(Outcome.REVOKED)])
    assert whole
    assert whole.status is Status.REVOKED, "without days it is all of them, as it was told before"


def test_what_nobody_decided_in_time_lapses_and_gives_its_days_back() -> None:
    lapsed = RequestLapsed(request_id=REQUEST, employee_id=ANI, days=(MONDAY,))
    for before in ((submitted(),), (submitted(), RETURNED)):
        given(*before).when(RecordClosing(lapsed=True)).then(lapsed)
        given(*before).when(RecordClosing(lapsed=False)).then()
    given(submitted(), WITHDRAWN).when(RecordClosing(lapsed=True)).then()
    given(submitted(), lapsed).when(Withdraw(ANI, MONDAY)).refused("cannot-withdraw")
    assert reservations(requests.fold([submitted(), lapsed])) == []


def test_without_a_superior_nobody_could_decide() -> None:
    given().when(submit(led=False)).refused("no-superior")


def test_a_day_of_leave_or_of_a_trip_is_refused() -> None:
    away = absence(MONDAY, TUESDAY)
    refusals = given().when(submit(MONDAY, TUESDAY, WEDNESDAY, absences=(away,))).refused("absent", "absent")
    assert [(one.facts["day"], one.value) for one in refusals] == [(MONDAY, "leave"), (TUESDAY, "leave")]


def test_what_is_withdrawn_is_not_withdrawn_again() -> None:
    withdrawn = RequestWithdrawn(request_id=REQUEST, employee_id=ANI, days=(MONDAY,))
    given(submitted(), withdrawn).when(Withdraw(ANI, FRIDAY)).refused("cannot-withdraw")


def test_a_returned_request_is_withdrawn_at_any_time_since_nothing_was_agreed() -> None:
    given(submitted(), RETURNED).when(Withdraw(ANI, TUESDAY)).then(WITHDRAWN)


@pytest.mark.parametrize("before", [(), (outcome(Outcome.APPROVED),), (RETURNED,)])
def test_a_live_request_is_replaced_before_its_first_day(before: tuple[Event, ...]) -> None:
    given(submitted(), *before).when(Replace(ANI, FRIDAY, OTHER)).then(REPLACED)
    refusals = given(submitted(), *before).when(Replace(ANI, MONDAY, OTHER)).refused("too-late-to-change")
    assert refusals[0].facts == {"day": MONDAY, "today": MONDAY}


@pytest.mark.parametrize("before", [outcome(Outcome.REJECTED), outcome(Outcome.REVOKED), WITHDRAWN, REPLACED])
def test_a_request_that_is_over_is_not_replaced(before: Event) -> None:
    given(submitted(), before).when(Replace(ANI, FRIDAY, OTHER)).refused("cannot-change")


def test_nobody_else_replaces() -> None:
    given(submitted()).when(Replace(BUDI, FRIDAY, OTHER)).refused("not-yours")


def test_a_request_that_replaces_another_says_so() -> None:
    given().when(submit(MONDAY, replaces=OTHER)).then(submitted(replaces=OTHER))


def test_a_return_is_noted_once_and_the_request_keeps_its_days() -> None:
    given(submitted()).when(RecordReturn()).then(RETURNED)
    given(submitted(), RETURNED).when(RecordReturn()).then()
    returned = requests.fold([submitted(), RETURNED])
    assert reservations(returned) == reservations(requests.fold([submitted()])) != []


@pytest.mark.parametrize("withdrawn", [WITHDRAWN, REPLACED])
@pytest.mark.parametrize("late", [RecordReturn(), RecordOutcome(Outcome.APPROVED), RecordOutcome(Outcome.REJECTED)])
def test_whatever_the_superior_decided_crosses_a_withdrawal_in_vain(
    withdrawn: Event, late: RecordReturn | RecordOutcome
) -> None:
    given(submitted(), withdrawn).when(late).then()


def test_an_approval_is_noted_once() -> None:
    noted = OutcomeRecorded(request_id=REQUEST, employee_id=ANI, outcome=Outcome.APPROVED)
    given(submitted()).when(RecordOutcome(Outcome.APPROVED)).then(noted)
    given(submitted(), noted).when(RecordOutcome(Outcome.APPROVED)).then()


def test_an_approval_that_crossed_a_withdrawal_changes_nothing() -> None:
    withdrawn = RequestWithdrawn(request_id=REQUEST, employee_id=ANI, days=(MONDAY,))
    given(submitted(), withdrawn).when(RecordOutcome(Outcome.APPROVED)).then()


def test_a_live_request_holds_its_days_and_its_part_of_each_weeks_quota() -> None:
    next_week = MONDAY + timedelta(7)
    state = requests.fold([submitted(MONDAY, TUESDAY, next_week)])
    held = {reservation.id: (reservation.units, reservation.limit) for reservation in reservations(state)}
    assert held == {
        f"day:{ANI}:{MONDAY}": (1, 1),
        f"day:{ANI}:{TUESDAY}": (1, 1),
        f"day:{ANI}:{next_week}": (1, 1),
        f"week:{ANI}:2026-W37": (2, 2),
        f"week:{ANI}:2026-W38": (1, 2),
    }


@pytest.mark.parametrize("category", [PlaceCategory.RESIDENCE, PlaceCategory.ANOTHER_OFFICE, PlaceCategory.OTHER_PLACE])
def test_every_place_away_from_the_office_takes_quota(category: PlaceCategory) -> None:
    state = requests.fold([submitted(place=Place(category=category))])
    assert [reservation.id for reservation in reservations(state)] == [f"day:{ANI}:{MONDAY}", f"week:{ANI}:2026-W37"]


def test_other_hours_at_the_office_take_no_quota() -> None:
    state = requests.fold([submitted(place=Place(category=PlaceCategory.OFFICE))])
    assert [reservation.id for reservation in reservations(state)] == [f"day:{ANI}:{MONDAY}"]


@pytest.mark.parametrize("outcome", [Outcome.REJECTED, Outcome.REVOKED])
def test_a_rejected_or_revoked_request_gives_its_days_back(outcome: Outcome) -> None:
    noted = OutcomeRecorded(request_id=REQUEST, employee_id=ANI, outcome=outcome)
    assert reservations(requests.fold([submitted(), noted])) == []


def test_a_week_belongs_to_the_year_of_its_thursday() -> None:
    state = requests.fold([submitted(date(2026, 12, 31), date(2027, 1, 1))])
    assert [c.id for c in reservations(state) if c.id.startswith("week")] == [f"week:{ANI}:2026-W53"]


def test_a_policy_is_published_once_and_never_changed() -> None:
    about = Given(policies)
    about().when(Publish(policy())).then(policy())
    about(policy()).when(Publish(policy())).then()
    about(policy()).when(Publish(policy(title="Lain"))).refused("policy-published")
