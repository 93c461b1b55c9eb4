"""What one employee's day is worth now, and what follows when that changes."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, cast

import pytest

from services.savings.ledger.value import digest
from shared.contracts import approvals, organisation, performance, requests
from shared.contracts.approvals import ApprovalRevoked
from shared.contracts.organisation import AbsenceKind, Vehicle
from shared.contracts.performance import OutputVerified, VerificationWithdrawn, WorkMode
from shared.contracts.requests import NamedDay, RequestWithdrawn, WorkCalendar
from shared.contracts.values import Place, PlaceCategory
from shared.kit.messaging.cloudevents import ReceivedEvent
from tests.harness.factors import FIRST, IN_FORCE, factors, first_shipped
from tests.harness.fold import ReadModels
from tests.harness.made import (
    ANI,
    BUDI,
    MONDAY,
    REQUEST,
    TUESDAY,
    WEDNESDAY,
    absences,
    approved,
    building,
    commute,
    employee,
    heard,
    output,
    policy,
    unit,
)

DAY = f"{ANI}:{MONDAY}"
AFTER = datetime(2026, 9, 8, 1, tzinfo=UTC)
KNOWN = heard(organisation.PUBLISHER, employee(), 1)
APPROVED = heard(approvals.PUBLISHER, approved(), 1)
REVOKED = heard(
    approvals.PUBLISHER,
    ApprovalRevoked(request_id=REQUEST, employee_id=ANI, days=(MONDAY,), revoked_by=BUDI, reason_text_id="txt-0009"),
    2,
)
WITHDRAWN = heard(requests.PUBLISHER, RequestWithdrawn(request_id=REQUEST, employee_id=ANI, days=(MONDAY,)), 1)


def verified(number: int = 1, n: int = 1) -> ReceivedEvent:
    event = OutputVerified(
        request_id=REQUEST, employee_id=ANI, output_id=output(number=number).output_id, day=MONDAY, verified_by=BUDI
    )
    return heard(performance.PUBLISHER, event, n)


def doubted(n: int = 2) -> ReceivedEvent:
    event = VerificationWithdrawn(
        request_id=REQUEST,
        employee_id=ANI,
        output_id=output().output_id,
        day=MONDAY,
        withdrawn_by=BUDI,
        reason_text_id="txt-0009",
    )
    return heard(performance.PUBLISHER, event, n)


def after(*events: ReceivedEvent, now: datetime = AFTER) -> ReadModels:
    models = ReadModels(factors())
    for event in events:
        models.hear([event], now)
        models.settle(now)
    return models


def day_of(models: ReadModels) -> dict[str, Any]:
    return models.shown["days"][DAY]


def rows(models: ReadModels, category: str = "fuel") -> list[dict[str, Any]]:
    """What is posted in a category."""
    return [row for row in models.shown["postings"].values() if row["category"] == category]


def sen(models: ReadModels, category: str = "fuel") -> int:
    """What is posted for the day, from its rows."""
    return sum(row["amounts"]["sen"]["central"] for row in rows(models, category))


def entry(models: ReadModels, category: str) -> dict[str, Any]:
    """What the day is worth in a category."""
    entries: list[dict[str, Any]] = day_of(models)["position"]["entries"]
    return next(one for one in entries if one["category"] == category)


UNIT_MONTH = f"unit-0001|2026-09|{IN_FORCE}|fuel|employee|1|None"


def test_a_realised_day_is_posted() -> None:
    models = after(KNOWN, APPROVED, verified())
    assert entry(models, "fuel")["amounts"]["sen"]["central"] == 425_000 == sen(models)
    unit_month = models.shown["unit_months"][UNIT_MONTH]
    assert (unit_month["days"], unit_month["amounts"]["sen"]["central"]) == (1, 425_000)


@pytest.mark.parametrize(
    ("events", "lacks"),
    [
        ((KNOWN, APPROVED), ["verification"]),
        ((KNOWN, verified()), ["approval"]),
        ((APPROVED, verified()), ["employee"]),
        ((KNOWN, APPROVED, verified(), REVOKED), ["revoked"]),
        ((KNOWN, APPROVED, verified(), WITHDRAWN), ["withdrawn"]),
        ((KNOWN, APPROVED, verified(), doubted()), ["verification"]),
    ],
)
def test_a_day_that_is_not_realised_says_what_it_lacks(events: tuple[ReceivedEvent, ...], lacks: list[str]) -> None:
    models = after(*events)
    assert day_of(models)["position"] is None
    assert day_of(models)["lacks"] == lacks
    assert sen(models) == 0


def test_what_is_taken_back_is_reversed_not_deleted() -> None:
    models = after(KNOWN, APPROVED, verified(), REVOKED)
    assert [row["kind"] for row in rows(models)] == ["posting", "reversal"]
    amounts = models.shown["unit_months"][UNIT_MONTH]["amounts"]
    assert (amounts["sen"]["low"], amounts["microlitres"]["high"]) == (0, 0)


def test_a_day_counts_from_the_midnight_of_its_unit() -> None:
    """Monday ends at 17:00 UTC in Jakarta, and two hours sooner in Jayapura."""
    jayapura = heard(approvals.PUBLISHER, approved(time_zone="Asia/Jayapura"), 1)
    for zone, hour in ((APPROVED, 17), (jayapura, 15)):
        early = after(KNOWN, zone, verified(), now=datetime(2026, 9, 7, hour - 1, 59, tzinfo=UTC))
        assert day_of(early)["lacks"] == ["date"]
        assert day_of(early)["due_at"] == datetime(2026, 9, 7, hour, tzinfo=UTC)
        early.settle(datetime(2026, 9, 7, hour, tzinfo=UTC))
        assert sen(early) == 425_000


def test_a_verification_on_the_day_itself_waits_for_the_day_to_end() -> None:
    models = after(KNOWN, APPROVED, verified(), now=datetime(2026, 9, 7, 10, tzinfo=UTC))
    assert sen(models) == 0
    models.settle(AFTER)
    assert sen(models) == 425_000


def off(day: date, policy_id: str = "pol-0001", **changed: Any) -> ReceivedEvent:
    """Rules by which a day is off."""
    free = WorkCalendar(
        weekdays=(1, 2, 3, 4, 5), country="ID", extra_days_off=(NamedDay(day=day, name="Libur"),), source="uji"
    )
    return heard(requests.PUBLISHER, policy(policy_id=policy_id, calendar=free, **changed), 1)


def test_nobody_realises_a_day_that_is_off() -> None:
    """Neither a day of the calendar nor a holiday that is decreed when the day has been worked and verified."""
    decreed = off(MONDAY, "pol-0002", corrects="pol-0001")
    models = after(off(WEDNESDAY), KNOWN, APPROVED, verified())
    assert sen(models) == 425_000
    models.hear([decreed], AFTER)
    models.settle(AFTER)
    assert (day_of(models)["lacks"], sen(models)) == (["day-off"], 0)
    assert [row["kind"] for row in rows(models)] == ["posting", "reversal"]
    numbers = models.shown["completeness"]["unit-0001|2026-09"]
    assert (numbers["days_agreed"], numbers["days_realised"]) == (0, 0), "it was no day of work"
    assert models.digest() == after(decreed, off(WEDNESDAY), KNOWN, APPROVED, verified()).digest()


def test_rules_that_come_into_force_later_leave_the_days_before_as_they_are() -> None:
    later = off(MONDAY, "pol-0002", effective_from=TUESDAY)
    assert sen(after(off(WEDNESDAY), KNOWN, APPROVED, verified(), later)) == 425_000


@pytest.mark.parametrize("kind", list(AbsenceKind))
def test_who_is_absent_realises_no_day(kind: AbsenceKind) -> None:
    """Whether the leave or the trip is told of before or after."""
    away = heard(organisation.PUBLISHER, absences((MONDAY, MONDAY), kind=kind), 1)
    told_late, told_first = after(KNOWN, APPROVED, verified(), away), after(away, KNOWN, APPROVED, verified())
    for models in (told_late, told_first):
        assert (day_of(models)["lacks"], day_of(models)["counted"], sen(models)) == (["absence"], None, 0)
    assert [row["kind"] for row in rows(told_late)] == ["posting", "reversal"]
    shorter = absences((MONDAY, date(2026, 9, 6)), kind=kind)
    told_late.hear([heard(organisation.PUBLISHER, shorter, 2)], AFTER)
    told_late.settle(AFTER)
    assert sen(told_late) == 425_000


def test_another_persons_absence_is_theirs() -> None:
    away = heard(organisation.PUBLISHER, absences((MONDAY, MONDAY), employee_id=BUDI), 1)
    assert sen(after(away, KNOWN, APPROVED, verified())) == 425_000


def test_days_after_somebody_has_left_do_not_count_as_agreed() -> None:
    left = employee(ANI, {}, {"effective_from": TUESDAY, "active": False})
    both = heard(approvals.PUBLISHER, approved(MONDAY, TUESDAY), 1)
    models = after(KNOWN, both, verified(), now=datetime(2026, 9, 10, tzinfo=UTC))
    assert models.shown["completeness"]["unit-0001|2026-09"]["days_agreed"] == 2
    models.hear([heard(organisation.PUBLISHER, left, 2)], AFTER)
    models.settle(AFTER)
    numbers = models.shown["completeness"]["unit-0001|2026-09"]
    assert (numbers["days_agreed"], numbers["days_realised"], numbers["lacks"]["verification"]) == (1, 1, 0)


def test_a_day_taken_back_leaves_the_others() -> None:
    """An approval of two days, of which the second is revoked when the first has been worked."""
    both = heard(approvals.PUBLISHER, approved(MONDAY, TUESDAY), 1)
    revoked = cast("ApprovalRevoked", REVOKED.event).model_copy(update={"days": (TUESDAY,)})
    models = after(KNOWN, both, verified(), heard(approvals.PUBLISHER, revoked, 2))
    assert sen(models) == 425_000
    assert models.shown["days"][f"{ANI}:{TUESDAY}"]["lacks"] == ["revoked"]
    assert models.shown["completeness"]["unit-0001|2026-09"]["days_agreed"] == 1


@pytest.mark.parametrize(
    ("attained", "percent", "counts", "realised"),
    [
        (100_000, 100, False, True),
        (100_000, 100, True, False),
        (900_000, 90, True, True),
        (899_999, 90, True, False),
        (None, 100, True, True),
        (0, 0, True, True),
    ],
)
def test_where_quantities_count_their_share_is_what_must_be_verified(
    attained: int | None, percent: int, counts: bool, realised: bool
) -> None:
    """One of ten documents, verified, is not a day's work where a policy says that quantities count."""
    agreed = heard(approvals.PUBLISHER, approved(quantity_counts=counts, verified_share_min_percent=percent), 1)
    event = verified().event.model_copy(update={"attained_ppm": attained})
    models = after(KNOWN, agreed, heard(performance.PUBLISHER, event, 1))
    assert (sen(models) > 0) == realised


