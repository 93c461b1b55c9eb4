"""When a plan for days at the office may be opened, logged, judged and taken back."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.performance.plan.decide import Log, Verify, plans
from services.performance.plan.rules import OpenOfficePlan, WithdrawOfficePlan
from shared.contracts.event import Event
from shared.contracts.performance import OutputLogged, OutputVerified, PlanClosed, PlanOpened, WorkMode
from shared.kit.decisions.decider import NO_LIMIT
from shared.people.superiors import Superiors
from tests.harness.given import Given
from tests.harness.made import ANI, BUDI, MONDAY, TUESDAY, employee, output, plan

given = Given(plans)
OFFICE = "off-00000001"
TODAY = MONDAY - timedelta(5)


def opened(*days: date) -> PlanOpened:
    days = days or (MONDAY,)
    fields: dict[str, Any] = {"time_zone": "Asia/Jakarta", "outputs": tuple(output(day) for day in days)}
    return PlanOpened(request_id=OFFICE, employee_id=ANI, mode=WorkMode.OFFICE, **fields)


def open_plan(*days: date, today: date = TODAY, **changed: Any) -> OpenOfficePlan:
    outputs = tuple(output(day, number) for number, day in enumerate(days, 1))
    return OpenOfficePlan(OFFICE, employee(ANI, **changed), "Asia/Jakarta", today, outputs)


def test_an_employee_opens_a_plan_for_days_at_the_office() -> None:
    command = OpenOfficePlan(OFFICE, employee(), "Asia/Jakarta", TODAY, (output(MONDAY), output(TUESDAY)))
    given().when(command).then(opened(MONDAY, TUESDAY))


def test_today_and_sixty_days_ahead_are_the_first_and_the_last_day() -> None:
    assert given().when(open_plan(TODAY, TODAY + timedelta(60))).events
    (passed,) = given().when(open_plan(MONDAY, TODAY - timedelta(1))).refused("office-day-passed")
    assert (passed.pointer, passed.facts["day"]) == ("/outputs/1/day", TODAY - timedelta(1))
    (far,) = given().when(open_plan(TODAY + timedelta(61))).refused("office-day-too-far")
    assert (far.value, far.source) == (60, "Ketentuan instansi (belum diverifikasi)")


def test_every_day_that_breaks_a_rule_is_named_once() -> None:
    passed = TODAY - timedelta(1)
    command = open_plan(passed, passed, TODAY + timedelta(61))
    first, second = given().when(command).refused("office-day-passed", "office-day-too-far")
    assert (first.pointer, second.pointer) == ("/outputs/0/day", "/outputs/2/day")


def test_nobody_plans_a_day_on_which_they_are_not_active() -> None:
    given().when(open_plan(MONDAY, active=False)).refused("not-employed")
    given().when(open_plan(MONDAY, effective_from=TUESDAY)).refused("not-employed")


def test_an_office_output_is_logged_and_verified_as_any_other() -> None:
    about: dict[str, Any] = {"request_id": OFFICE, "employee_id": ANI, "output_id": output().output_id}
    about |= {"day": MONDAY, "mode": WorkMode.OFFICE}
    logged = OutputLogged(**about, quantity=Decimal(1), days_late=0, evidence_text_id="txt-0009")
    given(opened()).when(Log(output().output_id, ANI, MONDAY, Decimal(1), "txt-0009")).then(logged)
    verify = Verify(output().output_id, BUDI, Superiors(BUDI))
    given(opened(), logged).when(verify).then(OutputVerified(**about, attained_ppm=1_000_000, verified_by=BUDI))


CLOSED = PlanClosed(request_id=OFFICE, employee_id=ANI, days=(MONDAY,))


def test_days_of_an_office_plan_are_taken_back_before_they_come() -> None:
    both = opened(TUESDAY, MONDAY)
    rest = CLOSED.model_copy(update={"days": (TUESDAY,)})
    given(both).when(WithdrawOfficePlan(ANI, TODAY)).then(CLOSED.model_copy(update={"days": (MONDAY, TUESDAY)}))
    given(both).when(WithdrawOfficePlan(ANI, TODAY, (MONDAY,))).then(CLOSED)
    given(both).when(WithdrawOfficePlan(ANI, MONDAY)).then(rest)
    (begun,) = given(both).when(WithdrawOfficePlan(ANI, MONDAY, (MONDAY, TUESDAY))).refused("already-begun")
    assert begun.facts == {"day": MONDAY}
    given(both).when(WithdrawOfficePlan(ANI, TUESDAY)).refused("already-begun")
    given(both, rest).when(WithdrawOfficePlan(ANI, TODAY, (TUESDAY,))).refused("not-its-day")


@pytest.mark.parametrize(
    ("events", "by", "rule"),
    [
        ([opened()], BUDI, "not-your-plan"),
        ([opened(), CLOSED], ANI, "plan-closed"),
        ([plan()], ANI, "not-found"),
        ([], ANI, "not-found"),
    ],
)
def test_who_may_not_take_a_plan_back_is_told_why(events: list[Event], by: str, rule: str) -> None:
    given(*events).when(WithdrawOfficePlan(by, TODAY)).refused(rule)


def test_a_plan_holds_its_days_against_office_plans_and_an_mkd_plan_is_always_opened() -> None:
    of_office = plans.reservations(plans.fold([opened(MONDAY, TUESDAY)]))
    assert [(reservation.id, reservation.limit) for reservation in of_office] == [
        (f"office:{ANI}:{MONDAY}", 1),
        (f"office:{ANI}:{TUESDAY}", 1),
    ]
    (of_mkd,) = plans.reservations(plans.fold([plan()]))
    assert (of_mkd.id, of_mkd.limit) == (f"office:{ANI}:{MONDAY}", NO_LIMIT)
    assert plans.reservations(plans.fold([opened(), CLOSED])) == []
    assert plans.reservations(None) == []
