"""What may be reported, and who may verify it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.performance.plan.decide import ClosePlan, Log, OpenPlan, Return, Verify, WithdrawVerification, plans
from shared.contracts.performance import (
    OutputLogged,
    OutputReturned,
    OutputVerified,
    PlanClosed,
    VerificationWithdrawn,
)
from shared.people.superiors import Superiors
from tests.harness.given import Given
from tests.harness.made import ANI, BUDI, CITRA, MONDAY, REQUEST, TUESDAY, approved, output, plan

given = Given(plans)
OUTPUT = output().output_id
ABOUT: dict[str, Any] = {"request_id": REQUEST, "employee_id": ANI, "output_id": OUTPUT, "day": MONDAY}
LOGGED = OutputLogged(**ABOUT, quantity=Decimal(2), days_late=0, evidence_text_id="txt-0009")
VERIFIED = OutputVerified(**ABOUT, attained_ppm=1_000_000, verified_by=BUDI)
RETURNED = OutputReturned(**ABOUT, returned_by=BUDI, reason_text_id="txt-0008")
DOUBTED = VerificationWithdrawn(**ABOUT, withdrawn_by=BUDI, reason_text_id="txt-0008")
CLOSED = PlanClosed(request_id=REQUEST, employee_id=ANI, days=(MONDAY,))


def close(*days: date) -> ClosePlan:
    return ClosePlan(REQUEST, ANI, days or (MONDAY,))


def log(**changed: Any) -> Log:
    fields: dict[str, Any] = {"by": ANI, "today": MONDAY, "quantity": Decimal(2), "evidence_text_id": "txt-0009"}
    return Log(OUTPUT, **fields | changed)


def test_an_approved_request_opens_a_plan_once() -> None:
    given().when(OpenPlan(approved())).then(plan())
    given(plan()).when(OpenPlan(approved())).then()


def test_a_withdrawal_that_overtakes_the_approval_is_not_forgotten() -> None:
    """What was agreed and taken back is told of, and takes no report: the same as in the other order."""
    given().when(close()).then(CLOSED)
    given(CLOSED).when(close()).then()
    given(CLOSED).when(OpenPlan(approved())).then(plan())
    given(CLOSED).when(log()).refused("not-found")
    given(CLOSED, plan()).when(log()).refused("plan-closed")
    given(CLOSED, plan()).when(OpenPlan(approved())).then()


def test_each_day_of_a_plan_is_closed_once_and_the_others_go_on() -> None:
    given(plan()).when(close()).then(CLOSED)
    given(plan(), CLOSED).when(close()).then()
    two = plan(MONDAY, TUESDAY)
    tuesday = CLOSED.model_copy(update={"days": (TUESDAY,)})
    given(two).when(close(TUESDAY)).then(tuesday)
    given(two, tuesday).when(close(MONDAY, TUESDAY)).then(CLOSED)
    given(two, tuesday).when(close(TUESDAY)).then()
    given(two, tuesday).when(log()).then(LOGGED)
    given(two, LOGGED, tuesday).when(Verify(OUTPUT, BUDI, Superiors(BUDI))).then(VERIFIED)
    given(two, CLOSED).when(log()).refused("plan-closed")


def test_a_plan_that_was_closed_as_a_whole_before_days_were_told_stays_so() -> None:
    whole = PlanClosed(request_id=REQUEST, employee_id=ANI)
    given(plan(MONDAY, TUESDAY), whole).when(close(TUESDAY)).then()
    given(plan(MONDAY, TUESDAY), whole).when(log()).refused("plan-closed")


def test_an_output_is_reported_a_stated_number_of_times() -> None:
    """Until it is judged, so that there is a way on: the superior's."""
    given(plan(), *[LOGGED] * 49).when(log()).then(LOGGED)
    (refusal,) = given(plan(), *[LOGGED] * 50).when(log()).refused("reports-max")
    assert refusal.value == 50
    given(plan(), *[LOGGED] * 50).when(Verify(OUTPUT, BUDI, Superiors(BUDI))).then(VERIFIED)
    given(plan(), *[LOGGED] * 50, RETURNED).when(log()).then(LOGGED)
    given(plan(), *[LOGGED] * 50, VERIFIED, DOUBTED).when(log()).then(LOGGED)


@pytest.mark.parametrize(
    ("quantity", "target", "attained"),
    [("1", "10", 100_000), ("9", "10", 900_000), ("2", "3", 666_667), ("10", "10", 1_000_000), ("0", "0", 1_000_000)],
)
def test_a_verification_says_how_much_of_the_quantity_was_attained(quantity: str, target: str, attained: int) -> None:
    agreed = output().model_copy(update={"target_quantity": Decimal(target)})
    asked = plan().model_copy(update={"outputs": (agreed,)})
    reported = LOGGED.model_copy(update={"quantity": Decimal(quantity)})
    (event,) = given(asked, reported).when(Verify(OUTPUT, BUDI, Superiors(BUDI))).events
    assert event.model_dump()["attained_ppm"] == attained


