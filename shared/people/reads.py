"""How read models are answered: as JSON or CSV, with an ETag, so that a dashboard asks often and is told little."""

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Request, Response
from pydantic import BaseModel

from shared.kit.base import generations
from shared.kit.base.csvcells import quoted
from shared.kit.base.generations import Models
from shared.kit.web.pages import Page
from shared.kit.web.problems import documented
from shared.people.context import Reader

Item = TypeVar("Item", bound=BaseModel)
CSV = "text/csv"
UNCHANGED: dict[int | str, dict[str, Any]] = {
    304: {"description": "Unchanged since the version that `If-None-Match` names; no body."}
}
READ_ONE = {**documented(404), **UNCHANGED}
"""The answers of what is read by itself, as JSON."""

READ = {**READ_ONE, 200: {"content": {CSV: {"schema": {"type": "string"}}}}}
"""The answers of a list, as JSON or as CSV."""


@dataclass(frozen=True)
class Table(Generic[Item]):
    """How items become rows of CSV: the columns, which stand in the heading also where there is no row, and the cells
    of one item, by column."""

    columns: tuple[str, ...]
    cells: Callable[[Item], Mapping[str, Any]]


def table(*columns: str) -> Callable[[Callable[[Item], Mapping[str, Any]]], Table[Item]]:
    """A function that gives an item's cells is a table with these columns."""
    return lambda cells: Table(columns, cells)


def fields(model: type[BaseModel], *but: str) -> tuple[str, ...]:
    """The columns that a model's own fields make, without some."""
    return tuple(name for name in model.model_fields if name not in but)


async def live_models(context: Reader) -> Models:
    """The generation that is live as a request begins: all that it reads is of this one."""
    return generations.of(context.db, await generations.live(context.db))


Live = Annotated[Models, Depends(live_models)]


def page_response(request: Request, page: Page[Item], rows: Table[Item]) -> Response:
    """A page of a read model; its items as rows of CSV for a reader who asks for it with `Accept: text/csv`."""
    if CSV in request.headers.get("accept", ""):
        return response(request, as_csv(rows, page.items), CSV, page.next_cursor)
    return response(request, page.model_dump_json().encode(), "application/json", page.next_cursor)


def response(request: Request, body: bytes, media_type: str, next_cursor: str | None = None) -> Response:
    """A body with its ETag, or 304 to a reader who has it."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "accept, authorization"}
    if next_cursor:
        following = request.url.include_query_params(cursor=next_cursor)
        headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    if etag.strip('"') in _seen(request):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def _seen(request: Request) -> set[str]:
    """The tags that a reader has. One that compresses may have weakened them, or have added how."""
    return set(re.findall(r'"([0-9a-f]{32})(?:-[a-z]+)?"', request.headers.get("if-none-match", "")))


def as_csv(rows: Table[Item], items: Iterable[Item]) -> bytes:
    """RFC 4180. A text that a spreadsheet would run as a formula is marked as text; numbers stay numbers."""
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=rows.columns)
    writer.writeheader()
    for item in items:
        cells = rows.cells(item)
        writer.writerow({name: quoted(cell) if isinstance(cell, str) else cell for name, cell in cells.items()})
    return out.getvalue().encode()
