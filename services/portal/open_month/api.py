"""The page for citizens and the press, and its downloads, where an instance has one."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from services.portal import pages
from services.portal.dashboard.value import of_instance, source
from services.portal.open_month import queries
from services.portal.reach import Asker, Lacking, Reach, Read, part
from services.portal.results import value as results
from services.portal.series.value import MONTHS_MAX, first_of
from services.portal.settings import PortalSettings
from services.portal.today.value import before, month_of
from shared.kit.web.fields import MONTH_OR_NONE
from shared.kit.web.problems import Refusal

MONTHS = 12
TAKES_OLD_S = 60.0
"""All strangers are told the same: one answer serves all of them for so long."""
OPEN = "/open"


async def stranger(request: Request) -> Asker:
    """Whoever asks, as nobody in particular. Raises `Refusal` where the instance tells strangers nothing."""
    settings: PortalSettings = request.app.state.settings
    if not settings.open_figures:
        raise Refusal(404, "no-such-page")
    return Asker("", pages.language_of(request), request.state.trace, TAKES_OLD_S)


async def month_asked(request: Request, month: Annotated[str, Query(pattern=MONTH_OR_NONE)] = "") -> str:
    """The month that an address names; else the last that is over."""
    return month or before(month_of(pages.today_of(request)))


router = APIRouter(prefix=OPEN)
Stranger = Annotated[Asker, Depends(stranger)]
Month = Annotated[str, Depends(month_asked)]


@router.get("")
async def show(request: Request, who: Stranger, month: Month) -> Response:
    """A month's figures, a year's results, how it was worked out, and all of it as files."""
    reach: Reach = request.app.state.reach
    saved, worked = await asyncio.gather(
        part(queries.savings(reach, who, month, month)),
        part(queries.results(reach, who, first_of(month, MONTHS), month)),
    )
    told = saved.value.months[0] if isinstance(saved, Read) else None
    figures = told.figures if told else []
    versions = [read.version for read in (saved, worked) if isinstance(read, Read)]
    return pages.page(
        request,
        "open.html",
        versions=[month, *versions] if len(versions) == len((saved, worked)) else None,
        month=month,
        months=[before(month)],
        as_of=told.as_of if told else None,
        lacking=saved if isinstance(saved, Lacking) else None,
        lines=of_instance(figures),
        left_out=told.left_out if told else {},
        results=worked if isinstance(worked, Lacking) else None,
        worked=results.lines(worked.value) if isinstance(worked, Read) else [],
        ranges=saved.value.words.ranges if isinstance(saved, Read) else {},
        source=source(figures),
    )


@router.get("/{name}.{form}")
async def download(
    request: Request,
    who: Stranger,
    month: Month,
    name: Literal["savings", "results", "savings-columns", "results-columns"],
    form: pages.Form,
) -> Response:
    """Rows of the last three years, or what their columns mean."""
    found = await queries.rows(request.app.state.reach, who, name, first_of(month, MONTHS_MAX), month)
    return await pages.download(request, f"mkd-{name}", found, form)
