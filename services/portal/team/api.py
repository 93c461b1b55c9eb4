"""The page on which a superior sees who is where."""

import asyncio

from fastapi import APIRouter, Request, Response

from services.portal import pages
from services.portal.access import AskedBy
from services.portal.person.model import AGENCY
from services.portal.person.queries import links, person
from services.portal.reach import Lacking, Reach
from services.portal.team import queries, value

router = APIRouter()


@router.get("/team")
async def team(request: Request, who: AskedBy) -> Response:
    """This week and the next, by person and day."""
    reach: Reach = request.app.state.reach
    mondays = value.mondays(pages.today_of(request))
    me, known = await asyncio.gather(person(reach, who), queries.team(reach, who, mondays))
    led = [one for one in known.people if one.employee_id != me.employee_id]
    # The agency is shown everybody; those whom it leads cannot be told apart.
    shown = led if me.leads and AGENCY not in me.roles else []
    days = [value.working_days(week) for week in known.weeks]
    absences = [] if isinstance(known.absences, Lacking) else known.absences
    tables = [(week, value.rows(shown, known.asked, absences, week)) for week in days]
    return pages.page(
        request,
        "team.html",
        links=links(me),
        me=me,
        is_agency=AGENCY in me.roles,
        weeks=[(week[0], value.columns(rows, week), rows) for week, rows in tables if week and rows],
        lacking=known.absences if isinstance(known.absences, Lacking) else None,
        today=pages.today_of(request),
    )
