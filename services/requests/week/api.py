"""Weeks over HTTP: one's own, or those of somebody whom one leads."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from services.requests.policy import queries
from services.requests.request.document import stored_request
from services.requests.week.value import Week, days_of, week_of
from shared.contracts.organisation import Role
from shared.kit.decisions.decider import missing
from shared.kit.web.problems import documented
from shared.people.context import Reader, RequestContext

router = APIRouter(prefix="/v1", tags=["requests"])
IsoWeek = Annotated[
    str,
    Path(
        pattern=r"^[0-9]{4}-W(0[1-9]|[1-4][0-9]|5[0-3])$",
        description="The week, as `YYYY-Www` of ISO 8601, such as `2026-W37`.",
    ),
]
Whose = Annotated[str | None, Query(max_length=60, description="Employee, by id; yourself if omitted.")]


@router.get("/weeks/{iso_week}", responses=documented(404))
async def show_week(request: Request, context: Reader, iso_week: IsoWeek, employee_id: Whose = None) -> Week:
    """Show a week: hours owed and requests.

    For the employee, whoever leads them today, and the personnel agency; the week of anybody else does not exist (404
    `not-found`). Each day is judged by the policy in force on it.

    Refused with 422 `no-such-week` for a week that its year lacks, and `no-policy` if each of its days lacks a policy.
    """
    whose = await _whose(context, employee_id or context.actor.employee_id)
    days = days_of(iso_week)
    within = {"$elemMatch": {"$gte": days[0].isoformat(), "$lte": days[-1].isoformat()}}
    found = context.db.requests.find({"employee_id": whose, "days": within}).sort("_id", 1)
    asked = [stored_request(one) async for one in found]
    return week_of(whose, iso_week, await queries.remembered(context.directory), asked, request.state.language)


async def _whose(context: RequestContext, employee_id: str) -> str:
    """Raises `Refused` in the same way for whom nobody knows and for whose week the actor may not see."""
    own = employee_id == context.actor.employee_id
    leaders = await context.leaders_of(employee_id)
    agency = context.actor.has(Role.PERSONNEL_AGENCY) and await context.directory.employee(employee_id)
    if own or context.actor.employee_id in leaders or agency:
        return employee_id
    raise missing("not-found")
