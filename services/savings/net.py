"""What one employee's day is worth now: a pure fold over what is known of it, in whatever order that came."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

from services.savings.energy import home_watt_hours
from services.savings.entries import fuel, greenhouse_gas, home_electricity
from services.savings.estimate import Lacking, fuel_saving
from services.savings.ranges import certain
from shared.contracts.organisation import EmployeeRecorded, EmployeeTerms, as_of
from shared.contracts.savings import FactorSetPublished
from shared.contracts.values import Place, PlaceCategory
from shared.kit.decider import Document


class Agreed(TypedDict):
    """What was approved for one day of a request."""

    unit_id: str
    time_zone: str
    place: Document
    outputs: list[str]
    verified_share_min_percent: int


class Asked(TypedDict):
    """What is known of one request on one day."""

    agreed: Agreed | None
    withdrawn: bool
    revoked: bool
    verified: list[str]


class Day(TypedDict):
    """One employee's day. `position` is what is posted now, `postings` how many rows that took so far, `counted` what
    of it counts in its unit-month; `due_at` is when time alone will change it, `factors_seen` how many factor sets
    were known when it was last looked at."""

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


@dataclass(frozen=True, slots=True)
class Net:
    """The worth of a day: a position, or what it lacks; and when the passing of time will change that."""

    position: Document | None
    lacks: tuple[str, ...] = ()
    due_at: datetime | None = None


def net_position(
    day: Day, employee: EmployeeRecorded | None, factor_sets: Sequence[FactorSetPublished], now: datetime
) -> Net:
    """Realised, and so worth something: approved, neither withdrawn nor revoked, its date passed where the unit is, and
    the agreed share of its outputs verified. One day is counted once, whatever was asked for it."""
    agreed = {id_: a["agreed"] for id_, a in day["asked"].items() if not (a["withdrawn"] or a["revoked"])}
    live = {id_: terms for id_, terms in agreed.items() if terms}
    if not live:
        return Net(None, ("approval",))
    done = {id_: terms for id_, terms in live.items() if _verified(terms, day["asked"][id_]["verified"])}
    if not done:
        return Net(None, ("verification",))
    request_id, terms = min(done.items())
    date_ = date.fromisoformat(day["day"])
    over_at = datetime.combine(date_ + timedelta(days=1), time(), ZoneInfo(terms["time_zone"]))
    if now < over_at:
        return Net(None, ("date",), over_at)
    return _worth(request_id, terms, date_, employee, factor_sets)


def _verified(terms: Agreed, verified: Iterable[str]) -> bool:
    done = len(set(terms["outputs"]) & set(verified))
    return done * 100 >= terms["verified_share_min_percent"] * len(terms["outputs"])


def _worth(
    request_id: str,
    terms: Agreed,
    day: date,
    employee: EmployeeRecorded | None,
    factor_sets: Sequence[FactorSetPublished],
) -> Net:
    """A position needs to know whose it is, somebody employed on that day, and what to compute with; a category that
    lacks something is left out, and said to be."""
    place = Place.model_validate(terms["place"], strict=False)
    if not place.away:
        return Net(None)
    known = as_of(employee.history, day) if employee else None
    factors = as_of(factor_sets, day)
    if known is None or not known.active or factors is None:
        lacks = (("employee", known and known.active), ("factor-set", factors))
        return Net(None, tuple(name for name, found in lacks if not found))
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
    litres, home = certain(0), certain(0)
    if known.commute is None:
        lacks.append("commute")
    else:
        try:
            saving = fuel_saving(known.commute, place, factors, day)
            litres = saving.litres
            entries.append(fuel(saving, factors, known.unit_id, known.commute.vehicle.value))
        except Lacking as lacking:
            lacks.append(str(lacking))
    if at_home and factors.home_electricity:
        try:
            entries.append(home_electricity(factors, known.unit_id, day))
            home = home_watt_hours(factors.home_electricity)
        except Lacking as lacking:
            lacks.append(str(lacking))
    if not lacks:
        nothing = certain(0)
        entries.append(
            greenhouse_gas(factors, known.unit_id, litres=litres, home_watt_hours=home, office_watt_hours=nothing)
        )
    return [one for one in entries if one], tuple(lacks)


def digest(positions: Iterable[tuple[str, Any]]) -> str:
    """One hash over net positions, by day: the same from the live read model, a rebuild, and a fold over the log."""
    content = hashlib.sha256()
    for day_id, position in sorted(positions):
        content.update(json.dumps([day_id, position], sort_keys=True, separators=(",", ":")).encode())
    return content.hexdigest()