def test_the_employee_logs_an_output_on_its_day() -> None:
    given(plan()).when(log()).then(LOGGED)


def test_an_output_logged_late_says_so() -> None:
    late = LOGGED.model_copy(update={"days_late": 3})
    given(plan()).when(log(today=MONDAY + timedelta(3))).then(late)


def test_an_output_is_not_logged_before_its_day() -> None:
    given(plan()).when(log(today=MONDAY - timedelta(1))).refused("day-to-come")


def test_nobody_logs_anothers_output() -> None:
    given(plan()).when(log(by=BUDI)).refused("not-your-output")


def test_an_output_may_be_logged_again_until_it_is_verified() -> None:
    given(plan(), LOGGED).when(log()).then(LOGGED)
    given(plan(), LOGGED, RETURNED).when(log()).then(LOGGED)
    given(plan(), LOGGED, VERIFIED).when(log()).refused("already-verified")


def test_the_superior_verifies_what_was_logged() -> None:
    given(plan(), LOGGED).when(Verify(OUTPUT, BUDI, Superiors(BUDI))).then(VERIFIED)


def test_what_was_not_logged_is_not_verified() -> None:
    given(plan()).when(Verify(OUTPUT, BUDI, Superiors(BUDI))).refused("output-progress")
    given(plan(), LOGGED, RETURNED).when(Verify(OUTPUT, BUDI, Superiors(BUDI))).refused("output-progress")


@pytest.mark.parametrize(("by", "rule"), [(ANI, "own-output"), (CITRA, "not-the-superior")])
def test_only_the_superior_judges(by: str, rule: str) -> None:
    given(plan(), LOGGED).when(Verify(OUTPUT, by, Superiors(BUDI))).refused(rule)
    given(plan(), LOGGED).when(Return(OUTPUT, by, Superiors(BUDI), "txt-0008")).refused(rule)
    given(plan(), LOGGED, VERIFIED).when(WithdrawVerification(OUTPUT, by, Superiors(BUDI), "txt-0008")).refused(rule)


def test_who_acts_for_the_superior_judges_in_their_place_and_is_named() -> None:
    leaders = Superiors(BUDI, frozenset({CITRA}))
    in_place = {"acting_for": BUDI}
    verified = VERIFIED.model_copy(update={"verified_by": CITRA, **in_place})
    given(plan(), LOGGED).when(Verify(OUTPUT, CITRA, leaders)).then(verified)
    returned = RETURNED.model_copy(update={"returned_by": CITRA, **in_place})
    given(plan(), LOGGED).when(Return(OUTPUT, CITRA, leaders, "txt-0008")).then(returned)
    doubted = DOUBTED.model_copy(update={"withdrawn_by": CITRA, **in_place})
    given(plan(), LOGGED, VERIFIED).when(WithdrawVerification(OUTPUT, CITRA, leaders, "txt-0008")).then(doubted)
    given(plan(), LOGGED).when(Verify(OUTPUT, BUDI, leaders)).then(VERIFIED)


def test_nobody_who_acts_for_the_superior_judges_their_own() -> None:
    given(plan(), LOGGED).when(Verify(OUTPUT, ANI, Superiors(BUDI, frozenset({ANI})))).refused("own-output")


def test_the_superior_returns_what_was_logged() -> None:
    given(plan(), LOGGED).when(Return(OUTPUT, BUDI, Superiors(BUDI), "txt-0008")).then(RETURNED)


def test_a_verification_is_withdrawn_and_given_again() -> None:
    given(plan(), LOGGED, VERIFIED).when(WithdrawVerification(OUTPUT, BUDI, Superiors(BUDI), "txt-0008")).then(DOUBTED)
    given(plan(), LOGGED, VERIFIED, DOUBTED).when(Verify(OUTPUT, BUDI, Superiors(BUDI))).then(VERIFIED)


def test_only_a_verification_is_withdrawn() -> None:
    given(plan(), LOGGED).when(WithdrawVerification(OUTPUT, BUDI, Superiors(BUDI), "txt-0008")).refused(
        "output-progress"
    )


def test_a_closed_plan_takes_nothing_more() -> None:
    given(plan(), LOGGED, CLOSED).when(log()).refused("plan-closed")
    given(plan(), LOGGED, CLOSED).when(Verify(OUTPUT, BUDI, Superiors(BUDI))).refused("plan-closed")


def test_an_output_that_was_not_agreed_is_not_there() -> None:
    given(plan(MONDAY, TUESDAY)).when(Log("out-none", ANI, MONDAY, Decimal(1), "txt-0009")).refused("not-found")
