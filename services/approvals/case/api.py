"""Single cases over HTTP: read, approved, rejected, returned, revoked."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import ConfigDict, Field

from services.approvals.case.commands import Decision, carry_out
from services.approvals.case.model import Case
from services.approvals.case.schemas import CaseResponse, CaseWithHistory, case_responses, decided_cases
from shared.kit.decisions.log import AppendResult
from shared.kit.web.bodies import Body
from shared.kit.web.fields import Day, Prose
from shared.kit.web.problems import VERSIONED, documented
from shared.people.context import IfMatch, Reader, RequestContext, Writer, history, set_etag, visible
from shared.people.parameters import RequestPath

router = APIRouter(prefix="/v1", tags=["approvals"])


class ReasonBody(Body):
    """Reason of a decision."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "Rapat koordinasi memerlukan kehadiran pada hari itu"}]}
    )

    reason: Prose
    """Reason, for the employee to read; 1 to 2,000 characters."""


class RevokeBody(ReasonBody):
    """Reason of a revocation, and the days it is for."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "Kunjungan inspeksi", "days": ["2026-09-08"]}]}
    )

    days: Annotated[list[Day], Field(min_length=1, max_length=62)] | None = None
    """Days to revoke, over or not; those that are not over if omitted."""


@router.get("/cases/{request_id}", responses=documented(404) | VERSIONED)
async def show_case(response: Response, context: Reader, request_id: RequestPath) -> CaseWithHistory:
    """Show a case with its history.

    For the employee, whoever leads them today, and the personnel agency; for others it does not exist (404
    `not-found`). The `ETag` is the version that a command on it names.
    """
    found = await visible(context, context.db.cases, request_id)
    response.headers["ETag"] = f'"{found["n"]}"'
    (shown,) = await case_responses(context.db, [found])
    return CaseWithHistory(**shown.model_dump(), history=await history(context.db, request_id))


@router.post("/cases/{request_id}:approve", responses=documented(404, 409, 412))
async def approve_case(response: Response, context: Writer, seen: IfMatch, request_id: RequestPath) -> CaseResponse:
    """Approve a request.

    For whoever leads the employee today, as superior or by mandate. The days, the place and the outputs are agreed;
    performance opens a plan of the same id.

    Refused with 403 `own-request` or `not-the-superior`, and with 409 `case-status` if it is not `open`, or
    `first-day-passed`.
    """
    return await _decided(response, context, await carry_out(context, request_id, seen, Decision.APPROVE))


@router.post("/cases/{request_id}:reject", responses=documented(404, 409, 412, 413))
async def reject_case(
    response: Response, context: Writer, seen: IfMatch, request_id: RequestPath, body: ReasonBody
) -> CaseResponse:
    """Reject a request.

    For whoever leads the employee today, as superior or by mandate. Its days are free for another request.

    Refused with 403 `own-request` or `not-the-superior`, and with 409 `case-status` if it is not `open`.
    """
    return await _decided(response, context, await carry_out(context, request_id, seen, Decision.REJECT, body.reason))


@router.post("/cases/{request_id}:return", responses=documented(404, 409, 412, 413))
async def return_case(
    response: Response, context: Writer, seen: IfMatch, request_id: RequestPath, body: ReasonBody
) -> CaseResponse:
    """Return a request to be changed.

    For whoever leads the employee today, as superior or by mandate. The employee changes it, which opens a new case, or
    withdraws it; until then it holds its days.

    Refused with 403 `own-request` or `not-the-superior`, and with 409 `case-status` if it is not `open`.
    """
    return await _decided(response, context, await carry_out(context, request_id, seen, Decision.RETURN, body.reason))


@router.post("/cases/{request_id}:revoke", responses=documented(404, 409, 412, 413))
async def revoke_case(
    response: Response, context: Writer, seen: IfMatch, request_id: RequestPath, body: RevokeBody
) -> CaseResponse:
    """Revoke an approval, or days of it.

    For whoever leads the employee today, as superior or by mandate, at any time. Revoked days no longer count, even if
    verified; the others stay approved.

    Refused with 403 `own-request` or `not-the-superior`; with 409 `case-status` unless it is `approved`, or `days-over`
    if all are over and `days` is omitted; and with `not-its-day` (422).
    """
    case = await carry_out(context, request_id, seen, Decision.REVOKE, body.reason, body.days)
    return await _decided(response, context, case)


async def _decided(response: Response, context: RequestContext, committed: AppendResult[Case]) -> CaseResponse:
    set_etag(response, committed)
    (shown,) = await decided_cases(context.db, [committed])
    return shown
