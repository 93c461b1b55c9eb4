"""What days of employees and of units are worth now, brought up to date: documents, rows and totals. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from services.savings.marks import unsettle
from services.savings.net import Day, Net, net_position
from services.savings.postings import post, recount
from services.savings.unit_days import Whereabouts, Worth, unit_position
from shared.contracts.organisation import EmployeeRecorded
from shared.contracts.savings import FactorSetPublished
from shared.contracts.values import Place
from shared.kit.changes import Changes, Known, keep
from shared.kit.decider import Document


def settle(known: Known, days: Mapping[str, Day], employees: Mapping[str, Document], now: datetime) -> Changes:
    """Bring the worth of employees' days up to date; where it changed, rows and totals follow, and where somebody is
    away who was not, or the other way round, the unit's day is to be settled anew."""
    changes = Changes()
    factor_sets = _factor_sets(known)
    people = {id_: EmployeeRecorded.model_validate(one, strict=False) for id_, one in employees.items()}
    settled: dict[str, Document] = {}
    for id_, day in sorted(days.items()):
        net = net_position(day, people.get(day["employee_id"]), factor_sets, now)
        about = {"day_id": id_, "employee_id": day["employee_id"], "day": day["day"]}
        before, after = _entries(day["position"]), _entries(net.position)
        counted = _counted(day, net)
        settled[id_] = {
            **day,
            "position": net.position,
            "lacks": list(net.lacks),
            "due_at": net.due_at,
            "postings": post(changes, about, before, after, posted=day["postings"], now=now),
            "counted": counted,
            "factors_seen": len(factor_sets),
        }
        recount(changes, day["counted"], counted, day["employee_id"])
        for unit_id, _ in _where(day["position"]) ^ _where(net.position):
            unsettle(changes, unit_id, day["day"], day["day"])
    keep(changes, "days", known["days"], settled)
    return changes


def _entries(position: Document | None) -> list[Document]:
    return list(position["entries"]) if position else []


def _where(position: Document | None) -> set[tuple[str, str]]:
    return {(position["unit_id"], position["place"])} if position else set()


def _counted(day: Day, net: Net) -> Document | None:
    """What a day counts for in its unit-month. One for which no work away from the office was agreed counts for
    nothing."""
    live = [asked["agreed"] for asked in day["asked"].values() if not (asked["withdrawn"] or asked["revoked"])]
    agreed = [terms for terms in live if terms and Place.model_validate(terms["place"], strict=False).away]
    if not agreed:
        return None
    numbers = {"days_agreed": 1, **{f"lacks.{name}": 1 for name in net.lacks}}
    if net.position:
        numbers["days_realised"] = 1
    unit_id = net.position["unit_id"] if net.position else min(terms["unit_id"] for terms in agreed)
    factor_set_id = net.position["factor_set_id"] if net.position else None
    return {"unit_id": unit_id, "month": day["day"][:7], "factor_set_id": factor_set_id, "numbers": numbers}


def settle_units(known: Known, targets: Iterable[tuple[str, str]], now: datetime) -> Changes:
    """Bring the worth of units' days up to date, given by unit and day."""
    changes = Changes()
    factor_sets = _factor_sets(known)
    where = Whereabouts(known["units"], known["buildings"], known["employees"], known["days"])
    settled: dict[str, Document] = {}
    for unit_id, day in sorted(targets):
        id_ = f"{unit_id}:{day}"
        held = known["unit_days"].get(id_) or _unit_day(id_)
        found = unit_position(unit_id, day, where, factor_sets)
        if held == _unit_day(id_) and found == Worth():
            continue
        before, after = _entries(held["position"]), _entries(found.position)
        counted = _lacking(unit_id, day, found)
        settled[id_] = {
            **held,
            "building_id": found.building_id,
            "position": found.position,
            "lacks": found.lacks,
            "postings": post(changes, {"day_id": id_, "day": day}, before, after, posted=held["postings"], now=now),
            "counted": counted,
            "factors_seen": len(factor_sets),
        }
        recount(changes, held["counted"], counted)
    keep(changes, "unit_days", known["unit_days"], settled)
    return changes


def _unit_day(id_: str) -> Document:
    unit_id, _, day = id_.partition(":")
    nothing: Document = {"building_id": None, "position": None, "lacks": {}, "postings": 0, "counted": None}
    return {"_id": id_, "unit_id": unit_id, "day": day, **nothing, "factors_seen": 0}


def _lacking(unit_id: str, day: str, found: Worth) -> Document | None:
    numbers = {f"lacks.{name}": people for name, people in found.lacks.items()}
    return {"unit_id": unit_id, "month": day[:7], "numbers": numbers} if numbers else None


def _factor_sets(known: Known) -> list[FactorSetPublished]:
    return [FactorSetPublished.model_validate(one, strict=False) for one in known["factor_sets"].values()]
