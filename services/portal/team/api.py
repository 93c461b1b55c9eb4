"""The page on which a superior sees who is where."""

from fastapi import APIRouter, Request, Response

from services.portal import pages
from services.portal.access import AskedBy
from services.portal.following import Live
from services.portal.person.model import AGENCY
from services.portal.person.queries import links, person
from services.portal.reach import Reach
from services.portal.team import queries, value

router = APIRouter()


@router.get("/team")
async def team(request: Request, who: AskedBy) -> Response:
    """This week and the next, by person and day."""
    reach: Reach = request.app.state.reach
    me = await person(reach, who)
    # The agency is shown everybody; those whom it leads cannot be told apart.
    is_agency = AGENCY in me.roles
    known = (
        await queries.team(reach, who, value.mondays(pages.today_of(request))) if me.leads and not is_agency else None
    )
    tables = value.tables(known, me.employee_id) if known else []
    return pages.page(
        request,
        "team.html",
        links=links(me),
        live=(Live("requests", ("request", "directory"), "led"),) if known else (),
        me=me,
        is_agency=is_agency,
        weeks=tables,
        lacks_absences=known is not None and known.lacks_absences,
        today=pages.today_of(request),
    )
