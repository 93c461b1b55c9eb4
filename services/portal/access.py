"""Who may come in, by their session; and which forms are theirs to send."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl, quote

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from pymongo.errors import PyMongoError
from starlette.exceptions import HTTPException

from services.portal import pages
from services.portal.following import OVER, PATH
from services.portal.issuer.model import SignInRefused
from services.portal.issuer.queries import Issuer
from services.portal.issuer.rules import HOME
from services.portal.pages import OPERATION
from services.portal.reach import Asker, Away, Broken
from services.portal.session.model import Session, is_masked
from services.portal.session.queries import Sessions
from services.portal.settings import PortalSettings
from shared.kit.base.catalogue import Catalogue
from shared.kit.web import multipart, problems
from shared.kit.web.auth import Identity, Unauthenticated
from shared.kit.web.gate import Doors
from shared.kit.web.keys import IssuerUnreachable
from shared.kit.web.middleware import STREAM
from shared.kit.web.problems import Refusal

SAFE = ("GET", "HEAD")
FIELDS_MAX = 2000
KEY = r"[A-Za-z0-9_-]{1,100}"
SERVER_ERROR = 500
SIGN_OUT = "/sign-out"


@dataclass(frozen=True)
class Form:
    """What a form has sent, in its order."""

    pairs: tuple[tuple[str, str], ...]

    def one(self, name: str) -> str:
        """A field's value; nothing where it was not sent."""
        return next((value for key, value in self.pairs if key == name), "").replace("\r\n", "\n").strip()

    @property
    def key(self) -> str:
        """The key that it was given when it was shown; a new one where that is none of ours."""
        given = self.one("key")
        return given if re.fullmatch(KEY, given) else pages.new_key()

    def many(self, name: str) -> tuple[str, ...]:
        return tuple(value for key, value in self.pairs if key == name)


async def identify(request: Request) -> Identity:
    """Whose session a call belongs to. Raises `Unauthenticated`, or `IssuerUnreachable`."""
    session = await find(request, seen=not _by_itself(request))
    if session is None:
        raise Unauthenticated("signed-out")
    return Identity(session.iss, session.sub)


def _by_itself(request: Request) -> bool:
    """Whether a page asks that somebody has left open: that keeps no session alive, and leads nobody anywhere."""
    return request.scope["path"] == PATH or "mkd-live" in request.headers


async def find(request: Request, *, seen: bool = True) -> Session | None:
    """The session of a call, with a token that lasts; none where nobody is signed in. Where somebody was `seen`, it
    lasts on. Raises `IssuerUnreachable`."""
    settings: PortalSettings = request.app.state.settings
    sessions: Sessions = request.app.state.sessions
    issuer: Issuer = request.app.state.issuer
    cookie = request.cookies.get(settings.cookie)
    session = await sessions.find(cookie, seen=seen) if cookie else None
    request.state.session = await _renewed(sessions, issuer, session) if session else None
    return pages.session_of(request)


async def _renewed(sessions: Sessions, issuer: Issuer, session: Session) -> Session | None:
    try:
        return await sessions.renewed(session, issuer.renew)
    except SignInRefused:
        await sessions.end(session)
        return None


async def _signed_in(request: Request) -> Session:
    session = pages.session_of(request)
    if session is None:
        raise Unauthenticated("signed-out")
    return session


async def _asker(request: Request, session: Annotated[Session, Depends(_signed_in)]) -> Asker:
    return Asker(
        session.tokens.access,
        pages.language_of(request),
        request.state.trace,
        operates=pages.operates(request),
        points=pages.points_of(request),
    )


@dataclass(frozen=True)
class FileForm(Form):
    """What a form with a file has sent. Where no file was chosen, it is empty and has no name."""

    filename: str = ""
    file: bytes = b""


async def _file_form(request: Request, session: Annotated[Session, Depends(_signed_in)]) -> FileForm:
    """The same for a form with one file. Raises `Refusal`."""
    check_origin(request)
    try:
        sent = multipart.parts(request.headers.get("content-type", ""), await request.body())
        pairs = tuple((one.name, one.body.decode()) for one in sent if one.filename is None)
    except ValueError as unreadable:
        raise Refusal(400, "request-unreadable") from unreadable
    files = [one for one in sent if one.filename]
    form = FileForm(pairs, files[0].filename or "" if files else "", files[0].body if files else b"")
    if not is_masked(form.one("csrf"), session.csrf):
        raise Refusal(403, "form-of-another-session")
    return form


async def _form(request: Request, session: Annotated[Session, Depends(_signed_in)]) -> Form:
    """What one of our own pages has sent for this session. Raises `Refusal`."""
    check_origin(request)
    try:
        text = (await request.body()).decode()
        form = Form(tuple(parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS_MAX)))
    except ValueError as unreadable:
        raise Refusal(400, "request-unreadable") from unreadable
    if not is_masked(form.one("csrf"), session.csrf):
        raise Refusal(403, "form-of-another-session")
    return form


