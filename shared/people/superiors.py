"""Who decides on what is an employee's: the superior, who acts for them, or whoever comes next. Pure."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date

from shared.contracts.organisation import EmployeeRecorded, EmployeeTerms, as_of


@dataclass(frozen=True, slots=True)
class Superiors:
    """Who leads an employee today: the nearest superior in whose place there is somebody, and those who act for that
    superior by mandate (Plh, Plt). Where there is nobody above, `agency` has those of the personnel agency."""

    superior_id: str | None
    acting: frozenset[str] = frozenset()
    agency: frozenset[str] = frozenset()

    def __contains__(self, employee_id: object) -> bool:
        led = employee_id == self.superior_id or employee_id in self.acting or employee_id in self.agency
        return employee_id is not None and led

    def acting_for(self, employee_id: str) -> str | None:
        """Whom somebody stands in for when they decide: nobody, if they are the superior themselves."""
        return self.superior_id if employee_id != self.superior_id and employee_id in self.acting else None


NOBODY = Superiors(None)
Mandates = Callable[[str], Collection[str]]
"""Those who act for somebody by a mandate of today."""


def climb(employee_id: str, people: Mapping[str, EmployeeRecorded], mandates: Mandates, day: date) -> Superiors:
    """The nearest place above an employee in which somebody active can decide; `NOBODY` where there is none.

    Who stands in a place and has left is passed over, and so is who acts there and is the employee themselves. Nobody
    is asked twice, so that superiors who lead each other in a circle end the climb.
    """
    passed = {employee_id}
    terms = terms_of(people.get(employee_id), day)
    while terms and (above := terms.superior_id) and above not in passed:
        passed.add(above)
        terms = terms_of(people.get(above), day)
        acting = frozenset(id_ for id_ in mandates(above) if id_ != employee_id and active(people.get(id_), day))
        if acting or (terms and terms.active):
            return Superiors(above, acting)
    return NOBODY


def terms_of(known: EmployeeRecorded | None, day: date) -> EmployeeTerms | None:
    """Where somebody stands on a day, as far as is known."""
    return as_of(known.history, day) if known else None


def active(known: EmployeeRecorded | None, day: date) -> bool:
    """Whether somebody is known to be active on a day."""
    terms = terms_of(known, day)
    return bool(terms and terms.active)
