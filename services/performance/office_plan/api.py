"""Plans for days at the office over HTTP, which employees open themselves."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import ConfigDict, Field

from services.performance.plan.decide import plans
from services.performance.plan.rules import OpenOfficePlan, WithdrawOfficePlan
from services.performance.plan.schemas import PlanResponse, plan_response
from shared.kit.base.clock import local_date
from shared.kit.base.ids import new_id
from shared.kit.decisions import log
from shared.kit.decisions.decider import no_right
from shared.kit.web.bodies import Body
from shared.kit.web.fields import Day
from shared.kit.web.problems import CREATED, documented
from shared.people.context import IfMatch, Writer, set_etag, visible
from shared.people.outputs import OutputBody, agree
from shared.people.parameters import RequestPath

router = APIRouter(prefix="/v1", tags=["performance"])


class OfficePlanBody(Body):
    """Outputs to be achieved at the office."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "outputs": [
                        {"day": "2026-09-09", "title": "Surat dijawab", "target_quantity": 15, "measure": "document"}
                    ]
                }
            ]
        }
    )

    outputs: Annotated[list[OutputBody], Field(min_length=1, max_length=200)]
    """Outputs to agree on; the plan is for the days that they name."""


class WithdrawBody(Body):
    """Days to withdraw."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"days": ["2026-09-09"]}, {}]})

    days: Annotated[list[Day], Field(min_length=1, max_length=62)] | None = None
    """Days to withdraw, each a day of the plan; all that may be withdrawn if omitted."""


@router.post(
    "/office-plans",
    status_code=201,
    responses=documented(413) | CREATED,
)
async def open_office_plan(request: Request, response: Response, context: Writer, body: OfficePlanBody) -> PlanResponse:
    """Open a plan for days at the office.

    For every employee on record, for themselves, for today or up to 60 days ahead. From then on it is a plan like those
    of requests, at `/v1/plans/{request_id}`. A day has one plan; if it is approved as MKD later, the office plan gives
    it up.

    Refused with 422 `office-day-passed`, `office-day-too-far`, `office-day-taken` or `not-employed`, each with the day.
    """
    known = await context.directory.employee(context.actor.employee_id)
    if known is None:
        raise no_right("unknown-person")
    time_zone = await context.directory.zone_of(context.actor.terms.unit_id, context.today, context.time_zone)
    outputs, titles = agree(body.outputs)
    command = OpenOfficePlan(
        request_id=new_id("off"),
        employee=known,
        time_zone=time_zone,
        today=local_date(context.now, time_zone),
        outputs=outputs,
    )
    origin = context.origin(texts=titles)
    committed = await log.transact(context.db, plans, command.request_id, command, origin, new=True)
    set_etag(response, committed)
    response.headers["Location"] = f"/v1/plans/{committed.aggregate}"
    return await plan_response(context.db, committed)


@router.post("/office-plans/{request_id}:withdraw", responses=documented(404, 409, 412, 413))
async def withdraw_office_plan(
    response: Response, context: Writer, seen: IfMatch, request_id: RequestPath, body: WithdrawBody | None = None
) -> PlanResponse:
    """Withdraw a plan for days at the office, or days of it.

    For the employee whose plan it is, for days after today; they are free again.

    Refused with 403 `not-your-plan`; with 409 `plan-closed` or `already-begun`; with 422 `not-its-day`; and with 404
    `not-found` if it is the plan of a request.
    """
    found = await visible(context, context.db.plans, request_id)
    days = tuple(body.days) if body and body.days else None
    command = WithdrawOfficePlan(context.actor.employee_id, local_date(context.now, found["time_zone"]), days)
    committed = await log.transact(context.db, plans, request_id, command, context.origin(expected=seen))
    set_etag(response, committed)
    return await plan_response(context.db, committed)
