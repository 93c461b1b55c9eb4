"""How histories grow and are corrected, how long a mandate holds, and whose data may be erased."""

from datetime import date
from typing import Any

import pytest

from services.organisation.entity.decide import (
    Erase,
    ForgetIdentity,
    Record,
    RecordEmployee,
    acting,
    all_amended,
    amended,
    employees,
    erasures,
    units,
)
from services.organisation.mandate.rules import SOURCE, months_after
from shared.contracts.organisation import (
    ActingKind,
    ActingRecorded,
    ActingTerms,
    EmployeeRecorded,
    Identity,
    PersonErased,
    UnitRecorded,
    UnitTerms,
)
from tests.harness import made
from tests.harness.given import Given

A, B, C = date(2025, 1, 1), date(2025, 6, 1), date(2026, 1, 1)


def terms(day: date, name: str) -> UnitTerms:
    return UnitTerms(effective_from=day, name=name, time_zone="Asia/Jakarta")


def test_terms_are_added_in_order() -> None:
    assert amended((terms(A, "x"), terms(C, "z")), terms(B, "y")) == (terms(A, "x"), terms(B, "y"), terms(C, "z"))


def test_terms_of_the_same_day_are_corrected() -> None:
    assert amended((terms(A, "x"),), terms(A, "y")) == (terms(A, "y"),)


def test_terms_that_say_nothing_new_change_nothing() -> None:
    history = (terms(A, "x"), terms(C, "z"))
    assert amended(history, terms(B, "x")) == history
    assert amended(history, terms(C, "z")) == history


def test_terms_before_all_others_are_added_though_alike() -> None:
    assert amended((terms(B, "x"),), terms(A, "x")) == (terms(A, "x"), terms(B, "x"))


def test_a_sheet_that_is_loaded_again_changes_nothing_in_whatever_order_its_rows_are() -> None:
    once = all_amended((), [terms(C, "y"), terms(A, "x"), terms(B, "x")])
    assert once == (terms(A, "x"), terms(C, "y"))
    assert all_amended(once, [terms(B, "x"), terms(C, "y"), terms(A, "x")]) == once


def test_one_event_tells_all_that_a_sheet_says_of_a_unit() -> None:
    recorded = UnitRecorded(unit_id="unit-0001", history=(terms(A, "x"), terms(B, "y")))
    given = Given(units)
    given().when(Record("unit-0001", (terms(B, "y"), terms(A, "x")))).then(recorded)
    given(recorded).when(Record("unit-0001", (terms(A, "x"),))).then()


def plt(begins: date, ends: date, kind: ActingKind = ActingKind.PLT) -> ActingTerms:
    return ActingTerms(effective_from=begins, ends_on=ends, kind=kind, for_id="emp-eka0", acting_id="emp-budi")


FIRST = plt(date(2026, 1, 5), date(2026, 4, 4))
SECOND = plt(date(2026, 4, 5), date(2026, 7, 4))


@pytest.mark.parametrize(
    ("more", "rule", "value"),
    [
        (plt(date(2026, 4, 5), date(2026, 7, 5)), "plt-too-long", 3),
        (plt(date(2026, 6, 1), date(2026, 7, 31)), "plt-too-long-in-all", 6),
    ],
)
def test_a_plt_has_three_months_and_three_more(more: ActingTerms, rule: str, value: int) -> None:
    known = ActingRecorded(acting_assignment_id="act-0001", history=(FIRST,))
    (violation,) = Given(acting)(known).when(Record("act-0001", (more,))).refused(rule)
    assert (violation.value, violation.source) == (value, SOURCE)
    both = ActingRecorded(acting_assignment_id="act-0001", history=(FIRST, SECOND))
    Given(acting)(known).when(Record("act-0001", (SECOND,))).then(both)


def test_a_plt_is_extended_once_however_short() -> None:
    months = (plt(date(2026, 1, 1), date(2026, 1, 31)), plt(date(2026, 2, 1), date(2026, 2, 28)))
    known = ActingRecorded(acting_assignment_id="act-0001", history=months)
    third = plt(date(2026, 3, 1), date(2026, 3, 31))
    Given(acting)(known).when(Record("act-0001", (third,))).refused("plt-extended-twice")


def test_a_plt_that_ends_early_is_no_extension_and_a_plh_has_no_limit() -> None:
    ended = plt(date(2026, 2, 1), date(2026, 1, 31))
    shorter = plt(date(2026, 2, 1), date(2026, 3, 1))
    for more in (ended, shorter):
        known = ActingRecorded(acting_assignment_id="act-0001", history=(FIRST,))
        told = ActingRecorded(acting_assignment_id="act-0001", history=(FIRST, more))
        Given(acting)(known).when(Record("act-0001", (more,))).then(told)
    long = plt(date(2026, 1, 1), date(2026, 12, 31), ActingKind.PLH)
    told = ActingRecorded(acting_assignment_id="act-0002", history=(long,))
    Given(acting)().when(Record("act-0002", (long,))).then(told)


def test_months_end_where_their_month_does() -> None:
    assert months_after(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert months_after(date(2026, 1, 5), 3) == date(2026, 4, 5)
    assert months_after(date(2026, 12, 31), 0) == date(2026, 12, 31)


def left(*changed: dict[str, Any]) -> EmployeeRecorded:
    return made.employee(made.ANI, {}, {"effective_from": date(2026, 6, 1), "active": False}, *changed)


@pytest.mark.parametrize(
    ("employee", "today", "day"),
    [
        (made.employee(), date(2026, 9, 2), "2026-09-02"),
        (left(), date(2026, 5, 31), "2026-05-31"),
        (left({"effective_from": date(2026, 10, 1), "active": True}), date(2026, 9, 2), "2026-10-01"),
    ],
)
def test_whoever_is_employed_or_will_be_is_not_erased(employee: EmployeeRecorded, today: date, day: str) -> None:
    (violation,) = Given(erasures)().when(Erase("ers-0001", employee, today, "txt-0001")).refused("still-employed")
    assert (str(violation.facts["day"]), violation.source) == (day, "UU 27/2022")


def test_whoever_has_left_is_erased_by_id() -> None:
    told = PersonErased(erasure_id="ers-0001", employee_id=made.ANI, reason_text_id="txt-0001")
    Given(erasures)().when(Erase("ers-0001", left(), date(2026, 6, 1), "txt-0001")).then(told)


def test_no_token_speaks_for_somebody_who_was_erased_and_only_once_is_that_told() -> None:
    nobody = left().model_copy(update={"identity": Identity(iss="https://issuer.example", sub=made.ANI)})
    was = left().model_copy(update={"identity": Identity(iss="https://issuer.example", sub="sub-ani")})
    Given(employees)(was).when(ForgetIdentity()).then(nobody)
    Given(employees)(nobody).when(ForgetIdentity()).then()
    Given(employees)().when(ForgetIdentity()).refused("not-found")


def test_an_employee_who_stands_as_before_under_another_identity_is_told_of() -> None:
    was = made.employee()
    other = Identity(iss="https://issuer.example", sub="another")
    command = RecordEmployee(made.ANI, other, was.history)
    Given(employees)(was).when(command).then(was.model_copy(update={"identity": other}))
