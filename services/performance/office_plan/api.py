"""What performance answers over HTTP of plans for days at the office, which employees open themselves."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field

from services.performance.plan.decide import plans
from services.performance.plan.rules import OpenOfficePlan, WithdrawOfficePlan
from services.performance.plan.schemas import PlanShown, told
from shared.kit.base.clock import local_date
from shared.kit.base.ids import new_id
from shared.kit.decisions import log
from shared.kit.decisions.decider import no_right
from shared.kit.web.bodies import Body
from shared.kit.web.fields import Day
from shared.kit.web.problems import documented
from shared.people import directory
from shared.people.context import IfMatch, Writer, tag, visible
from shared.people.outputs import OutputBody, agree

router = APIRouter(prefix="/v1", tags=["performance"])


class OfficePlanBody(Body):
    """What is to be achieved at the office; the plan is for the days that its outputs name."""

    outputs: Annotated[list[OutputBody], Field(min_length=1, max_length=200)]


class WithdrawBody(Body):
    """Which days are taken back: all that may be, where none are named."""

    days: Annotated[list[Day], Field(min_length=1, max_length=62)] | None = None


@router.post("/office-plans", status_code=201, responses=documented(409, 413))
async def open_office_plan(request: Request, response: Response, call: Writer, body: OfficePlanBody) -> PlanShown:
    """Agree on outputs for days at the office, today or up to 60 days ahead. From then on it is a plan like those of
    requests, at `/v1/plans/{request_id}`."""
    known = await directory.employee(call.db, call.actor.employee_id)
    if known is None:
        raise no_right("unknown-person")
    time_zone = await directory.zone_of(call.db, call.actor.terms.unit_id, call.today, call.time_zone)
    outputs, titles = agree(body.outputs)
    command = OpenOfficePlan(
        request_id=new_id("off"),
        employee=known,
        time_zone=time_zone,
        today=local_date(call.now, time_zone),
        outputs=outputs,
    )
    committed = await log.transact(call.db, plans, command.request_id, command, call.origin(texts=titles))
    tag(response, committed)
    response.headers["Location"] = f"/v1/plans/{committed.aggregate}"
    return await told(call.db, committed)


@router.post("/office-plans/{request_id}:withdraw", responses=documented(404, 409, 412, 413))
async def withdraw_office_plan(
    response: Response, call: Writer, seen: IfMatch, request_id: str, body: WithdrawBody | None = None
) -> PlanShown:
    """Take your own office plan back: the days that are still to come, or those of them that you name. They are free
    again."""
    found = await visible(call, call.db.plans, request_id)
    days = tuple(body.days) if body and body.days else None
    command = WithdrawOfficePlan(call.actor.employee_id, local_date(call.now, found["time_zone"]), days)
    committed = await log.transact(call.db, plans, request_id, command, call.origin(expected=seen))
    tag(response, committed)
    return await told(call.db, committed)
