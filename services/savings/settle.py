"""What days of employees and of units are worth now, brought up to date: documents, rows and totals. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from services.savings.marks import unsettle
from services.savings.net import Day, Free, Net, live, net_position
from services.savings.postings import post, recount
from services.savings.unit_days import Whereabouts, Worth, absences_by_person, is_absent, unit_position
from shared.contracts.organisation import EmployeeRecorded
from shared.contracts.requests import PolicyPublished
from shared.contracts.savings import FactorSetPublished
from shared.contracts.values import Place
from shared.kit import versions
from shared.kit.calendar import days_off
from shared.kit.changes import Changes, Known, keep
from shared.kit.decider import Document


def settle(known: Known, days: Mapping[str, Day], now: datetime) -> Changes:
    """Bring the worth of employees' days up to date; where it changed, rows and totals follow, and where somebody is
    away who was not, or the other way round, the unit's day is to be settled anew."""
    changes = Changes()
    factor_sets = _factor_sets(known)
    people = {id_: EmployeeRecorded.model_validate(one, strict=False) for id_, one in known["employees"].items()}
    free = _free(known, days.values())
    settled: dict[str, Document] = {}
    for id_, day in sorted(days.items()):
        net = net_position(day, people.get(day["employee_id"]), free.get(id_), factor_sets, now)
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
            "policies_seen": len(known["policies"]),
        }
        recount(changes, day["counted"], counted, day["employee_id"])
        for unit_id, _ in _where(day["position"]) ^ _where(net.position):
            unsettle(changes, unit_id, day["day"], day["day"])
    keep(changes, "days", known["days"], settled)
    return changes


def _free(known: Known, days: Iterable[Day]) -> dict[str, Free]:
    """On which of the days nobody works by the policy then in force, and on which their person is absent."""
    policies = [PolicyPublished.model_validate(one, strict=False) for one in known["policies"].values()]
    absences = absences_by_person(known["absences"].values())
    off = _days_off(policies, {date.fromisoformat(day["day"]) for day in days})
    found: dict[str, Free] = {}
    for day in days:
        if day["day"] in off:
            found[day["_id"]] = Free.DAY_OFF
        elif is_absent(absences.get(day["employee_id"], ()), day["day"]):
            found[day["_id"]] = Free.ABSENCE
    return found


def _days_off(policies: Sequence[PolicyPublished], days: Iterable[date]) -> set[str]:
    by_policy: dict[str, list[date]] = {}
    for day in days:
        if policy := versions.in_force(policies, day):
            by_policy.setdefault(policy.policy_id, []).append(day)
    known = {policy.policy_id: policy.calendar for policy in policies}
    return {day.isoformat() for id_, its in by_policy.items() for day in days_off(known[id_], its, "id")}


def _entries(position: Document | None) -> list[Document]:
    return list(position["entries"]) if position else []


def _where(position: Document | None) -> set[tuple[str, str]]:
    return {(position["unit_id"], position["place"])} if position else set()


def _counted(day: Day, net: Net) -> Document | None:
    """What a day counts for in its unit-month. One for which no work away from the office was agreed counts for
    nothing, and so does one on which nobody expected them to work."""
    terms_of = live(day["asked"]).values()
    agreed = [terms for terms in terms_of if Place.model_validate(terms["place"], strict=False).away]
    if not agreed or not net.expected:
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
    where = Whereabouts(known["units"], known["buildings"], known["employees"], known["days"], known["absences"])
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
