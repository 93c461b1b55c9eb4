"""Weeks over HTTP: one's own, or those of somebody whom one leads."""

from typing import Annotated

from fastapi import APIRouter, Path, Request

from services.requests.policy.queries import remembered
from services.requests.week.queries import Whose, asked_on, whom
from services.requests.week.value import Week, days_of, week_of
from shared.kit.web.problems import documented
from shared.people.context import Reader

router = APIRouter(prefix="/v1", tags=["requests"])
IsoWeek = Annotated[
    str,
    Path(
        pattern=r"^[0-9]{4}-W(0[1-9]|[1-4][0-9]|5[0-3])$",
        description="The week, as `YYYY-Www` of ISO 8601, such as `2026-W37`.",
    ),
]


@router.get("/weeks/{iso_week}", responses=documented(404))
async def show_week(request: Request, context: Reader, iso_week: IsoWeek, employee_id: Whose = None) -> Week:
    """Show a week: hours owed and requests.

    For the employee, whoever leads them today, and the personnel agency; the week of anybody else does not exist (404
    `not-found`). Each day is judged by the policy in force on it.

    Refused with 422 `no-such-week` for a week that its year lacks, and `no-policy` if each of its days lacks a policy.
    """
    whose, days = await whom(context, employee_id or context.actor.employee_id), days_of(iso_week)
    asked = await asked_on(context.db, whose, days[0], days[-1])
    return week_of(whose, iso_week, await remembered(context.directory), asked, request.state.language)
