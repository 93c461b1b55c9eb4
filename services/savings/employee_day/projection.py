"""What a batch of events adds to what is known of people, units, buildings and days. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import cast, get_args

from services.savings.employee_day.model import Day, DayEvent, day_ids, learn, live, unknown
from services.savings.employee_day.value import Free, Net, net_position
from services.savings.factor_set.document import shown_factor_sets
from services.savings.ledger.projection import entries_of, post, recount
from services.savings.presence import absences_by_person, is_absent
from services.savings.unit_day.rules import ALWAYS, FOR_EVER, buildings_of, unsettle, unsettle_building
from shared.contracts.event import Event
from shared.contracts.organisation import AbsenceRecorded, BuildingRecorded, EmployeeRecorded, UnitRecorded
from shared.contracts.requests import PolicyPublished
from shared.contracts.values import Place
from shared.kit.base import versions
from shared.kit.decisions.decider import Document
from shared.kit.messaging.cloudevents import Heard
from shared.kit.projections.writeset import Changes, Known, Wanted, document, keep, mark_person
from shared.people.calendar import days_off

Master = EmployeeRecorded | UnitRecorded | BuildingRecorded | AbsenceRecorded
TAKES: tuple[type[Event], ...] = (*get_args(Master), PolicyPublished, *get_args(DayEvent))
KEPT: Mapping[type[Event], str] = {
    EmployeeRecorded: "employees",
    UnitRecorded: "units",
    BuildingRecorded: "buildings",
    AbsenceRecorded: "absences",
}


def wants(events: Sequence[Heard]) -> Wanted:
    """The documents that a batch touches. A person's days are not among them when their terms change: there may be
    years of them, which a chore goes through."""
    days = {id_ for heard in events for id_ in day_ids(heard.event)}
    master = {name: [h.event.subject for h in events if isinstance(h.event, kind)] for kind, name in KEPT.items()}
    absent = {h.event.employee_id for h in events if isinstance(h.event, AbsenceRecorded)}
    touched = {id_.partition(":")[0] for id_ in days} | set(master["employees"]) | absent
    found = _of_people(touched)
    mentioned = {"$or": [found["absences"], {"_id": {"$in": sorted(set(master["absences"]))}}]}
    return {
        "days": {"_id": {"$in": sorted(days)}},
        **found,
        **({"absences": mentioned} if absent else {}),
        "units": {"_id": {"$in": sorted(set(master["units"]))}},
        "buildings": {"_id": {"$in": sorted(set(master["buildings"]))}},
    }


def wants_days(ids: Iterable[str]) -> Wanted:
    """The same, for days that time or a new factor set has touched."""
    days = sorted(ids)
    return {"days": {"_id": {"$in": days}}, **_of_people({id_.partition(":")[0] for id_ in days})}


def _of_people(ids: set[str]) -> Wanted:
    """Somebody's terms and absences, and the rules of everybody's days."""
    people = {"$in": sorted(ids)}
    return {"employees": {"_id": people}, "absences": {"employee_id": people}, "policies": {}}


def fold(known: Known, events: Sequence[Heard], now: datetime) -> Changes:
    """What a batch makes of what is known."""
    days = {id_: cast("Day", found) for id_, found in known["days"].items()}
    collections = (*KEPT.values(), "policies")
    kept: dict[str, dict[str, Document]] = {name: dict(known[name]) for name in collections}
    recorded: dict[str, set[str]] = {name: set() for name in collections}
    for heard in events:
        if name := KEPT.get(type(heard.event)):
            kept[name][heard.event.subject] = document(heard.event)
            recorded[name].add(heard.event.subject)
        if isinstance(heard.event, PolicyPublished):
            kept["policies"][heard.event.subject] = heard.event.model_dump(mode="json") | {"_id": heard.event.subject}
            recorded["policies"].add(heard.event.subject)
        for id_ in day_ids(heard.event):
            days[id_] = learn(days.get(id_) or unknown(id_), heard)
    touched = {id_ for heard in events for id_ in day_ids(heard.event)}
    changes = settle({**known, **kept}, {id_: days[id_] for id_ in touched}, now)
    for name, ids in recorded.items():
        keep(changes, name, known[name], {id_: kept[name][id_] for id_ in ids})
    for id_ in recorded["absences"]:
        _unsettle_absence(changes, known["absences"].get(id_), kept["absences"][id_], kept["employees"])
    for id_ in recorded["employees"]:
        mark_person(changes, id_)
        for unit_id, first in moved(known["employees"].get(id_), kept["employees"][id_]):
            unsettle(changes, unit_id, first, FOR_EVER)
    for id_ in recorded["units"]:
        unsettle(changes, id_, ALWAYS, FOR_EVER)
        for left in buildings_of(known["units"].get(id_)) - buildings_of(kept["units"][id_]):
            unsettle_building(changes, left)
    for id_ in recorded["buildings"]:
        unsettle_building(changes, id_)
    return changes


def _unsettle_absence(
    changes: Changes, before: Document | None, after: Document, employees: Mapping[str, Document]
) -> None:
    """Their own days are to be settled anew; and their units', for whom they are expected or not, on the days of which
    it is now said otherwise."""
    for one in (before, after):
        if one:
            mark_person(changes, one["employee_id"])
    old, new = (_said(one) for one in (before, after))
    if changed := old ^ new:
        first, last = min(begins for begins, _ in changed), max(ends for _, ends in old | new)
        employee = employees.get(after["employee_id"])
        for unit_id in sorted({terms["unit_id"] for terms in employee["history"]} if employee else ()):
            unsettle(changes, unit_id, first, max(first, last))


def _said(absence: Document | None) -> set[tuple[str, str]]:
    return {(terms["effective_from"], terms["ends_on"]) for terms in (absence["history"] if absence else ())}


def moved(before: Document | None, after: Document) -> list[tuple[str, str]]:
    """The units whose people are others than before, and the day from which on; by grade too, which sets allowances."""
    old, new = (_belonging(one) for one in (before, after))
    changed = old ^ new
    first = min((terms[0] for terms in changed), default=FOR_EVER)
    return [(unit_id, first) for unit_id in sorted({terms[1] for terms in old | new})] if changed else []


def _belonging(employee: Document | None) -> set[tuple[str, str, bool, str | None]]:
    history = employee["history"] if employee else ()
    return {(terms["effective_from"], terms["unit_id"], terms["active"], terms["grade"]) for terms in history}


def settle(known: Known, days: Mapping[str, Day], now: datetime) -> Changes:
    """Bring the worth of employees' days up to date; where it changed, rows and totals follow, and where somebody is
    away who was not, or the other way round, the unit's day is to be settled anew."""
    changes = Changes()
    factor_sets = shown_factor_sets(known["factor_sets"])
    people = {id_: EmployeeRecorded.model_validate(one, strict=False) for id_, one in known["employees"].items()}
    free = _free(known, days.values())
    settled: dict[str, Document] = {}
    for id_, day in sorted(days.items()):
        net = net_position(day, people.get(day["employee_id"]), free.get(id_), factor_sets, now)
        about = {"day_id": id_, "employee_id": day["employee_id"], "day": day["day"]}
        before, after = entries_of(day["position"]), entries_of(net.position)
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