def check_origin(request: Request) -> None:
    """Raises `Refusal` for a change that a page of somebody else has made a browser ask for."""
    settings: PortalSettings = request.app.state.settings
    site = request.headers.get("sec-fetch-site", "same-origin")
    if request.headers.get("origin") != settings.public_url or site != "same-origin":
        raise Refusal(403, "form-of-another-site")


SignedIn = Annotated[Session, Depends(_signed_in)]
AskedBy = Annotated[Asker, Depends(_asker)]
Sent = Annotated[Form, Depends(_form)]
SentFile = Annotated[FileForm, Depends(_file_form)]


def refuse(request: Request, why: Exception) -> Response:
    """What is said to a call that is refused: on to the sign-in for who is signed out, and else a page that says why
    and what can be done."""
    match why:
        case Unauthenticated():
            return _sign_in(request)
        case Refusal():
            return _said(request, why.status, [violation.rule for violation in why.violations], why.headers)
        case Broken(status=401):
            return _sign_in(request)
        case Broken():
            return _broken(request, why)
    return _said(request, 503, ["busy"], {"Retry-After": str(problems.BUSY_S)})


def _broken(request: Request, why: Broken) -> Response:
    """What a service says. Somebody who operates the instance and is on no record has pages of their own."""
    nobody = pages.operates(request) and any(one.rule == "unknown-person" for one in why.said.errors)
    if nobody and request.scope["path"] == HOME:
        return pages.to(OPERATION.address)
    links = (OPERATION,) if nobody else ()
    return pages.page(request, "error.html", why.status, links=links, rule=f"status-{why.status}", said=why.said)


def _sign_in(request: Request) -> Response:
    path_of_call = request.scope["path"]
    path = path_of_call if request.method in SAFE else "/"
    query = f"?{request.url.query}" if request.url.query and request.method in SAFE else ""
    where = f"/sign-in?to={quote(path + query, safe='')}"
    if path == PATH:
        return Response(OVER, media_type=STREAM, headers={"Cache-Control": pages.PRIVATE})
    if _by_itself(request):
        return Response(status_code=401, headers={"Cache-Control": pages.PRIVATE})
    # To lead somebody away from a form that is being typed would lose it.
    if request.headers.get("hx-request") and request.method in SAFE:
        return Response(status_code=401, headers={"HX-Redirect": where, "Cache-Control": pages.PRIVATE})
    if request.method in SAFE:
        return RedirectResponse(where, 303, {"Cache-Control": pages.PRIVATE})
    if path_of_call == SIGN_OUT:
        return pages.to("/")
    return _said(request, 401, ["signed-out", "signed-out-typed"], {})


def _said(request: Request, status: int, rules: list[str], headers: dict[str, str]) -> Response:
    messages: Catalogue = request.app.state.messages
    known = [rule for rule in rules if rule in messages]
    facts = {"wait_s": headers.get("Retry-After", ""), "trace": request.state.trace, "value": ""}
    sentences = [messages.text(pages.language_of(request), rule, facts) for rule in known]
    answer = pages.page(request, "error.html", status, rule=f"status-{status}", said=None, sentences=sentences)
    for name, value in headers.items():
        answer.headers[name] = value
    return answer


def install(app: FastAPI) -> None:
    """Answer every failure with a page."""
    refused: tuple[type[Exception], ...] = (
        Refusal,
        Unauthenticated,
        IssuerUnreachable,
        PyMongoError,
        Broken,
        Away,
        SignInRefused,
    )
    for kind in refused:
        app.add_exception_handler(kind, _answer_by(_refused))
    app.add_exception_handler(RequestValidationError, _answer_by(_invalid))
    app.add_exception_handler(HTTPException, _answer_by(_http))
    app.add_exception_handler(Exception, _answer_by(_failed))


def _answer_by(how: Callable[[Request, Exception], Response]) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def answer(request: Request, why: Exception) -> Response:
        return how(request, why)

    return answer


def _refused(request: Request, why: Exception) -> Response:
    if isinstance(why, SignInRefused):
        return _said(request, 403, [why.rule], {})
    return refuse(request, why)


def _invalid(request: Request, _: Exception) -> Response:
    return _said(request, 404, ["no-such-page"], {})


def _http(request: Request, why: Exception) -> Response:
    status = why.status_code if isinstance(why, HTTPException) else SERVER_ERROR
    rules = {404: "no-such-page", 405: "no-such-page"}
    return _said(request, status if status in rules else 400, [rules.get(status, "request-unreadable")], {})


def _failed(request: Request, failed: Exception) -> Response:
    problems.log.error("request-failed", trace=request.state.trace, exc_info=failed)
    return _said(request, 500, ["failed"], {})


DOORS = Doors(
    open=frozenset({"/", "/sign-in", "/signed-in", "/robots.txt"}),
    open_below=("/language/", "/open"),
    uncounted=("/static/",),
    identify=identify,
    refuse=refuse,
)
