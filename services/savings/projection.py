"""What a batch of events adds to what is known of people, units, buildings and days. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import cast, get_args

from services.savings.marks import ALWAYS, FOR_EVER, buildings_of, unsettle, unsettle_building
from services.savings.net import Asked, Day
from services.savings.settle import settle
from shared.contracts.approvals import ApprovalRevoked, RequestApproved
from shared.contracts.event import Event
from shared.contracts.organisation import AbsenceRecorded, BuildingRecorded, EmployeeRecorded, UnitRecorded
from shared.contracts.performance import OutputVerified, VerificationWithdrawn, WorkMode
from shared.contracts.requests import PolicyPublished, RequestWithdrawn
from shared.contracts.savings import FactorSetPublished
from shared.kit.changes import Changes, Known, Wanted, document, keep, mark_person
from shared.kit.cloudevents import Heard
from shared.kit.decider import Document

DayEvent = RequestApproved | ApprovalRevoked | RequestWithdrawn | OutputVerified | VerificationWithdrawn
Master = EmployeeRecorded | UnitRecorded | BuildingRecorded | AbsenceRecorded
TAKES: tuple[type[Event], ...] = (*get_args(Master), PolicyPublished, *get_args(DayEvent))
KEPT: Mapping[type[Event], str] = {
    EmployeeRecorded: "employees",
    UnitRecorded: "units",
    BuildingRecorded: "buildings",
    AbsenceRecorded: "absences",
}
WHOLE_PPM = 1_000_000


def day_ids(event: Event) -> list[str]:
    """The days that an event is about; their documents are where the halves meet."""
    match event:
        case RequestApproved() | ApprovalRevoked() | RequestWithdrawn():
            return [f"{event.employee_id}:{day}" for day in event.days]
        case OutputVerified(mode=WorkMode.MKD) | VerificationWithdrawn(mode=WorkMode.MKD):
            return [f"{event.employee_id}:{event.day}"]
    return []


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


def unknown(day_id: str) -> Day:
    """A day of which nothing has been heard."""
    employee_id, _, day = day_id.partition(":")
    return {
        "_id": day_id,
        "employee_id": employee_id,
        "day": day,
        "asked": {},
        "events": [],
        "position": None,
        "lacks": [],
        "postings": 0,
        "counted": None,
        "due_at": None,
        "factors_seen": 0,
        "policies_seen": 0,
    }


def learn(day: Day, heard: Heard) -> Day:
    """Add what an event says of a day. Whichever half comes first waits for the other."""
    event = cast("DayEvent", heard.event)
    asked = day["asked"].get(event.request_id) or Asked(agreed=None, withdrawn=False, revoked=False, verified={})
    now_asked = _learnt(asked, event, day["day"])
    told = {"type": heard.type, "subject": event.request_id, "n": heard.n, "id": heard.id, "at": heard.time}
    return {**day, "asked": {**day["asked"], event.request_id: now_asked}, "events": [*day["events"], told]}


def _learnt(asked: Asked, event: DayEvent, day: str) -> Asked:
    match event:
        case RequestApproved():
            outputs = [output.output_id for output in event.outputs if output.day.isoformat() == day]
            return {
                **asked,
                "agreed": {
                    "unit_id": event.unit_id,
                    "time_zone": event.time_zone,
                    "place": event.place.model_dump(mode="json"),
                    "outputs": outputs,
                    "verified_share_min_percent": event.verified_share_min_percent,
                    "quantity_counts": event.quantity_counts,
                },
            }
        case ApprovalRevoked():
            return {**asked, "revoked": True}
        case RequestWithdrawn():
            return {**asked, "withdrawn": True}
        case OutputVerified():
            attained = WHOLE_PPM if event.attained_ppm is None else event.attained_ppm
            return {**asked, "verified": {**asked["verified"], event.output_id: attained}}
        case VerificationWithdrawn():
            return {**asked, "verified": {id_: n for id_, n in asked["verified"].items() if id_ != event.output_id}}


def show_factor_set(factors: FactorSetPublished) -> Document:
    """The factor set beside the log."""
    return factors.model_dump(mode="json")
