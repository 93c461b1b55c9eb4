"""What one employee's day is worth now: a pure fold over what is known of it, in whatever order that came."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

from services.savings.energy import home_watt_hours
from services.savings.entries import commute_gas, fuel, home_electricity
from services.savings.estimate import Lacking, charging_watt_hours, fuel_saving
from services.savings.ranges import MILLION, certain
from shared.contracts.organisation import EmployeeRecorded, EmployeeTerms, as_of
from shared.contracts.savings import FactorSetPublished
from shared.contracts.values import Place, PlaceCategory
from shared.kit import versions
from shared.kit.decider import Document


class Agreed(TypedDict):
    """What was approved for one day of a request."""

    unit_id: str
    time_zone: str
    place: Document
    outputs: list[str]
    verified_share_min_percent: int
    quantity_counts: bool


class Asked(TypedDict):
    """What is known of one request on one day. `verified` is what was attained of each verified output, in parts per
    million."""

    agreed: Agreed | None
    withdrawn: bool
    revoked: bool
    verified: dict[str, int]


class Day(TypedDict):
    """One employee's day. `position` is what is posted now, `postings` how many rows that took so far, `counted` what
    of it counts in its unit-month; `due_at` is when time alone will change it, `factors_seen` and `policies_seen` how
    many factor sets and policies were known when it was last looked at."""

    _id: str
    employee_id: str
    day: str
    asked: dict[str, Asked]
    events: list[Document]
    position: Document | None
    lacks: list[str]
    postings: int
    counted: Document | None
    due_at: datetime | None
    factors_seen: int
    policies_seen: int


class Free(StrEnum):
    """Why nobody is expected to work on a day."""

    DAY_OFF = "day-off"
    ABSENCE = "absence"


@dataclass(frozen=True, slots=True)
class Net:
    """The worth of a day: a position, or what it lacks; and when the passing of time will change that. `expected`:
    whether it was a day of work for somebody employed then, so that it counts as agreed."""

    position: Document | None
    lacks: tuple[str, ...] = ()
    due_at: datetime | None = None
    expected: bool = True


def net_position(
    day: Day,
    employee: EmployeeRecorded | None,
    free: Free | None,
    factor_sets: Sequence[FactorSetPublished],
    now: datetime,
) -> Net:
    """Realised, and so worth something: approved, neither withdrawn nor revoked, a day of work for somebody who is
    neither absent nor gone, its date passed where the unit is, and the agreed share of its outputs verified. One day is
    counted once, whatever was asked for it."""
    agreed = live(day["asked"])
    if not agreed:
        return Net(None, (_why_not(day["asked"].values()),))
    if free:
        return Net(None, (free.value,), expected=False)
    date_ = date.fromisoformat(day["day"])
    known = as_of(employee.history, date_) if employee else None
    if known and not known.active:
        return Net(None, ("employee",), expected=False)
    done = {id_: terms for id_, terms in agreed.items() if _verified(terms, day["asked"][id_]["verified"])}
    if not done:
        return Net(None, ("verification",))
    request_id, terms = min(done.items())
    over_at = datetime.combine(date_ + timedelta(days=1), time(), ZoneInfo(terms["time_zone"]))
    if now < over_at:
        return Net(None, ("date",), over_at)
    return _worth(request_id, terms, date_, known, factor_sets)


def live(asked: Mapping[str, Asked]) -> dict[str, Agreed]:
    """What is agreed of a day and has not been taken back, by request."""
    return {id_: a["agreed"] for id_, a in asked.items() if a["agreed"] and not (a["withdrawn"] or a["revoked"])}


def _why_not(asked: Iterable[Asked]) -> str:
    """Why nothing is agreed of a day: what was agreed has been taken back, or nothing has been agreed yet."""
    taken_back = [one for one in asked if one["agreed"]]
    if any(one["revoked"] for one in taken_back):
        return "revoked"
    return "withdrawn" if taken_back else "approval"


def _verified(terms: Agreed, verified: Mapping[str, int]) -> bool:
    """Whether the agreed share of a day's outputs is verified: of their number, or of their quantities. A day without
    outputs shows nothing that was done."""
    attained = [verified.get(id_) for id_ in terms["outputs"]]
    counted = [(ppm if terms["quantity_counts"] else MILLION) for ppm in attained if ppm is not None]
    return bool(attained) and sum(counted) * 100 >= terms["verified_share_min_percent"] * MILLION * len(attained)


def _worth(
    request_id: str,
    terms: Agreed,
    day: date,
    known: EmployeeTerms | None,
    factor_sets: Sequence[FactorSetPublished],
) -> Net:
    """A position needs to know whose it is, somebody employed on that day, and what to compute with; a category that
    lacks something is left out, and said to be."""
    place = Place.model_validate(terms["place"], strict=False)
    if not place.away:
        return Net(None)
    factors = versions.in_force(factor_sets, day)
    if known is None or factors is None:
        lacks = (("employee", known), ("factor-set", factors))
        return Net(None, tuple(name for name, found in lacks if found is None))
    entries, lacks_of_entries = _entries(known, place, day, factors)
    position: Document = {
        "request_id": request_id,
        "unit_id": known.unit_id,
        "factor_set_id": factors.factor_set_id,
        "place": place.category.value,
        "entries": entries,
    }
    return Net(position, lacks_of_entries)


def _entries(
    known: EmployeeTerms, place: Place, day: date, factors: FactorSetPublished
) -> tuple[list[Document], tuple[str, ...]]:
    """What the employee's own day is worth: fuel, the home's electricity, and their greenhouse gas."""
    entries: list[Document | None] = []
    lacks = []
    at_home = place.category is PlaceCategory.RESIDENCE and factors.home_electricity is not None
    litres, charging, home = certain(0), certain(0), certain(0)
    if known.commute is None:
        lacks.append("commute")
    else:
        try:
            saving = fuel_saving(known.commute, place, factors, day)
            litres = saving.litres
            entries.append(fuel(saving, factors, known.unit_id, known.commute.vehicle.value, day))
            charging = charging_watt_hours(known.commute, place, factors) if factors.carbon else charging
        except Lacking as lacking:
            lacks.append(str(lacking))
    if at_home and factors.home_electricity:
        try:
            entries.append(home_electricity(factors, known.unit_id, day))
            home = home_watt_hours(factors.home_electricity)
        except Lacking as lacking:
            lacks.append(str(lacking))
    if not lacks:
        entries.append(commute_gas(factors, known.unit_id, litres=litres, charging=charging, home=home))
    return [one for one in entries if one], tuple(lacks)


def digest(positions: Iterable[tuple[str, Any]]) -> str:
    """One hash over net positions, by day: the same from the live read model, a rebuild, and a fold over the log."""
    content = hashlib.sha256()
    for day_id, position in sorted(positions):
        content.update(json.dumps([day_id, position], sort_keys=True, separators=(",", ":")).encode())
    return content.hexdigest()
