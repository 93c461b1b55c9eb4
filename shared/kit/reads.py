"""How read models are answered: as JSON or CSV, with an ETag, so that a dashboard asks often and is told little."""

import csv
import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request, Response
from pydantic import BaseModel

from shared.kit import generations
from shared.kit.calls import Caller
from shared.kit.generations import Models
from shared.kit.pages import Page
from shared.kit.problems import documented

Item = TypeVar("Item", bound=BaseModel)
CSV = "text/csv"
DOCUMENTED: dict[int | str, dict[str, Any]] = {
    200: {"content": {CSV: {"schema": {"type": "string"}}}},
    304: {"description": "What you have is still so (If-None-Match)"},
}
READ = {**documented(404), **DOCUMENTED}


async def live_models(call: Caller) -> Models:
    """The generation that is live as a request begins: all that it reads is of this one."""
    return generations.of(call.db, await generations.live(call.db))


Live = Annotated[Models, Depends(live_models)]


def answer_page(request: Request, page: Page[Item], row: Callable[[Item], Mapping[str, Any]]) -> Response:
    """A page of a read model. `row` is an item as a row of CSV, which a reader asks for with `Accept: text/csv`."""
    if CSV in request.headers.get("accept", ""):
        return answer(request, _csv([row(item) for item in page.items]), CSV, page.next_cursor)
    return answer(request, page.model_dump_json().encode(), "application/json", page.next_cursor)


def answer(request: Request, body: bytes, media_type: str, next_cursor: str | None = None) -> Response:
    """A body with its ETag, or 304 to a reader who has it."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if next_cursor:
        following = request.url.include_query_params(cursor=next_cursor)
        headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def _csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """RFC 4180. A cell that a spreadsheet would run as a formula is quoted as text."""
    out = io.StringIO()
    if rows:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows({name: _safe(cell) for name, cell in row.items()} for row in rows)
    return out.getvalue().encode()


def _safe(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+@\t\r" else cell
