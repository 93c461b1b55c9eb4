"""The first page, the language, and the files that pages name."""

from typing import Literal
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from services.portal import pages
from services.portal.access import check_origin, find
from services.portal.issuer.rules import HOME, within
from services.portal.served import Files
from services.portal.settings import PortalSettings
from shared.kit.web.problems import Refusal

FOREVER = "public, max-age=31536000, immutable"
A_YEAR_S = 31_536_000
router = APIRouter()


@router.get("/")
async def first_page(request: Request) -> Response:
    """A word on what this is, and the way in; for who is signed in, their own first page."""
    if await find(request):
        return pages.to(HOME)
    return pages.page(request, "home.html", is_open=request.app.state.settings.open_figures)


@router.post("/language/{language}")
async def choose_language(request: Request, language: Literal["id", "en"]) -> Response:
    """Keep a language in the browser, and go on where one was."""
    check_origin(request)
    settings: PortalSettings = request.app.state.settings
    before = urlsplit(request.headers.get("referer", ""))
    own = f"{before.scheme}://{before.netloc}" == settings.public_url
    answer = pages.to(within(before.path + (f"?{before.query}" if before.query else "")) if own else "/")
    name = pages.language_cookie(settings)
    answer.set_cookie(name, language, max_age=A_YEAR_S, path="/", secure=True, httponly=True, samesite="lax")
    return answer


@router.get("/static/{digest}/{name}")
async def static_file(request: Request, digest: str, name: str) -> Response:
    """A file that may be kept for ever, as its address has its hash."""
    its: Files = request.app.state.files
    found = its.at.get(f"/static/{digest}/{name}")
    if found is None:
        raise Refusal(404, "no-such-page")
    headers = {"Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(found.compressed, media_type=found.media_type, headers=headers | {"Content-Encoding": "gzip"})
    return Response(found.body, media_type=found.media_type, headers=headers)


@router.get("/robots.txt")
async def robots() -> Response:
    """Nothing here is for search engines."""
    return PlainTextResponse("User-agent: *\nDisallow: /\n")
