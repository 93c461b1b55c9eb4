"""What is known of each employee's day, what it is worth, and the rows and totals that follow. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast, get_args

from services.savings.net import Asked, Day, net_position
from shared.contracts.approvals import ApprovalRevoked, RequestApproved
from shared.contracts.event import Event
from shared.contracts.organisation import EmployeeRecorded, UnitRecorded
from shared.contracts.performance import OutputVerified, VerificationWithdrawn
from shared.contracts.requests import RequestWithdrawn
from shared.contracts.savings import FactorSetPublished
from shared.kit.changes import Changes, Known, Wanted, document
from shared.kit.cloudevents import Heard
from shared.kit.decider import Document

DayEvent = RequestApproved | ApprovalRevoked | RequestWithdrawn | OutputVerified | VerificationWithdrawn
TAKES: tuple[type[Event], ...] = (EmployeeRecorded, UnitRecorded, *get_args(DayEvent))
BOUNDS = ("low", "central", "high")
TAGS = ("unit_id", "factor_set_id", "category", "beneficiary", "tier")


def day_ids(event: Event) -> list[str]:
    """The days that an event is about; their documents are where the halves meet."""
    match event:
        case RequestApproved() | ApprovalRevoked() | RequestWithdrawn():
            return [f"{event.employee_id}:{day}" for day in event.days]
        case OutputVerified() | VerificationWithdrawn():
            return [f"{event.employee_id}:{event.day}"]
    return []


def wants(events: Sequence[Heard]) -> Wanted:
    """The documents that a batch touches. A person's new terms touch all their days."""
    days = {id_ for heard in events for id_ in day_ids(heard.event)}
    recorded = {heard.event.employee_id for heard in events if isinstance(heard.event, EmployeeRecorded)}
    touched = {id_.partition(":")[0] for id_ in days} | recorded
    units = [heard.event.unit_id for heard in events if isinstance(heard.event, UnitRecorded)]
    return {
        "days": {"$or": [{"_id": {"$in": sorted(days)}}, {"employee_id": {"$in": sorted(recorded)}}]},
        "employees": {"_id": {"$in": sorted(touched)}},
        "units": {"_id": {"$in": units}},
        "factor_sets": {},
    }


def wants_days(ids: Iterable[str]) -> Wanted:
    """The same, for days that time or a new factor set has touched."""
    days = sorted(ids)
    people = sorted({id_.partition(":")[0] for id_ in days})
    return {"days": {"_id": {"$in": days}}, "employees": {"_id": {"$in": people}}, "factor_sets": {}}


def fold(known: Known, events: Sequence[Heard], now: datetime) -> Changes:
    """What a batch makes of what is known."""
    days = {id_: cast("Day", found) for id_, found in known["days"].items()}
    employees = dict(known["employees"])
    units: dict[str, Document] = {}
    moved: set[str] = set()
    for heard in events:
        if isinstance(heard.event, EmployeeRecorded):
            employees[heard.event.employee_id] = document(heard.event)
            moved.add(heard.event.employee_id)
        elif isinstance(heard.event, UnitRecorded):
            units[heard.event.unit_id] = document(heard.event)
        for id_ in day_ids(heard.event):
            days[id_] = learn(days.get(id_) or unknown(id_), heard)
    touched = {id_ for heard in events for id_ in day_ids(heard.event)}
    touched |= {id_ for id_, day in days.items() if day["employee_id"] in moved}
    changes = settle(known, {id_: days[id_] for id_ in touched}, employees, now)
    _keep(changes, "employees", known["employees"], {id_: employees[id_] for id_ in moved})
    _keep(changes, "units", known["units"], units)
    return changes


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
        "due_at": None,
        "factors_seen": 0,
    }


def learn(day: Day, heard: Heard) -> Day:
    """Add what an event says of a day. Whichever half comes first waits for the other."""
    event = cast("DayEvent", heard.event)
    asked = day["asked"].get(event.request_id) or Asked(agreed=None, withdrawn=False, revoked=False, verified=[])
    now_asked = _asked(asked, event, day["day"])
    told = {"type": heard.type, "subject": event.request_id, "n": heard.n, "id": heard.id, "at": heard.time}
    return {**day, "asked": {**day["asked"], event.request_id: now_asked}, "events": [*day["events"], told]}


