"""What is known of one employee's day, in whatever order it came. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypedDict, cast

from shared.contracts.approvals import ApprovalRevoked, RequestApproved
from shared.contracts.event import Event
from shared.contracts.performance import OutputVerified, VerificationWithdrawn, WorkMode
from shared.contracts.requests import RequestWithdrawn
from shared.kit.decisions.decider import Document
from shared.kit.messaging.cloudevents import Heard

DayEvent = RequestApproved | ApprovalRevoked | RequestWithdrawn | OutputVerified | VerificationWithdrawn
WHOLE_PPM = 1_000_000


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


def live(asked: Mapping[str, Asked]) -> dict[str, Agreed]:
    """What is agreed of a day and has not been taken back, by request."""
    return {id_: a["agreed"] for id_, a in asked.items() if a["agreed"] and not (a["withdrawn"] or a["revoked"])}


def day_ids(event: Event) -> list[str]:
    """The days that an event is about; their documents are where the halves meet."""
    match event:
        case RequestApproved() | ApprovalRevoked() | RequestWithdrawn():
            return [f"{event.employee_id}:{day}" for day in event.days]
        case OutputVerified(mode=WorkMode.MKD) | VerificationWithdrawn(mode=WorkMode.MKD):
            return [f"{event.employee_id}:{event.day}"]
    return []


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
