"""What is known of one employee's day, in whatever order it came. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.savings.ledger.model import MILLION, Counted, DayKey, Entry, Told
from shared.contracts.approvals import ApprovalRevoked, RequestApproved
from shared.contracts.event import Event
from shared.contracts.performance import OutputVerified, VerificationWithdrawn, WorkMode
from shared.contracts.requests import RequestWithdrawn
from shared.contracts.values import Place, PlaceCategory
from shared.kit.messaging.cloudevents import ReceivedEvent

DayEvent = RequestApproved | ApprovalRevoked | RequestWithdrawn | OutputVerified | VerificationWithdrawn


@dataclass(frozen=True, slots=True)
class Agreed:
    """What was approved for one day of a request."""

    unit_id: str
    time_zone: str
    place: Place
    outputs: tuple[str, ...]
    verified_share_min_percent: int
    quantity_counts: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of one request on one day. `verified` is what was attained of each verified output, in parts per
    million."""

    agreed: Agreed | None = None
    withdrawn: bool = False
    revoked: bool = False
    verified: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Position:
    """What a realised day is worth: for whom, where, and by which factors."""

    request_id: str
    unit_id: str
    factor_set_id: str
    place: PlaceCategory
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class EmployeeDay:
    """One employee's day. `position` is what is posted now, `postings` how many rows that took so far, `counted` what
    of it counts in its unit-month; `due_at` is when time alone will change it, `factors_seen` and `policies_seen` how
    many factor sets and policies were known when it was last looked at."""

    employee_id: str
    day: str
    asked: Mapping[str, Asked] = field(default_factory=dict)
    position: Position | None = None
    lacks: tuple[str, ...] = ()
    postings: int = 0
    counted: Counted | None = None
    due_at: datetime | None = None
    factors_seen: int = 0
    policies_seen: int = 0

    @property
    def key(self) -> DayKey:
        return DayKey(self.employee_id, self.day)

    @property
    def live(self) -> dict[str, Agreed]:
        """What is agreed of the day and has not been taken back, by request."""
        standing = {id_: one.agreed for id_, one in self.asked.items() if not (one.withdrawn or one.revoked)}
        return {id_: agreed for id_, agreed in standing.items() if agreed}


def initial(key: DayKey) -> EmployeeDay:
    """A day of which nothing has been heard."""
    return EmployeeDay(key.whose, key.day)


def keys_of(event: Event) -> list[DayKey]:
    """The days that an event is about; in them the halves meet."""
    match event:
        case RequestApproved() | ApprovalRevoked() | RequestWithdrawn():
            return [DayKey(event.employee_id, day.isoformat()) for day in event.days]
        case OutputVerified(mode=WorkMode.MKD) | VerificationWithdrawn(mode=WorkMode.MKD):
            return [DayKey(event.employee_id, event.day.isoformat())]
    return []


def evolve(day: EmployeeDay, heard: ReceivedEvent) -> EmployeeDay:
    """Add what an event says of a day. Whichever half comes first waits for the other."""
    event = heard.event
    if not isinstance(event, DayEvent):
        return day
    asked = _asked(day.asked.get(event.request_id, Asked()), event, day.day)
    return replace(day, asked={**day.asked, event.request_id: asked})


def told(key: DayKey, heard: ReceivedEvent) -> Told:
    """What is kept of an event of a day, to explain it by."""
    return Told(key.day, heard.type, heard.event.subject, heard.n, heard.id, heard.time)


def _asked(asked: Asked, event: DayEvent, day: str) -> Asked:
    match event:
        case RequestApproved():
            return replace(asked, agreed=_agreed(event, day))
        case ApprovalRevoked():
            return replace(asked, revoked=True)
        case RequestWithdrawn():
            return replace(asked, withdrawn=True)
        case OutputVerified():
            attained = MILLION if event.attained_ppm is None else event.attained_ppm
            return replace(asked, verified={**asked.verified, event.output_id: attained})
        case VerificationWithdrawn():
            return replace(asked, verified={id_: n for id_, n in asked.verified.items() if id_ != event.output_id})


def _agreed(event: RequestApproved, day: str) -> Agreed:
    return Agreed(
        unit_id=event.unit_id,
        time_zone=event.time_zone,
        place=event.place,
        outputs=tuple(output.output_id for output in event.outputs if output.day.isoformat() == day),
        verified_share_min_percent=event.verified_share_min_percent,
        quantity_counts=event.quantity_counts,
    )