def _asked(asked: Asked, event: DayEvent, day: str) -> Asked:
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
                },
            }
        case ApprovalRevoked():
            return {**asked, "revoked": True}
        case RequestWithdrawn():
            return {**asked, "withdrawn": True}
        case OutputVerified():
            return {**asked, "verified": sorted({*asked["verified"], event.output_id})}
        case VerificationWithdrawn():
            return {**asked, "verified": [id_ for id_ in asked["verified"] if id_ != event.output_id]}


def settle(known: Known, days: Mapping[str, Day], employees: Mapping[str, Document], now: datetime) -> Changes:
    """Bring the worth of days up to date; where it changed, a reversal, a new posting, and totals by the difference."""
    changes = Changes()
    factor_sets = [FactorSetPublished.model_validate(one, strict=False) for one in known["factor_sets"].values()]
    people = {id_: EmployeeRecorded.model_validate(one, strict=False) for id_, one in employees.items()}
    settled: dict[str, Document] = {}
    for id_, day in sorted(days.items()):
        net = net_position(day, people.get(day["employee_id"]), factor_sets, now)
        rows = _rows(day, net.position, now)
        for row in rows:
            _add(changes, row)
        changes.insert.setdefault("postings", []).extend(rows)
        settled[id_] = cast(
            "Document",
            {
                **day,
                "position": net.position,
                "lacks": list(net.lacks),
                "due_at": net.due_at,
                "postings": day["postings"] + len(rows),
                "factors_seen": len(factor_sets),
            },
        )
    _keep(changes, "days", known["days"], settled)
    return changes


def _rows(day: Day, position: Document | None, now: datetime) -> list[Document]:
    """Never an update: what was posted is reversed, and what holds now is posted."""
    if position == day["position"]:
        return []
    rows = [("reversal", day["position"], -1), ("posting", position, 1)]
    told = [(kind, amounts, sign) for kind, amounts, sign in rows if amounts]
    return [
        {
            "_id": f"{day['_id']}#{number}",
            "day_id": day["_id"],
            "employee_id": day["employee_id"],
            "day": day["day"],
            "kind": kind,
            **{name: amounts[name] for name in TAGS},
            "microlitres": {bound: sign * amounts["microlitres"][bound] for bound in BOUNDS},
            "sen": {bound: sign * amounts["sen"][bound] for bound in BOUNDS},
            "days": sign,
            "at": now,
        }
        for number, (kind, amounts, sign) in enumerate(told, day["postings"] + 1)
    ]


def _add(changes: Changes, row: Document) -> None:
    """Running totals by unit and by employee. Bounds swap where a reversal turns them round: low stays with low."""
    month = row["day"][:7]
    amounts = {"days": row["days"]}
    amounts |= {f"{unit}.{bound}": row[unit][bound] for unit in ("microlitres", "sen") for bound in BOUNDS}
    of = {name: row[name] for name in TAGS} | {"month": month}
    unit_month = f"{row['unit_id']}|{month}|{row['factor_set_id']}"
    _sum(changes, "unit_months", unit_month, of, amounts)
    whose = of | {"employee_id": row["employee_id"]}
    _sum(changes, "employee_months", f"{row['employee_id']}|{unit_month}", whose, amounts)


def _sum(changes: Changes, collection: str, id_: str, of: Document, amounts: Mapping[str, Any]) -> None:
    totals = changes.add.setdefault(collection, {})
    _, before = totals.get(id_, (of, {}))
    totals[id_] = (of, {name: before.get(name, 0) + amount for name, amount in amounts.items()})


def _keep(changes: Changes, collection: str, known: Mapping[str, Document], documents: Mapping[str, Document]) -> None:
    for id_, document_ in documents.items():
        kind = changes.replace if id_ in known else changes.insert
        kind.setdefault(collection, []).append(document_)


def show_factor_set(factors: FactorSetPublished) -> Document:
    """The factor set beside the log."""
    return factors.model_dump(mode="json")
