"""Figures over months, and downloads of them."""

import asyncio
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from services.portal import pages
from services.portal.access import AskedBy
from services.portal.dashboard.value import CATEGORIES, source
from services.portal.following import IDS_MAX, Live
from services.portal.person.model import AGENCY
from services.portal.person.queries import links, person
from services.portal.reach import Reach
from services.portal.series import queries, value
from services.portal.today.value import after, before, month_of
from shared.kit.web.fields import MONTH_OR_NONE

router = APIRouter()
Category = Annotated[str, Query(pattern="^[a-z0-9_]{1,40}$")]
Unit = Annotated[str, Query(pattern="^[A-Za-z0-9_-]{0,60}$")]


@dataclass(frozen=True)
class Asked:
    """What is asked for: months from and to, one category, one unit or all."""

    first: str
    last: str
    category: str
    unit: str

    @property
    def params(self) -> dict[str, str]:
        """The same, as savings has it."""
        unit = {"unit_id": self.unit} if self.unit else {}
        return {"from": self.first, "to": self.last, "category": self.category, **unit}

    @property
    def query(self) -> str:
        unit = {"unit": self.unit} if self.unit else {}
        return urlencode({"from": self.first, "to": self.last, "category": self.category, **unit})


async def asked_for(
    request: Request,
    first: Annotated[str, Query(alias="from", pattern=MONTH_OR_NONE)] = "",
    last: Annotated[str, Query(alias="to", pattern=MONTH_OR_NONE)] = "",
    category: Category = "fuel",
    unit: Unit = "",
) -> Asked:
    """What an address asks for; the last months where it names none."""
    to = last or before(month_of(pages.today_of(request)))
    begin = first or value.first_of(to)
    last = max(begin, to)
    return Asked(max(min(begin, to), value.first_of(last, value.MONTHS_MAX)), last, category, unit)


Wanted = Annotated[Asked, Depends(asked_for)]


@router.get("/series")
async def series(request: Request, who: AskedBy, asked: Wanted) -> Response:
    """Month by month, as a table with bars. It names no people."""
    reach: Reach = request.app.state.reach
    me, read = await asyncio.gather(person(reach, who), queries.series(reach, who, asked.params))
    return pages.page(
        request,
        "series.html",
        links=links(me),
        live=(Live("savings", ("month" if AGENCY in me.roles else "publication",), ids=_months(asked)),),
        versions=[read.version, me.employee_id, str(links(me))] if read.version else None,
        asked=asked,
        categories=list(dict.fromkeys((*CATEGORIES, asked.category))),
        tables=value.tables(read.value),
        silent=value.silent(read.value),
        source=source(value.tags(read.value)),
        unit_id=me.unit_id,
    )


def _months(asked: Asked) -> tuple[str, ...]:
    """The months that are shown, where they are few enough to be named."""
    found = [asked.first]
    while found[-1] < asked.last and len(found) <= IDS_MAX:
        found.append(after(found[-1]))
    return tuple(found)


@router.get("/series.{form}")
async def series_rows(request: Request, who: AskedBy, asked: Wanted, form: pages.Form) -> Response:
    """The same as rows."""
    reach: Reach = request.app.state.reach
    rows = await reach.rows(who, "savings", "/v1/series", **asked.params)
    return await pages.download(request, f"{asked.category}-{asked.first}-{asked.last}", rows, form)
