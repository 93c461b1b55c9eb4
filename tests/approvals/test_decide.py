"""Who may decide what."""

from datetime import timedelta

import pytest

from services.approvals.decide import Approve, CloseCase, Judgement, OpenCase, Reject, Return, Revoke, cases
from shared.contracts.approvals import ApprovalRevoked, CaseClosed, RequestRejected, RequestReturned
from shared.contracts.event import Event
from shared.kit.leaders import Leaders
from tests.harness.given import Given
from tests.harness.made import ANI, BUDI, CITRA, MONDAY, REQUEST, TUESDAY, approved, opened, submitted

given = Given(cases)
FRIDAY = MONDAY - timedelta(3)
REJECTED = RequestRejected(request_id=REQUEST, employee_id=ANI, rejected_by=BUDI, reason_text_id="txt-0009")
RETURNED = RequestReturned(request_id=REQUEST, employee_id=ANI, returned_by=BUDI, reason_text_id="txt-0009")
REVOKED = ApprovalRevoked(
    request_id=REQUEST, employee_id=ANI, days=(MONDAY,), revoked_by=BUDI, reason_text_id="txt-0009"
)
CLOSED = CaseClosed(request_id=REQUEST, employee_id=ANI)


def test_a_submitted_request_opens_a_case() -> None:
    given().when(OpenCase(submitted())).then(opened())


def test_hearing_of_a_request_twice_opens_one_case() -> None:
    given(opened()).when(OpenCase(submitted())).then()


def test_the_superior_approves() -> None:
    given(opened()).when(Approve(BUDI, Leaders(BUDI), FRIDAY)).then(approved())


def test_the_superior_approves_on_the_first_day_itself() -> None:
    given(opened()).when(Approve(BUDI, Leaders(BUDI), MONDAY)).then(approved())


def test_after_the_first_day_it_is_too_late_to_approve() -> None:
    given(opened()).when(Approve(BUDI, Leaders(BUDI), TUESDAY)).refused("first-day-passed")


def test_nobody_decides_their_own_request() -> None:
    given(opened()).when(Approve(ANI, Leaders(BUDI), FRIDAY)).refused("own-request")
    given(opened()).when(Approve(ANI, Leaders(ANI), FRIDAY)).refused("own-request")


def commands(by: str, leaders: Leaders) -> list[tuple[Judgement, tuple[Event, ...]]]:
    """Everything that somebody may do with a case, and what has happened to the case before."""
    return [
        (Approve(by, leaders, FRIDAY), (opened(),)),
        (Reject(by, leaders, "txt-0009"), (opened(),)),
        (Return(by, leaders, "txt-0009"), (opened(),)),
        (Revoke(by, leaders, "txt-0009"), (opened(), approved())),
    ]


@pytest.mark.parametrize(("command", "before"), commands(CITRA, Leaders(BUDI)))
def test_only_the_superior_decides(command: Judgement, before: tuple[Event, ...]) -> None:
    given(*before).when(command).refused("not-the-superior")


@pytest.mark.parametrize(("command", "before"), commands(CITRA, Leaders(BUDI, frozenset({CITRA}))))
def test_who_acts_for_the_superior_decides_and_the_decision_says_so(
    command: Judgement, before: tuple[Event, ...]
) -> None:
    (event,) = given(*before).when(command).events
    assert event.model_dump()["acting_for"] == BUDI


@pytest.mark.parametrize(("command", "before"), commands(BUDI, Leaders(BUDI, frozenset({CITRA}))))
def test_the_superior_goes_on_deciding_in_their_own_right(command: Judgement, before: tuple[Event, ...]) -> None:
    (event,) = given(*before).when(command).events
    assert event.model_dump()["acting_for"] is None


@pytest.mark.parametrize(("command", "before"), commands(ANI, Leaders(BUDI, frozenset({ANI}))))
def test_an_acting_official_never_decides_their_own_request(command: Judgement, before: tuple[Event, ...]) -> None:
    given(*before).when(command).refused("own-request")


def test_without_a_superior_nobody_decides() -> None:
    given(opened()).when(Approve(CITRA, Leaders(None), FRIDAY)).refused("not-the-superior")


def test_the_superior_rejects_with_a_reason() -> None:
    given(opened()).when(Reject(BUDI, Leaders(BUDI), "txt-0009")).then(REJECTED)


def test_the_superior_returns_with_a_reason() -> None:
    given(opened()).when(Return(BUDI, Leaders(BUDI), "txt-0009")).then(RETURNED)


@pytest.mark.parametrize("before", [(approved(),), (REJECTED,), (RETURNED,), (approved(), REVOKED), (CLOSED,)])
def test_only_an_open_case_is_returned(before: tuple[Event, ...]) -> None:
    given(opened(), *before).when(Return(BUDI, Leaders(BUDI), "txt-0009")).refused("case-status")


@pytest.mark.parametrize(("command", "_"), commands(BUDI, Leaders(BUDI)))
def test_a_returned_case_is_not_decided_any_more(command: Judgement, _: object) -> None:
    given(opened(), RETURNED).when(command).refused("case-status")


def test_a_decided_case_is_not_decided_again() -> None:
    given(opened(), approved()).when(Approve(BUDI, Leaders(BUDI), FRIDAY)).refused("case-status")
    given(opened(), approved()).when(Reject(BUDI, Leaders(BUDI), "txt-0009")).refused("case-status")
    given(opened(), REJECTED).when(Approve(BUDI, Leaders(BUDI), FRIDAY)).refused("case-status")


def test_an_approval_is_revoked_at_any_time() -> None:
    given(opened(), approved()).when(Revoke(BUDI, Leaders(BUDI), "txt-0009")).then(REVOKED)


def test_only_an_approval_is_revoked() -> None:
    given(opened()).when(Revoke(BUDI, Leaders(BUDI), "txt-0009")).refused("case-status")
    given(opened(), approved(), REVOKED).when(Revoke(BUDI, Leaders(BUDI), "txt-0009")).refused("case-status")


def test_a_withdrawn_request_leaves_the_desk_decided_or_not() -> None:
    given(opened()).when(CloseCase()).then(CLOSED)
    given(opened(), approved()).when(CloseCase()).then(CLOSED)
    given(opened(), RETURNED).when(CloseCase()).then(CLOSED)
    given(opened(), REJECTED).when(CloseCase()).then()


def test_a_changed_request_closes_its_case_and_opens_another_and_both_say_so() -> None:
    given(opened()).when(CloseCase("req-00000002")).then(CLOSED.model_copy(update={"replaced_by": "req-00000002"}))
    given().when(OpenCase(submitted(replaces="req-00000000"))).then(opened(replaces="req-00000000"))


def test_a_closed_case_is_not_approved() -> None:
    given(opened(), CLOSED).when(Approve(BUDI, Leaders(BUDI), FRIDAY)).refused("case-status")


def test_a_case_that_is_not_there_is_not_decided() -> None:
    given().when(Approve(BUDI, Leaders(BUDI), FRIDAY)).refused("not-found")