def test_the_share_of_quantities_is_the_mean_of_a_days_outputs() -> None:
    two = approved(outputs=(output(), output(number=2)), quantity_counts=True, verified_share_min_percent=60)
    half = verified().event.model_copy(update={"attained_ppm": 300_000})
    alone = after(KNOWN, heard(approvals.PUBLISHER, two, 1), heard(performance.PUBLISHER, half, 1))
    assert sen(alone) == 0
    assert sen(after(KNOWN, heard(approvals.PUBLISHER, two, 1), heard(performance.PUBLISHER, half, 1), verified(2, 2)))


def test_a_day_without_outputs_shows_nothing_that_was_done() -> None:
    none = approved(outputs=(output(TUESDAY),))
    assert day_of(after(KNOWN, heard(approvals.PUBLISHER, none, 1)))["lacks"] == ["verification"]


def test_all_outputs_of_the_day_must_be_verified() -> None:
    two = heard(approvals.PUBLISHER, approved(outputs=(output(), output(number=2))), 1)
    assert sen(after(KNOWN, two, verified())) == 0
    assert sen(after(KNOWN, two, verified(), verified(2, 2))) == 425_000


def test_an_agreed_share_may_be_less_than_all() -> None:
    half = approved(outputs=(output(), output(number=2)), verified_share_min_percent=50)
    assert sen(after(KNOWN, heard(approvals.PUBLISHER, half, 1), verified())) == 425_000


