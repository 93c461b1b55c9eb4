"""The documentation of an API as a page that loads nothing from elsewhere and runs nothing that stands in the page."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from shared.kit.base.markup import Markup, tag

router = APIRouter(include_in_schema=False)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
ASSETS = "static-offline-docs"
START = """SwaggerUIBundle({
  url: "openapi.json", dom_id: "#swagger-ui", deepLinking: true, layout: "BaseLayout",
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset],
});
"""


@router.get("/docs")
async def page(request: Request) -> HTMLResponse:
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="stylesheet" href="{ASSETS}/swagger-ui.css"><link rel="icon" href="{ASSETS}/favicon.png">'
    )
    body = tag("div", id="swagger-ui")
    scripts = f'<script src="{ASSETS}/swagger-ui-bundle.js"></script><script src="docs/start.js"></script>'
    whole = Markup(f"<head>{head}{tag('title', request.app.title)}</head><body>{body}{scripts}</body>")
    return HTMLResponse(f'<!doctype html><html lang="id">{whole}</html>', headers={"Content-Security-Policy": POLICY})


@router.get("/docs/start.js")
async def start() -> Response:
    return Response(START, media_type="text/javascript")
