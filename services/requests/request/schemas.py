"""How a request is told."""

from collections.abc import Mapping
from datetime import date

from pydantic import BaseModel

from services.requests.request.model import Request, Status
from shared.contracts.requests import Limit
from shared.contracts.values import Place, Quantity, TimeWindow
from shared.kit.base.mongo import Database
from shared.kit.decisions import texts
from shared.people.context import Step


class OutputShown(BaseModel):
    """An agreed output with its title."""

    output_id: str
    day: date
    title: str
    target_quantity: Quantity
    measure: str


class RequestShown(BaseModel):
    """A request and where it stands. A changed request and the one that it was changed into name each other.

    `days` are those that were asked for, `days_taken_back` those of them that were withdrawn or revoked. `case` is
    where `approvals` tells who decided, and why it was returned, rejected or revoked.
    """

    request_id: str
    version: int
    status: Status
    employee_id: str
    unit_id: str
    time_zone: str
    submitted_on: date
    days: list[date]
    days_taken_back: list[date]
    window: TimeWindow | None
    place: Place
    outputs: list[OutputShown]
    reason: str
    policy_id: str
    away_days_per_week_max: Limit
    replaces: str | None
    replaced_by: str | None
    case: str


class RequestWithHistory(RequestShown):
    """A request with everything that happened to it."""

    history: list[Step]


def text_ids(request: Request) -> list[str]:
    """The texts that a request names."""
    asked = request.submitted
    return [asked.reason_text_id, *(output.title_text_id for output in asked.outputs)]


async def told(db: Database, request: Request, version: int) -> RequestShown:
    """One request with its texts."""
    return shown(request, version, await texts.read(db, text_ids(request)))


def shown(request: Request, version: int, prose: Mapping[str, str]) -> RequestShown:
    """A request whose texts have been read."""
    asked = request.submitted
    return RequestShown(
        request_id=asked.request_id,
        version=version,
        status=request.status,
        employee_id=asked.employee_id,
        unit_id=asked.unit_id,
        time_zone=asked.time_zone,
        submitted_on=asked.submitted_on,
        days=list(asked.days),
        days_taken_back=sorted(request.taken),
        window=asked.window,
        place=asked.place,
        outputs=[
            OutputShown(
                output_id=output.output_id,
                day=output.day,
                title=prose[output.title_text_id],
                target_quantity=output.target_quantity,
                measure=output.measure,
            )
            for output in asked.outputs
        ],
        reason=prose[asked.reason_text_id],
        policy_id=asked.policy_id,
        away_days_per_week_max=asked.away_days_per_week_max,
        replaces=asked.replaces,
        replaced_by=request.replaced_by,
        case=f"/v1/cases/{asked.request_id}",
    )
