"""The desk, put together. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TypeVar

from services.portal.desk.model import AllDone, Asked, Case, Filter, Row, Waiting
from services.portal.person.model import Employee
from shared.kit.base.alphabet import place

W = TypeVar("W", bound=Waiting)


def rows(cases: Iterable[Case], asked: Iterable[Asked], people: Iterable[Employee]) -> list[Row]:
    """Cases with names, reasons and titles, those of the next days first. What has not arrived yet is left out."""
    names = {one.employee_id: one.name for one in people}
    requests = {one.request_id: one for one in asked}
    found = [
        Row(
            request_id=case.request_id,
            version=case.version,
            employee_id=case.employee_id,
            name=names.get(case.employee_id, case.employee_id),
            days=tuple(case.days),
            place=case.place.category,
            reason=requests[case.request_id].reason if case.request_id in requests else None,
            outputs=tuple(requests[case.request_id].outputs) if case.request_id in requests else (),
        )
        for case in cases
    ]
    return sorted(found, key=lambda row: (row.days[:1], place(row.name), row.request_id))


def filtered(found: Sequence[W], by: Filter) -> list[W]:
    """Those that are to be shown."""
    until = date.fromisoformat(by.until) if by.until else date.max
    return [one for one in found if one.first <= until and by.employee in ("", one.employee_id)]


def people(found: Sequence[Waiting]) -> list[Employee]:
    """Whose it is that waits, by name."""
    names = {one.employee_id: one.name for one in found}
    return [Employee(employee_id=id_, name=name) for id_, name in sorted(names.items(), key=lambda one: place(one[1]))]


def refused(done: AllDone) -> dict[str, str]:
    """Why decisions were refused, by request."""
    return {one.request_id: one.problem.detail for one in done.items if one.problem}


def carried_out(done: Sequence[AllDone]) -> int:
    """How many decisions were carried out."""
    return sum(1 for answer in done for one in answer.items if one.problem is None)
