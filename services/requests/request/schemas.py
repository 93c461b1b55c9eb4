"""The shapes in which requests are answered, and how they are made."""

from collections.abc import Mapping
from datetime import date

from services.requests.request.model import Request, Status
from shared.contracts.requests import Limit
from shared.contracts.values import Place, Quantity, TimeWindow
from shared.kit.base.mongo import Database
from shared.kit.decisions import texts
from shared.kit.web.schemas import Schema
from shared.people.context import Step


class OutputResponse(Schema):
    """An agreed output with its title."""

    output_id: str
    """Id of the output."""

    day: date
    """Day for which it is agreed."""

    title: str
    """Deliverable, in the employee's words; `[dihapus]` once it is erased."""

    target_quantity: Quantity
    """Quantity to reach, in what `measure` names; a decimal with at most 3 places."""

    measure: str
    """Code of what is counted such as `document` or `percent`."""


class RequestResponse(Schema):
    """A request and its status."""

    request_id: str
    """Id of the request."""

    version: int
    """Version, from 1; the `ETag` for `If-Match`."""

    status: Status
    """Status of the request."""

    employee_id: str
    """Employee whose request it is."""

    unit_id: str
    """Unit of the employee on the first day."""

    time_zone: str
    """IANA time zone in which the days begin and end."""

    submitted_on: date
    """Day of submission in that zone."""

    days: list[date]
    """Days that were asked for, in order."""

    days_taken_back: list[date]
    """Those of the days that were withdrawn or revoked."""

    window: TimeWindow | None
    """Hours of work on the days; null for the usual hours."""

    place: Place
    """Place of work on all days."""

    outputs: list[OutputResponse]
    """Outputs that were agreed on."""

    reason: str
    """The employee's reason; `[dihapus]` once it is erased."""

    policy_id: str
    """Policy by which the request was judged."""

    away_days_per_week_max: Limit
    """Weekly quota that it counts against."""

    replaces: str | None
    """Request from which it was changed; null for none."""

    replaced_by: str | None
    """Request into which it was changed; null for none."""

    case: str
    """Path of its case in approvals, which says who decided and why."""


class RequestWithHistory(RequestResponse):
    """A request with its history."""

    history: list[Step]
    """Everything that happened to it, in order."""


def text_ids(request: Request) -> list[str]:
    """The texts that a request names."""
    asked = request.submitted
    return [asked.reason_text_id, *(output.title_text_id for output in asked.outputs)]


async def request_response(
    db: Database, request: Request, version: int, written: Mapping[str, str] = texts.NONE
) -> RequestResponse:
    """One request with its texts, some of which may have been written just now."""
    return response_of(request, version, await texts.read(db, text_ids(request), written))


def response_of(request: Request, version: int, prose: Mapping[str, str]) -> RequestResponse:
    """A request whose texts have been read."""
    asked = request.submitted
    return RequestResponse(
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
            OutputResponse(
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
