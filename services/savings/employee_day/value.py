"""What one employee's day is worth now: a pure fold over what is known of it, in whatever order that came."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from services.savings.category.model import EmployeeAway
from services.savings.category.value import of_employee
from services.savings.employee_day.model import Agreed, Asked, EmployeeDay, Position
from services.savings.factor_set.model import FactorSets
from services.savings.ledger.model import MILLION
from shared.contracts.organisation import EmployeeRecorded, EmployeeTerms, as_of


class Free(StrEnum):
    """Why nobody is expected to work on a day."""

    DAY_OFF = "day-off"
    ABSENCE = "absence"


@dataclass(frozen=True, slots=True)
class Net:
    """The worth of a day: a position, or what it lacks; and when the passing of time will change that. `expected`:
    whether it was a day of work for somebody employed then, so that it counts as agreed."""

    position: Position | None
    lacks: tuple[str, ...] = ()
    due_at: datetime | None = None
    expected: bool = True


def net_position(
    day: EmployeeDay,
    employee: EmployeeRecorded | None,
    free: Free | None,
    factor_sets: FactorSets,
    now: datetime,
) -> Net:
    """Realised, and so worth something: approved, neither withdrawn nor revoked, a day of work for somebody who is
    neither absent nor gone, its date passed where the unit is, and the agreed share of its outputs verified. One day is
    counted once, whatever was asked for it."""
    agreed = day.live
    if not agreed:
        return Net(None, (_why_not(day.asked.values()),))
    if free:
        return Net(None, (free.value,), expected=False)
    date_ = date.fromisoformat(day.day)
    known = as_of(employee.history, date_) if employee else None
    if known and not known.active:
        return Net(None, ("employee",), expected=False)
    done = {id_: terms for id_, terms in agreed.items() if _verified(terms, day.asked[id_].verified)}
    if not done:
        return Net(None, ("verification",))
    request_id, terms = min(done.items(), key=lambda one: one[0])
    over_at = datetime.combine(date_ + timedelta(days=1), time(), ZoneInfo(terms.time_zone))
    if now < over_at:
        return Net(None, ("date",), over_at)
    return _worth(request_id, terms, date_, known, factor_sets)


def _why_not(asked: Iterable[Asked]) -> str:
    """Why nothing is agreed of a day: what was agreed has been taken back, or nothing has been agreed yet."""
    taken_back = [one for one in asked if one.agreed]
    if any(one.revoked for one in taken_back):
        return "revoked"
    return "withdrawn" if taken_back else "approval"


def _verified(terms: Agreed, verified: Mapping[str, int]) -> bool:
    """Whether the agreed share of a day's outputs is verified: of their number, or of their quantities. A day without
    outputs shows nothing that was done."""
    attained = [verified.get(id_) for id_ in terms.outputs]
    counted = [(ppm if terms.quantity_counts else MILLION) for ppm in attained if ppm is not None]
    return bool(attained) and sum(counted) * 100 >= terms.verified_share_min_percent * MILLION * len(attained)


def _worth(
    request_id: str,
    terms: Agreed,
    day: date,
    known: EmployeeTerms | None,
    factor_sets: FactorSets,
) -> Net:
    """A position needs to know whose it is, somebody employed on that day, and what to compute with; a category that
    lacks something is left out, and said to be."""
    place = terms.place
    if not place.away:
        return Net(None)
    factors = factor_sets.in_force(day)
    if known is None or factors is None:
        lacks = (("employee", known), ("factor-set", factors))
        return Net(None, tuple(name for name, found in lacks if found is None))
    turn = factor_sets.turn(factors, day)
    found = of_employee(EmployeeAway(known.unit_id, known.commute, place, turn, factors))
    position = Position(request_id, known.unit_id, factors.factor_set_id, place.category, tuple(found.entries))
    return Net(position, tuple(found.lacks))
