"""Months over HTTP: one's own, or those of somebody whom one leads."""

from fastapi import APIRouter, Request

from services.requests.month.value import Month, days_of, month_of, quota_ids
from services.requests.policy.queries import remembered
from services.requests.week.queries import Whose, asked_on, whom
from shared.kit.decisions import reservations
from shared.kit.web.problems import documented
from shared.people.context import Reader
from shared.people.parameters import MonthPath

router = APIRouter(prefix="/v1", tags=["requests"])


@router.get("/months/{month}", responses=documented(404))
async def show_month(request: Request, context: Reader, month: MonthPath, employee_id: Whose = None) -> Month:
    """Show a month: its days, quota and absences.

    For the employee, whoever leads them today, and the personnel agency; the month of anybody else does not exist (404
    `not-found`). Days are those of the weeks, each judged by the policy in force on it.

    Refused with 422 `no-policy` if each of its days lacks a policy.
    """
    whose, days = await whom(context, employee_id or context.actor.employee_id), days_of(month)
    taken = await reservations.taken(context.db, quota_ids(whose, days))
    asked = await asked_on(context.db, whose, days[0], days[-1])
    policies, absences = await remembered(context.directory), await context.directory.absences(whose)
    return month_of(whose, month, policies, asked, absences, taken, request.state.language)
