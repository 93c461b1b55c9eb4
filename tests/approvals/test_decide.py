"""Who may decide what."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.approvals.case.decide import Approve, CloseCase, Judgement, Lapse, OpenCase, Reject, Return, Revoke, cases
from services.approvals.case.model import Status
from shared.contracts.approvals import ApprovalRevoked, CaseClosed, RequestRejected, RequestReturned
from shared.contracts.event import Event
from shared.people.superiors import Superiors
from tests.harness.given import Given
from tests.harness.made import ANI, BUDI, CITRA, MONDAY, REQUEST, TUESDAY, WEDNESDAY, approved, opened, submitted

given = Given(cases)
FRIDAY, THURSDAY = MONDAY - timedelta(3), MONDAY + timedelta(3)
REJECTED = RequestRejected(request_id=REQUEST, employee_id=ANI, rejected_by=BUDI, reason_text_id="txt-0009")
RETURNED = RequestReturned(request_id=REQUEST, employee_id=ANI, returned_by=BUDI, reason_text_id="txt-0009")
REVOKED = ApprovalRevoked(
    request_id=REQUEST, employee_id=ANI, days=(MONDAY,), revoked_by=BUDI, reason_text_id="txt-0009"
)
CLOSED = CaseClosed(request_id=REQUEST, employee_id=ANI, days=(MONDAY,))


def test_a_submitted_request_opens_a_case() -> None:
    given().when(OpenCase(submitted())).then(opened())


def test_hearing_of_a_request_twice_opens_one_case() -> None:
    given(opened()).when(OpenCase(submitted())).then()


def test_the_superior_approves() -> None:
    given(opened()).when(Approve(BUDI, Superiors(BUDI), FRIDAY)).then(approved())


def test_the_superior_approves_on_the_first_day_itself() -> None:
    given(opened()).when(Approve(BUDI, Superiors(BUDI), MONDAY)).then(approved())


def test_after_the_first_day_it_is_too_late_to_approve() -> None:
    given(opened()).when(Approve(BUDI, Superiors(BUDI), TUESDAY)).refused("first-day-passed")


def test_nobody_decides_their_own_request() -> None:
    given(opened()).when(Approve(ANI, Superiors(BUDI), FRIDAY)).refused("own-request")
    given(opened()).when(Approve(ANI, Superiors(ANI), FRIDAY)).refused("own-request")


def commands(by: str, leaders: Superiors) -> list[tuple[Judgement, tuple[Event, ...]]]:
    """Everything that somebody may do with a case, and what has happened to the case before."""
    return [
        (Approve(by, leaders, FRIDAY), (opened(),)),
        (Reject(by, leaders, "txt-0009"), (opened(),)),
        (Return(by, leaders, "txt-0009"), (opened(),)),
        (Revoke(by, leaders, "txt-0009", FRIDAY), (opened(), approved())),
    ]


@pytest.mark.parametrize(("command", "before"), commands(CITRA, Superiors(BUDI)))
def test_only_the_superior_decides(command: Judgement, before: tuple[Event, ...]) -> None:
    given(*before).when(command).refused("not-the-superior")


@pytest.mark.parametrize(("command", "before"), commands(CITRA, Superiors(BUDI, frozenset({CITRA}))))
def test_who_acts_for_the_superior_decides_and_the_decision_says_so(
    command: Judgement, before: tuple[Event, ...]
) -> None:
    (event,) = given(*before).when(command).events
    assert event.model_dump()["acting_for"] == BUDI


@pytest.mark.parametrize(("command", "before"), commands(BUDI, Superiors(BUDI, frozenset({CITRA}))))
def test_the_superior_goes_on_deciding_in_their_own_right(command: Judgement, before: tuple[Event, ...]) -> None:
    (event,) = given(*before).when(command).events
    assert event.model_dump()["acting_for"] is None


@pytest.mark.parametrize(("command", "before"), commands(ANI, Superiors(BUDI, frozenset({ANI}))))
def test_an_acting_official_never_decides_their_own_request(command: Judgement, before: tuple[Event, ...]) -> None:
    given(*before).when(command).refused("own-request")


def test_without_a_superior_nobody_decides() -> None:
    given(opened()).when(Approve(CITRA, Superiors(None), FRIDAY)).refused("not-the-superior")


def test_the_superior_rejects_with_a_reason() -> None:
    given(opened()).when(Reject(BUDI, Superiors(BUDI), "txt-0009")).then(REJECTED)


def test_the_superior_returns_with_a_reason() -> None:
    given(opened()).when(Return(BUDI, Superiors(BUDI), "txt-0009")).then(RETURNED)


@pytest.mark.parametrize("before", [(approved(),), (REJECTED,), (RETURNED,), (approved(), REVOKED), (CLOSED,)])
def test_only_an_open_case_is_returned(before: tuple[Event, ...]) -> None:
    given(opened(), *before).when(Return(BUDI, Superiors(BUDI), "txt-0009")).refused("case-status")


@pytest.mark.parametrize(("command", "_"), commands(BUDI, Superiors(BUDI)))
def test_a_returned_case_is_not_decided_any_more(command: Judgement, _: object) -> None:
    given(opened(), RETURNED).when(command).refused("case-status")


def test_a_decided_case_is_not_decided_again() -> None:
    given(opened(), approved()).when(Approve(BUDI, Superiors(BUDI), FRIDAY)).refused("case-status")
    given(opened(), approved()).when(Reject(BUDI, Superiors(BUDI), "txt-0009")).refused("case-status")
    given(opened(), REJECTED).when(Approve(BUDI, Superiors(BUDI), FRIDAY)).refused("case-status")


def test_a_request_of_several_days_is_approved_before_or_on_the_first_of_them() -> None:
    several = opened(MONDAY, TUESDAY)
    given(several).when(Approve(BUDI, Superiors(BUDI), MONDAY)).then(approved(MONDAY, TUESDAY))
    (late,) = given(several).when(Approve(BUDI, Superiors(BUDI), TUESDAY)).refused("first-day-passed")
    assert late.facts == {"day": MONDAY, "today": TUESDAY}


def revoke(today: date, *days: date) -> Revoke:
    return Revoke(BUDI, Superiors(BUDI), "txt-0009", today, days or None)


def revoked(*days: date) -> ApprovalRevoked:
    return REVOKED.model_copy(update={"days": days})


def test_what_is_over_stays_unless_it_is_named() -> None:
    agreed = (opened(MONDAY, TUESDAY, WEDNESDAY), approved(MONDAY, TUESDAY, WEDNESDAY))
    given(*agreed).when(revoke(TUESDAY)).then(revoked(TUESDAY, WEDNESDAY))
    given(*agreed).when(revoke(TUESDAY, WEDNESDAY)).then(revoked(WEDNESDAY))
    given(*agreed).when(revoke(TUESDAY, MONDAY)).then(revoked(MONDAY))
    given(*agreed).when(revoke(THURSDAY)).refused("days-over")
    given(*agreed).when(revoke(THURSDAY, MONDAY)).then(revoked(MONDAY))
    (strange,) = given(*agreed).when(revoke(MONDAY, THURSDAY)).refused("not-its-day")
    assert strange.facts == {"day": THURSDAY}


def test_a_case_stays_approved_while_days_are_left_and_each_day_is_taken_back_once() -> None:
    agreed = (opened(MONDAY, TUESDAY), approved(MONDAY, TUESDAY))
    given(*agreed, revoked(TUESDAY)).when(revoke(FRIDAY, TUESDAY)).refused("not-its-day")
    given(*agreed, revoked(TUESDAY)).when(CloseCase((TUESDAY,))).then()
    given(*agreed, revoked(TUESDAY)).when(CloseCase((MONDAY, TUESDAY))).then(CLOSED)
    given(*agreed, CLOSED).when(revoke(FRIDAY)).then(revoked(TUESDAY))
    for events, status in (
        ((revoked(TUESDAY),), Status.APPROVED),
        ((revoked(TUESDAY), revoked(MONDAY)), Status.REVOKED),
        ((revoked(TUESDAY), CLOSED), Status.CLOSED),
    ):
        case = cases.fold([*agreed, *events])
        assert case
        assert case.status is status


def test_a_case_lapses_when_its_first_day_is_over_where_the_unit_is() -> None:
    """Jayapura's Monday ends at 15:00 UTC, two hours before Jakarta's."""
    lapsed = CaseClosed(request_id=REQUEST, employee_id=ANI, days=(MONDAY, TUESDAY), lapsed=True)
    for zone, hour in (("Asia/Jakarta", 17), ("Asia/Jayapura", 15)):
        over = datetime(2026, 9, 7, hour, tzinfo=UTC)
        asked = opened(MONDAY, TUESDAY, time_zone=zone)
        for before in ((asked,), (asked, RETURNED)):
            given(*before).when(Lapse(over)).then(lapsed)
            given(*before).when(Lapse(over - timedelta(seconds=1))).then()
        for decided in (approved(MONDAY, TUESDAY), REJECTED, lapsed):
            given(asked, decided).when(Lapse(over)).then()


def test_an_approval_is_revoked_at_any_time() -> None:
    given(opened(), approved()).when(Revoke(BUDI, Superiors(BUDI), "txt-0009", FRIDAY)).then(REVOKED)


def test_only_an_approval_is_revoked() -> None:
    given(opened()).when(Revoke(BUDI, Superiors(BUDI), "txt-0009", FRIDAY)).refused("case-status")
    given(opened(), approved(), REVOKED).when(Revoke(BUDI, Superiors(BUDI), "txt-0009", FRIDAY)).refused("case-status")


def test_a_withdrawn_request_leaves_the_desk_decided_or_not() -> None:
    given(opened()).when(CloseCase((MONDAY,))).then(CLOSED)
    given(opened(), approved()).when(CloseCase((MONDAY,))).then(CLOSED)
    given(opened(), RETURNED).when(CloseCase((MONDAY,))).then(CLOSED)
    given(opened(), REJECTED).when(CloseCase((MONDAY,))).then()


def test_a_changed_request_closes_its_case_and_opens_another_and_both_say_so() -> None:
    changed = CLOSED.model_copy(update={"replaced_by": "req-00000002"})
    given(opened()).when(CloseCase((MONDAY,), "req-00000002")).then(changed)
    given().when(OpenCase(submitted(replaces="req-00000000"))).then(opened(replaces="req-00000000"))


def test_a_closed_case_is_not_approved() -> None:
    given(opened(), CLOSED).when(Approve(BUDI, Superiors(BUDI), FRIDAY)).refused("case-status")


def test_a_case_that_is_not_there_is_not_decided() -> None:
    given().when(Approve(BUDI, Superiors(BUDI), FRIDAY)).refused("not-found")
