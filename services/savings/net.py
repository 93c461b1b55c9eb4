"""What one employee's day is worth now: a pure fold over what is known of it, in whatever order that came."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

from services.savings.estimate import Lacking, fuel_saving
from shared.contracts.organisation import EmployeeRecorded, as_of
from shared.contracts.savings import FactorSetPublished
from shared.contracts.values import Place
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
    """One employee's day. `position` is what is posted now, `postings` how many rows that took so far; `due_at` is when
    time alone will change it, `factors_seen` how many factor sets were known when it was last looked at."""

    _id: str
    employee_id: str
    day: str
    asked: dict[str, Asked]
    events: list[Document]
    position: Document | None
    lacks: list[str]
    postings: int
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
    place = Place.model_validate(terms["place"], strict=False)
    known = as_of(employee.history, day) if employee else None
    factors = as_of(factor_sets, day)
    if not place.away:
        return Net(None)
    lacks = [
        name
        for name, found in (
            ("employee", known),
            ("commute", known is None or known.commute),
            ("factor-set", factors),
        )
        if not found
    ]
    if lacks or known is None or known.commute is None or factors is None:
        return Net(None, tuple(lacks))
    try:
        saving = fuel_saving(known.commute, place, factors, day)
    except Lacking as lacking:
        return Net(None, (str(lacking),))
    position: Document = {
        "request_id": request_id,
        "unit_id": known.unit_id,
        "factor_set_id": factors.factor_set_id,
        "category": "fuel",
        "beneficiary": "employee",
        "tier": 1,
        "microlitres": asdict(saving.microlitres),
        "sen": asdict(saving.sen),
        "inputs": {
            "place": place.category.value,
            "vehicle": known.commute.vehicle.value,
            "spared_km": str(saving.spared_km),
            "occupants": saving.occupants,
            "km_per_litre": str(saving.km_per_litre) if saving.km_per_litre else None,
            "km_per_litre_stated": saving.km_per_litre_stated,
            "rebound_ppm": factors.rebound.central_ppm,
            "fuel": saving.fuel.value if saving.fuel else None,
            "sen_per_litre": saving.sen_per_litre,
        },
    }
    return Net(position)


def digest(positions: Iterable[tuple[str, Any]]) -> str:
    """One hash over net positions, by day: the same from the live read model, a rebuild, and a fold over the log."""
    content = hashlib.sha256()
    for day_id, position in sorted(positions):
        content.update(json.dumps([day_id, position], sort_keys=True, separators=(",", ":")).encode())
    return content.hexdigest()
