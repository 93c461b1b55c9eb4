"""What plans come to by day, employee-month and unit-month: what counts, when, and where."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from shared.contracts import organisation, performance, requests
from shared.contracts.event import Event
from shared.contracts.organisation import AbsenceKind
from shared.contracts.performance import OutputLogged, OutputReturned, OutputVerified, PlanClosed, PlanOpened, WorkMode
from shared.contracts.requests import NamedDay, PolicyPublished
from tests.harness.made import ANI, BUDI, MONDAY, SINCE, TUESDAY, WEDNESDAY, absence, employee, heard, output, policy
from tests.performance.models import ResultModels

LATER = datetime(2026, 9, 20, tzinfo=UTC)
OUTPUT = output().output_id


class Told:
    """Events told one after the other, each in a batch of its own."""

    def __init__(self, now: datetime = LATER) -> None:
        self.models = ResultModels()
        self.now = now
        self._numbers: dict[str, int] = {}

    def __call__(self, *events: Event) -> "Told":
        for event in events:
            publisher = next(
                one
                for one in (organisation.PUBLISHER, performance.PUBLISHER, requests.PUBLISHER)
                if type(event) in one.events
            )
            self._numbers[event.subject] = self._numbers.get(event.subject, 0) + 1
            self.models.hear([heard(publisher, event, self._numbers[event.subject])], self.now)
            self.models.look_at_moved(self.now)
        return self

    def apart(self, name: str) -> dict[str, tuple[int, int, int]]:
        """The same: how many outputs count, are excused, are cancelled."""
        found = self.models.totals()[name].items()
        return {id_: (total["outputs"], total["excused"], total["cancelled"]) for id_, total in found}

    def totals(self, name: str) -> dict[str, int]:
        """The totals of a kind that count anything, by what they are of: how many outputs."""
        return {id_: total["outputs"] for id_, total in self.models.totals()[name].items()}


def opened(*days: date, mode: WorkMode = WorkMode.MKD, zone: str = "Asia/Jakarta", id_: str = "req-0001") -> PlanOpened:
    outputs = tuple(output(day) for day in days or (MONDAY,))
    return PlanOpened(request_id=id_, employee_id=ANI, time_zone=zone, outputs=outputs, mode=mode)


def logged(late: int = 0, quantity: str = "1", id_: str = "req-0001") -> OutputLogged:
    return OutputLogged(**about(id_), quantity=Decimal(quantity), days_late=late, evidence_text_id="txt-0009")


def verified(id_: str = "req-0001") -> OutputVerified:
    return OutputVerified(**about(id_), verified_by=BUDI)


def about(id_: str) -> dict[str, Any]:
    return {"request_id": id_, "employee_id": ANI, "output_id": OUTPUT, "day": MONDAY}


CLOSED = PlanClosed(request_id="req-0001", employee_id=ANI)
TAKEN = CLOSED.model_copy(update={"days": (MONDAY,)})


def decreed(day: date, policy_id: str, corrects: str) -> PolicyPublished:
    """The rules with another day off."""
    calendar = policy().calendar.model_copy(update={"extra_days_off": (NamedDay(day=day, name="Libur"),)})
    return policy(policy_id=policy_id, corrects=corrects, calendar=calendar)


RETURNED = OutputReturned(**about("req-0001"), returned_by=BUDI, reason_text_id="txt-0009")


def test_a_day_an_employees_month_and_a_units_month_hold_the_same_sums() -> None:
    told = Told()(employee(), opened(), logged(quantity="3"), verified())
    counts = {"agreed": 1, "outputs": 1, "excused": 0, "cancelled": 0}
    sums = counts | {"logged": 1, "on_time": 1, "returned": 0, "verified": 1, "attained_ppm": 1_000_000}
    of = {"unit_id": "unit-0001", "month": "2026-09", "mode": "mkd"}
    assert told.models.totals() == {
        "result_days": {f"{ANI}|{MONDAY}|mkd|unit-0001": of | {"employee_id": ANI, "day": str(MONDAY)} | sums},
        "employee_months": {f"{ANI}|2026-09|mkd|unit-0001": of | {"employee_id": ANI} | sums},
        "unit_months": {"unit-0001|2026-09|mkd": of | sums},
    }


def test_the_latest_report_counts_for_quantity_and_time_even_while_it_is_sent_back() -> None:
    told = Told()(employee(), opened(), logged(late=0), RETURNED)
    (total,) = told.models.totals()["unit_months"].values()
    assert (total["logged"], total["on_time"], total["returned"], total["attained_ppm"]) == (1, 1, 1, 0)
    told(logged(late=3, quantity="0.5"), verified())
    (total,) = told.models.totals()["unit_months"].values()
    assert (total["logged"], total["on_time"], total["returned"], total["attained_ppm"]) == (1, 0, 0, 500_000)


def test_what_was_taken_back_does_not_vanish_whenever_it_was_heard() -> None:
    told = Told()(employee(), opened(MONDAY, TUESDAY), logged(), verified())
    assert told.apart("unit_months") == {"unit-0001|2026-09|mkd": (2, 0, 0)}
    for closed in (TAKEN, TAKEN):
        (total,) = told(closed).models.totals()["unit_months"].values()
        assert (total["outputs"], total["cancelled"], total["verified"], total["attained_ppm"]) == (1, 1, 0, 0)
    assert told(CLOSED).apart("unit_months") == {"unit-0001|2026-09|mkd": (0, 0, 2)}
    before = Told()(employee(), TAKEN)
    assert before.models.totals()["unit_months"] == {}, "of what was never approved nothing is told"
    assert before(opened(MONDAY, TUESDAY)).apart("unit_months") == {"unit-0001|2026-09|mkd": (1, 0, 1)}
    day = {f"{ANI}|{MONDAY}|mkd|unit-0001": (0, 0, 1), f"{ANI}|{TUESDAY}|mkd|unit-0001": (1, 0, 0)}
    assert before.apart("result_days") == day


def test_a_holiday_that_is_decreed_late_excuses_its_day_and_one_that_is_taken_back_does_not() -> None:
    told = Told()(employee(), policy(), opened(MONDAY, TUESDAY), logged(), verified())
    assert told.apart("unit_months") == {"unit-0001|2026-09|mkd": (2, 0, 0)}
    told(decreed(MONDAY, "pol-0002", "pol-0001"))
    assert told.apart("result_days") == {
        f"{ANI}|{MONDAY}|mkd|unit-0001": (0, 1, 0),
        f"{ANI}|{TUESDAY}|mkd|unit-0001": (1, 0, 0),
    }
    (total,) = told.models.totals()["unit_months"].values()
    assert (total["verified"], total["attained_ppm"], total["on_time"]) == (0, 0, 0)
    told(decreed(TUESDAY, "pol-0003", "pol-0002"))
    assert told.apart("unit_months") == {"unit-0001|2026-09|mkd": (1, 1, 0)}
    (total,) = told.models.totals()["unit_months"].values()
    assert (total["verified"], total["attained_ppm"]) == (1, 1_000_000), "Monday counts again"


def test_a_day_of_leave_or_of_a_trip_is_excused_whenever_it_was_recorded() -> None:
    for kind in AbsenceKind:
        told = Told()(employee(), opened(MONDAY, TUESDAY), absence(TUESDAY, WEDNESDAY, kind))
        assert told.apart("unit_months") == {"unit-0001|2026-09|mkd": (1, 1, 0)}
        ended = absence(TUESDAY, MONDAY, kind)
        assert told(ended).apart("unit_months") == {"unit-0001|2026-09|mkd": (2, 0, 0)}, "the leave was given up"
        of_another = absence(MONDAY, TUESDAY, kind, whose=BUDI)
        assert told(of_another).apart("unit_months") == {"unit-0001|2026-09|mkd": (2, 0, 0)}


def test_the_days_after_somebody_left_are_excused() -> None:
    told = Told()(employee(), opened(MONDAY, TUESDAY))
    told(employee(ANI, {}, {"effective_from": TUESDAY, "active": False}))
    assert told.apart("unit_months") == {"unit-0001|2026-09|mkd": (1, 1, 0)}


def test_what_was_taken_back_is_not_excused_besides() -> None:
    told = Told()(employee(), policy(), opened(), absence(MONDAY, MONDAY), decreed(MONDAY, "pol-0002", "pol-0001"))
    assert told.apart("unit_months") == {"unit-0001|2026-09|mkd": (0, 1, 0)}
    assert told(TAKEN).apart("unit_months") == {"unit-0001|2026-09|mkd": (0, 0, 1)}


def test_a_day_counts_when_it_has_passed_where_the_unit_is() -> None:
    """Jayapura is two hours ahead of Jakarta: of 22:30 on Monday in Jakarta, only there is it Tuesday."""
    evening = datetime(2026, 9, 7, 15, 30, tzinfo=UTC)
    told = Told(evening)(
        employee(), opened(id_="req-0001"), opened(zone="Asia/Jayapura", id_="req-0002", mode=WorkMode.OFFICE)
    )
    assert told.totals("unit_months") == {"unit-0001|2026-09|office": 1}
    told.models.pass_time(datetime(2026, 9, 7, 16, 59, 59, tzinfo=UTC))
    assert told.totals("unit_months") == {"unit-0001|2026-09|office": 1}
    told.models.pass_time(datetime(2026, 9, 7, 17, tzinfo=UTC))
    assert told.totals("unit_months") == {"unit-0001|2026-09|mkd": 1, "unit-0001|2026-09|office": 1}


def test_of_a_plan_only_the_days_count_that_have_passed() -> None:
    told = Told(datetime(2026, 9, 8, 3, tzinfo=UTC))(employee(), opened(MONDAY, TUESDAY, WEDNESDAY))
    assert told.totals("employee_months") == {f"{ANI}|2026-09|mkd|unit-0001": 1}
    told.models.pass_time(datetime(2026, 9, 9, 3, tzinfo=UTC))
    assert told.totals("employee_months") == {f"{ANI}|2026-09|mkd|unit-0001": 2}
    told.models.pass_time(LATER)
    assert told.totals("employee_months") == {f"{ANI}|2026-09|mkd|unit-0001": 3}
    assert told.models.collections["counted_plans"]["req-0001"]["due_at"] is None


def test_mkd_and_office_are_counted_apart_on_one_day() -> None:
    office = opened(mode=WorkMode.OFFICE, id_="off-0001")
    told = Told()(employee(), opened(), office, logged(), verified(), logged(late=1, id_="off-0001"))
    found = told.models.totals()["result_days"]
    assert {total["mode"]: (total["on_time"], total["verified"]) for total in found.values()} == {
        "mkd": (1, 1),
        "office": (0, 0),
    }


def test_each_day_counts_in_the_unit_of_that_day() -> None:
    moves = employee(ANI, {"unit_id": "unit-0001"}, {"unit_id": "unit-0002", "effective_from": TUESDAY})
    told = Told()(moves, opened(MONDAY, TUESDAY))
    assert told.totals("unit_months") == {"unit-0001|2026-09|mkd": 1, "unit-0002|2026-09|mkd": 1}


def test_corrected_terms_move_what_was_counted() -> None:
    told = Told()(employee(), opened(MONDAY, TUESDAY), logged(), verified())
    told(employee(ANI, {"unit_id": "unit-0001"}, {"unit_id": "unit-0002", "effective_from": TUESDAY}))
    assert told.totals("unit_months") == {"unit-0001|2026-09|mkd": 1, "unit-0002|2026-09|mkd": 1}
    told(employee(ANI, {"unit_id": "unit-0003"}))
    assert told.totals("unit_months") == {"unit-0003|2026-09|mkd": 2}
    assert told.totals("result_days") == {f"{ANI}|{day}|mkd|unit-0003": 1 for day in (MONDAY, TUESDAY)}


def test_what_is_known_of_nobody_yet_counts_when_it_is() -> None:
    told = Told()(opened(), logged(), verified(), employee(ANI, effective_from=TUESDAY))
    assert told.totals("unit_months") == {}
    told(employee(ANI, effective_from=SINCE))
    assert told.totals("unit_months") == {"unit-0001|2026-09|mkd": 1}
