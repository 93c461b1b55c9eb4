"""A month's figures, with their ranges and where they come from."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.portal import pages
from services.portal.access import AskedBy
from services.portal.dashboard import queries, value
from services.portal.following import Live
from services.portal.person.model import AGENCY
from services.portal.person.queries import links, person
from services.portal.reach import Lacking, Reach, Read, part
from services.portal.today.value import after, before, month_of
from shared.kit.web.fields import MONTH_OR_NONE

router = APIRouter()
Month = Annotated[str, Query(pattern=MONTH_OR_NONE)]
Category = Annotated[str, Query(pattern="^[a-z0-9_]{0,40}$")]


@router.get("/dashboard")
async def dashboard(request: Request, who: AskedBy, month: Month = "", category: Category = "fuel") -> Response:
    """All units together by category, then units in one category. It names no people, so that a browser may keep it and
    ask whether it has changed."""
    reach: Reach = request.app.state.reach
    this = month_of(pages.today_of(request))
    me = await person(reach, who)
    shown = month or (this if AGENCY in me.roles else before(this))
    whole, units = await asyncio.gather(
        part(queries.instance_month(reach, who, shown)),
        part(queries.unit_months(reach, who, me, shown, category)),
    )
    figures = whole.value.figures if isinstance(whole, Read) else []
    found = units.value if isinstance(units, Read) else []
    complete = isinstance(whole, Read) and isinstance(units, Read)
    return pages.page(
        request,
        "dashboard.html",
        links=links(me),
        live=(Live("savings", ("month" if AGENCY in me.roles else "publication",), ids=(shown,)),),
        versions=[shown, this, *_versions(whole, units), me.employee_id, str(links(me))] if complete else None,
        month=shown,
        months=[before(shown), *([after(shown)] if after(shown) <= this else [])],
        is_live=AGENCY in me.roles,
        reads_units=me.reads_units,
        category=category,
        categories=list(dict.fromkeys((*value.CATEGORIES, category))),
        whole=whole if isinstance(whole, Lacking) else None,
        units_lacking=units if isinstance(units, Lacking) else None,
        as_of=whole.value.as_of if isinstance(whole, Read) else None,
        left_out=whole.value.left_out if isinstance(whole, Read) else {},
        lines=value.of_instance(figures, shown),
        units=value.of_units(found),
        source=value.source([*figures, *found]),
    )


@router.get("/dashboard.{form}")
async def rows(
    request: Request, who: AskedBy, form: pages.Form, month: Month = "", category: Category = "fuel"
) -> Response:
    """The units' figures as rows."""
    reach: Reach = request.app.state.reach
    me = await person(reach, who)
    shown = month or before(month_of(pages.today_of(request)))
    found = await queries.unit_rows(reach, who, me, shown, category)
    return await pages.download(request, f"{category}-{shown}", found, form)


def _versions(*reads: object) -> list[str]:
    return [read.version for read in reads if isinstance(read, Read)]
