"""The page that says what each unit lacks, and where to give it."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.portal import pages
from services.portal.access import AskedBy
from services.portal.completeness.model import Gaps
from services.portal.completeness.value import in_order, rows
from services.portal.person.queries import agency, links, person
from services.portal.reach import Reach
from services.portal.today.value import after, before, month_of
from shared.kit.web.fields import MONTH_OR_NONE

router = APIRouter()
MonthOrNone = Annotated[str, Query(pattern=MONTH_OR_NONE)]


@router.get("/completeness")
async def completeness(request: Request, who: AskedBy, month: MonthOrNone = "") -> Response:
    """A month's gaps by unit; of this month where none is named."""
    reach: Reach = request.app.state.reach
    month = month or month_of(pages.today_of(request))
    me, read = await asyncio.gather(
        person(reach, who), reach.every(who, "savings", "/v1/completeness", Gaps, month=month)
    )
    return pages.page(
        request,
        "completeness.html",
        links=links(me),
        tabs=agency(me),
        me=me,
        month=month,
        months=(before(month), after(month)),
        rows=[(one, in_order(one)) for one in rows(read.value)],
    )


@router.get("/completeness.{form}")
async def completeness_rows(request: Request, who: AskedBy, form: pages.Form, month: MonthOrNone = "") -> Response:
    """The same as rows."""
    month = month or month_of(pages.today_of(request))
    told = await request.app.state.reach.rows(who, "savings", "/v1/completeness", month=month)
    return await pages.download(request, f"completeness-{month}", told, form)
