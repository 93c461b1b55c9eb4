"""Signing in and out, over HTTP. What a sign-in must come back with is kept by the browser, encrypted, for ten
minutes: strangers who only begin write nothing."""

import json
from collections.abc import Sequence
from typing import Annotated

from cryptography.fernet import Fernet, InvalidToken
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from services.portal import pages
from services.portal.access import SIGN_OUT, Sent, SignedIn, find
from services.portal.issuer import queries
from services.portal.issuer.model import Callback, Pending
from services.portal.issuer.queries import Issuer
from services.portal.issuer.rules import HOME, check_callback, within
from services.portal.session.queries import Sessions
from services.portal.settings import CALLBACK, PortalSettings

BEGUN_FOR_S = 600
BEGUN_MAX = 3
TO_MAX = 500
"""What is kept in a cookie, which browsers keep 4 kB of."""
router = APIRouter()
Text = Annotated[str, Query(max_length=4000)]


@router.get("/sign-in")
async def sign_in(request: Request, to: Text = "/") -> Response:
    """Begin a sign-in: on to the issuer."""
    if await find(request):
        return pages.to(within(to))
    issuer: Issuer = request.app.state.issuer
    pending = queries.begin(within(to))
    answer = RedirectResponse(
        await issuer.address(pending, pages.language_of(request)), 303, {"Cache-Control": pages.PRIVATE}
    )
    begun = [pending, *_begun(request)][:BEGUN_MAX]
    _keep(answer, f"{_settings(request).cookie}-sign-in", _sealed(request, begun), BEGUN_FOR_S)
    return answer


@router.get(CALLBACK)
async def signed_in(request: Request, code: Text = "", state: Text = "", iss: Text = "", error: Text = "") -> Response:
    """End a sign-in: the browser comes back from the issuer, and gets a session that nobody knew before."""
    settings, issuer = _settings(request), request.app.state.issuer
    sessions: Sessions = request.app.state.sessions
    said = Callback(code, state, iss, error)
    begun = next((one for one in _begun(request) if one.state == state), None)
    if begun is None and await find(request):
        # Another tab was faster, or somebody came here by the back button.
        return pages.to(HOME)
    pending = check_callback(begun, said, settings.issuer)
    who, tokens = await issuer.finish(pending, code)
    if before := await find(request):
        await sessions.end(before)
        request.app.state.live.end(before.key)
    answer = pages.to(pending.to)
    _keep(answer, settings.cookie, await sessions.begin(who, tokens))
    _forget(answer, f"{settings.cookie}-sign-in")
    return answer


@router.post(SIGN_OUT)
async def sign_out(request: Request, session: SignedIn, _: Sent) -> Response:
    """End the session, here and at the issuer."""
    settings = _settings(request)
    sessions: Sessions = request.app.state.sessions
    issuer: Issuer = request.app.state.issuer
    await sessions.end(session)
    request.app.state.live.end(session.key)
    answer = pages.to(await issuer.end(session.tokens, f"{settings.public_url}/") or "/")
    _forget(answer, settings.cookie)
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


def _settings(request: Request) -> PortalSettings:
    settings: PortalSettings = request.app.state.settings
    return settings


def _sealed(request: Request, begun: Sequence[Pending]) -> str:
    seal: Fernet = request.app.state.seal
    said = [[one.state, one.nonce, one.verifier, one.to[:TO_MAX]] for one in begun]
    return seal.encrypt(json.dumps(said).encode()).decode()


def _begun(request: Request) -> list[Pending]:
    """The sign-ins that have begun in this browser, in as many tabs, the last one first."""
    seal: Fernet = request.app.state.seal
    try:
        said = seal.decrypt(request.cookies.get(f"{_settings(request).cookie}-sign-in", ""), BEGUN_FOR_S)
    except InvalidToken:
        return []
    return [Pending(*one) for one in json.loads(said)]


def _keep(answer: Response, name: str, value: str, seconds: int | None = None) -> None:
    """`Lax`, as a browser that comes back from the issuer comes from another site."""
    answer.set_cookie(name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax")


def _forget(answer: Response, name: str) -> None:
    answer.delete_cookie(name, path="/", secure=True, httponly=True, samesite="lax")
