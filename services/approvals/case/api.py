"""What approvals answers over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from services.approvals.case.commands import Decision, carry_out
from services.approvals.case.model import Case
from services.approvals.case.schemas import CaseShown, CaseWithHistory, decided, told
from shared.kit.decisions.log import AppendResult
from shared.kit.web.bodies import Body
from shared.kit.web.fields import Day, Prose
from shared.kit.web.problems import documented
from shared.people.context import Call, IfMatch, Reader, Writer, history, tag, visible

router = APIRouter(prefix="/v1", tags=["approvals"])


class ReasonBody(Body):
    """Why."""

    reason: Prose


class RevokeBody(ReasonBody):
    """Why, and for which days: those that are not over, where none are named."""

    days: Annotated[list[Day], Field(min_length=1, max_length=62)] | None = None


@router.get("/cases/{request_id}", responses=documented(404))
async def show_case(response: Response, call: Reader, request_id: str) -> CaseWithHistory:
    """One case with its history: your own, of somebody you lead, or any for the personnel agency."""
    found = await visible(call, call.db.cases, request_id)
    response.headers["ETag"] = f'"{found["n"]}"'
    (shown,) = await told(call.db, [found])
    return CaseWithHistory(**shown.model_dump(), history=await history(call.db, request_id))


@router.post("/cases/{request_id}:approve", responses=documented(404, 409, 412))
async def approve_case(response: Response, call: Writer, seen: IfMatch, request_id: str) -> CaseShown:
    """Agree to the days, the place and the outputs."""
    return await _answer(response, call, await carry_out(call, request_id, seen, Decision.APPROVE))


@router.post("/cases/{request_id}:reject", responses=documented(404, 409, 412, 413))
async def reject_case(response: Response, call: Writer, seen: IfMatch, request_id: str, body: ReasonBody) -> CaseShown:
    """Decline, with a reason."""
    return await _answer(response, call, await carry_out(call, request_id, seen, Decision.REJECT, body.reason))


@router.post("/cases/{request_id}:return", responses=documented(404, 409, 412, 413))
async def return_case(response: Response, call: Writer, seen: IfMatch, request_id: str, body: ReasonBody) -> CaseShown:
    """Send the request back to be changed, with a reason. The employee changes it, which opens a new case, or withdraws
    it."""
    return await _answer(response, call, await carry_out(call, request_id, seen, Decision.RETURN, body.reason))


@router.post("/cases/{request_id}:revoke", responses=documented(404, 409, 412, 413))
async def revoke_case(response: Response, call: Writer, seen: IfMatch, request_id: str, body: RevokeBody) -> CaseShown:
    """Take an approval back, with a reason: that of the days that are not over, or of those that you name, verified or
    not. They no longer count; the others stay as they are."""
    case = await carry_out(call, request_id, seen, Decision.REVOKE, body.reason, body.days)
    return await _answer(response, call, case)


async def _answer(response: Response, call: Call, committed: AppendResult[Case]) -> CaseShown:
    tag(response, committed)
    return await decided(call.db, committed)