def test_other_hours_at_the_office_save_no_commute() -> None:
    office = approved(place=Place(category=PlaceCategory.OFFICE))
    models = after(KNOWN, heard(approvals.PUBLISHER, office, 1), verified())
    assert day_of(models)["position"] is None
    assert day_of(models)["lacks"] == []


def test_a_commute_corrected_later_restates_the_day() -> None:
    farther = heard(organisation.PUBLISHER, employee(commute=commute(round_trip_km=Decimal(40))), 2)
    models = after(KNOWN, APPROVED, verified(), farther)
    assert sen(models) == 850_000
    kinds = [row["kind"] for row in rows(models)]
    assert kinds == ["posting", "reversal", "posting"]


def test_a_transfer_moves_only_the_days_from_then_on() -> None:
    later = {"effective_from": TUESDAY, "unit_id": "unit-0002"}
    moved = heard(organisation.PUBLISHER, employee(ANI, {}, later), 2)
    both = heard(approvals.PUBLISHER, approved(MONDAY, TUESDAY), 1)
    other = OutputVerified(
        request_id=REQUEST,
        employee_id=ANI,
        output_id=output(TUESDAY).output_id,
        day=TUESDAY,
        verified_by=BUDI,
    )
    models = after(
        KNOWN, both, verified(), heard(performance.PUBLISHER, other, 2), moved, now=datetime(2026, 9, 10, tzinfo=UTC)
    )
    fuel = [total for total in models.shown["unit_months"].values() if total["category"] == "fuel"]
    totals = {total["unit_id"]: total["days"] for total in fuel}
    assert totals == {"unit-0001": 1, "unit-0002": 1}


