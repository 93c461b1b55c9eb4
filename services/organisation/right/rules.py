"""Which changes somebody must not make alone: those that give them, or an account of theirs, more. Pure."""

from collections.abc import Collection

from services.organisation.entity.model import Recorded
from shared.contracts.organisation import ActingRecorded, EmployeeRecorded, EmployeeTerms, as_of


def favoured(before: Recorded | None, after: Recorded | None, sender: str, superiors: Collection[str]) -> bool:
    """Whether a second person confirms that this becomes that, in a sheet of this sender, led by these."""
    match after:
        case EmployeeRecorded():
            return _employee(before if isinstance(before, EmployeeRecorded) else None, after, sender)
        case ActingRecorded():
            known = before.history if before else ()
            return any(
                terms not in known and (terms.acting_id == sender or terms.for_id in {sender, *superiors})
                for terms in after.history
            )
    return False


def _employee(before: EmployeeRecorded | None, after: EmployeeRecorded, sender: str) -> bool:
    """Roles of anybody, since whoever loads sheets can bring people of their own making; the subject of anybody on
    record, since that is who signs in; and whom the sender leads, or is led by."""
    if before and before.identity != after.identity:
        return True
    known = before.history if before else ()
    for day in {terms.effective_from for terms in (*known, *after.history)}:
        was, will = as_of(known, day), as_of(after.history, day)
        if _roles(was) != _roles(will):
            return True
        led_by = {was.superior_id if was else None, will.superior_id if will else None}
        if len(led_by) > 1 and (sender == after.employee_id or sender in led_by):
            return True
    return False


def _roles(terms: EmployeeTerms | None) -> set[str]:
    return set(terms.roles) if terms else set()
