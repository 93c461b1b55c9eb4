"""The page of a runbook."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from services.portal import pages
from services.portal.access import AskedBy
from services.portal.operation.api import TABS
from services.portal.person.queries import operator_links
from services.portal.runbook.queries import read
from shared.kit.web.problems import Refusal

router = APIRouter()
Name = Annotated[str, Path(pattern="^Mkd[A-Za-z]{1,60}$")]


@router.get("/operation/runbooks/{name}")
async def runbook(request: Request, who: AskedBy, name: Name) -> Response:
    """What to do about something that needs a human."""
    links = await operator_links(request.app.state.reach, who)
    if (found := read(name)) is None:
        raise Refusal(404, "no-such-page")
    return pages.page(request, "runbook.html", links=links, tabs=TABS, runbook=found)