def test_a_new_factor_set_restates_the_days_it_is_in_force_on() -> None:
    models = after(KNOWN, APPROVED, verified())
    newer = factors(rebound_ppm=(0, 0, 0)).model_copy(
        update={"factor_set_id": "fac-0002", "effective_from": date(2026, 9, 7)}
    )
    models.collections["factor_sets"]["fac-0002"] = newer.model_dump(mode="json")
    models.settle(AFTER)
    assert day_of(models)["position"]["factor_set_id"] == "fac-0002"
    assert sen(models) == 500_000


def test_a_correction_restates_what_the_set_it_corrects_had_posted() -> None:
    """Also where a later set is in force already; each unit-month of the two sets reconciles to its rows."""
    first, correction = first_shipped(), factors()
    later = first.model_copy(update={"factor_set_id": "fac-0002", "effective_from": date(2026, 10, 1)})
    models = ReadModels(first, later)
    models.hear([KNOWN, heard(organisation.PUBLISHER, building(), 1), heard(organisation.PUBLISHER, unit(), 1)], AFTER)
    models.hear([APPROVED, verified()], AFTER)
    models.settle(AFTER)
    before = {row["_id"]: row for row in models.shown["postings"].values()}
    assert {row["factor_set_id"] for row in before.values()} == {FIRST}
    models.publish(correction)
    models.settle(AFTER)
    rows_of = [row for row in models.shown["postings"].values() if row["_id"] not in before]
    assert {(row["factor_set_id"], row["kind"]) for row in rows_of} == {(FIRST, "reversal"), (IN_FORCE, "posting")}
    for name in ("days", "unit_days"):
        positions = [one["position"] for one in models.shown[name].values()]
        assert [position["factor_set_id"] for position in positions] == [IN_FORCE]
    emptied = [total for total in models.shown["unit_months"].values() if total["factor_set_id"] == FIRST]
    assert {amount for total in emptied for of in total["amounts"].values() for amount in of.values()} == {0}
    assert {total["days"] for total in emptied} == {0}


def test_an_event_heard_twice_counts_once() -> None:
    models = after(KNOWN, APPROVED, verified(), verified(), APPROVED, KNOWN)
    assert sen(models) == 425_000
    assert sum(len(movement["events"]) for movement in models.collections["movements"].values()) == 2


def test_a_day_at_the_office_is_none_of_savings_business() -> None:
    event = verified().event.model_copy(update={"request_id": "off-00000001", "mode": WorkMode.OFFICE})
    models = after(KNOWN, heard(performance.PUBLISHER, event, 1))
    assert models.shown["days"] == {}


def test_two_requests_for_one_day_count_it_once() -> None:
    second = heard(approvals.PUBLISHER, approved(request_id="req-00000002"), 1)
    event = verified().event.model_copy(update={"request_id": "req-00000002"})
    models = after(KNOWN, APPROVED, verified(), second, heard(performance.PUBLISHER, event, 1))
    assert sen(models) == 425_000


def test_somebody_without_a_survey_lacks_a_commute() -> None:
    """Fuel and greenhouse gas are left out, and said to be; what the home draws is known all the same."""
    unknown = heard(organisation.PUBLISHER, employee(commute=None), 1)
    models = after(unknown, APPROVED, verified())
    assert day_of(models)["lacks"] == ["commute"]
    assert [one["category"] for one in day_of(models)["position"]["entries"]] == ["home_electricity"]
    numbers = models.shown["completeness"]["unit-0001|2026-09"]
    assert (numbers["days_agreed"], numbers["days_realised"], numbers["lacks"]["commute"]) == (1, 1, 1)


def test_a_cyclist_realises_a_day_and_saves_nothing() -> None:
    cyclist = heard(organisation.PUBLISHER, employee(commute=commute(vehicle=Vehicle.ACTIVE, fuel=None)), 1)
    models = after(cyclist, APPROVED, verified())
    assert entry(models, "fuel")["amounts"]["sen"] == {"low": 0, "central": 0, "high": 0}
    assert models.shown["unit_months"][UNIT_MONTH]["days"] == 1


def test_the_digest_tells_positions_apart() -> None:
    assert digest([("a", {"x": 1}), ("b", {"x": 2})]) == digest([("b", {"x": 2}), ("a", {"x": 1})])
    assert digest([("a", {"x": 1})]) != digest([("a", {"x": 2})]) != digest([("b", {"x": 2})])
