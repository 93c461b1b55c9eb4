"""The stream by which an open page hears that something on it has changed."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response

from services.portal.access import SignedIn, find
from services.portal.following import OVER, PATH, known_ids
from services.portal.live.queries import Pages
from shared.kit.web.eventstream import EventStream

LENGTH_S = 900.0
router = APIRouter()


@router.get(PATH)
async def changes(
    request: Request,
    session: SignedIn,
    on: Annotated[list[Annotated[str, Query(max_length=2000)]], Query(min_length=1, max_length=5)],
    last_event_id: Annotated[str, Header(max_length=500)] = "",
) -> Response:
    """Events without content, for as long as the session lasts."""
    its: Pages = request.app.state.live
    page = its.open(session, lambda: _token(request), on, known_ids(last_event_id))
    return EventStream(page.box, lambda: its.leave(page), LENGTH_S, last=OVER)


async def _token(request: Request) -> str | None:
    """The person's token, renewed where it has run out; none when the session is over. Raises `IssuerUnreachable`."""
    session = await find(request, seen=False)
    return session.tokens.access if session else None
