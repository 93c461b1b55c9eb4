"""How read models are answered: as JSON or CSV, with an ETag, so that a dashboard asks often and is told little."""

import csv
import hashlib
import io
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel

from shared.kit.base import generations
from shared.kit.base.csvcells import quoted
from shared.kit.base.generations import Models
from shared.kit.projections import projector
from shared.kit.web.pages import Page
from shared.kit.web.problems import documented
from shared.people import again, published
from shared.people.context import RequestContext, caller
from shared.people.lookup import Kept, Memory
from shared.people.published import Reading

Item = TypeVar("Item", bound=BaseModel)
Made = TypeVar("Made")
CSV = "text/csv"
MADE_BYTES = 2**17
"""What is worked out for several answers is taken to be so large."""
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


@dataclass(frozen=True, slots=True)
class Answer:
    """A body, and what follows it."""

    body: bytes
    media_type: str = "application/json"
    next_cursor: str | None = None


UNTOLD = Answer(b"")
"""What is not made for a reader who has it."""


def table(*columns: str) -> Callable[[Callable[[Item], Mapping[str, Any]]], Table[Item]]:
    """A function that gives an item's cells is a table with these columns."""
    return lambda cells: Table(columns, cells)


def fields(model: type[BaseModel], *but: str) -> tuple[str, ...]:
    """The columns that a model's own fields make, without some."""
    return tuple(name for name in model.model_fields if name not in but)


class Format(StrEnum):
    """Form of a list: `json`, or `csv` for spreadsheets (RFC 4180)."""

    JSON = "json"
    CSV = "csv"


async def in_format(
    format_: Annotated[
        Format | None,
        Query(alias="format", description="Form of the answer; if omitted as `Accept` says, `json` by default."),
    ] = None,
) -> None:
    """A dependency of lists that are also told as rows: whoever asks for another form is refused."""


AS_ROWS = [Depends(in_format)]
"""The dependencies of a route that answers `READ`."""


async def live_models(request: Request) -> Models:
    """The generation that is live as a request begins: all that it reads is of this one."""
    context = await caller(request)
    return generations.of(context.db, context.directory.generation)


Live = Annotated[Models, Depends(live_models)]


@dataclass(frozen=True)
class Version:
    """A month of read models as it stands, and what was worked out of it, for several answers."""

    id: str
    _kept: Kept

    async def once(self, name: str, make: Callable[[], Awaitable[Made]]) -> Made:
        """What is made by a name, as it was made first of this version."""
        return await self._kept.made(f"{name} {self.id}", make, lambda _: MADE_BYTES)


async def of_version(
    request: Request, context: RequestContext, models: Models, month: str, build: Callable[[Version], Awaitable[Answer]]
) -> Response:
    """What the personnel agency reads of a month, which is the same for all of them while nothing changes it: made once
    for each version, whose number is its ETag.

    The version is read first. What is read after it may be newer, and is then made again for the next call.
    """
    live, _ = await _versions(request, context, models, month)
    made, tag = await _of_version(request, live, "", build)
    return again.remember(request, context, live.id, _response(request, made, tag))


async def of_publication(
    request: Request,
    context: RequestContext,
    models: Models,
    month: str,
    build: Callable[[Reading | None], Awaitable[Answer]],
) -> Response:
    """What others read of a month: made once for each publication for all of them who read the same of it, as
    `context.readings` has it meanwhile. Its ETag is what is told, and moves with nothing that is not."""
    actor, (_, published_) = context.actor, await _versions(request, context, models, month)
    told = await published_.once("publications", lambda: published.publications(context.db, month))
    reading = context.readings[month] = told.reading(context.actor.reader)
    of = f"{reading.id} {reading.least}" if reading else "nothing"
    made, _ = await _of_version(
        request, published_, f"{of} {actor.terms.unit_id} {actor.terms.roles} {actor.scope}", lambda _: build(reading)
    )
    return again.remember(request, context, published_.id, response(request, made))


async def _versions(request: Request, context: RequestContext, models: Models, month: str) -> tuple[Version, Version]:
    memory: Memory = request.app.state.memory
    memory.of_versions.add(request.scope["route"].path)
    read_already = context.month and context.month.month == month
    known = context.month.versions if context.month and read_already else await projector.versions(models, month)
    live, published_ = (Version(f"{one} {context.directory.as_of}", memory.kept) for one in known)
    return live, published_


async def _of_version(
    request: Request, version: Version, whose: str, build: Callable[[Version], Awaitable[Answer]]
) -> tuple[Answer, str]:
    """An answer, and what it is known by."""
    asked = [request.scope["path"], str(request.query_params), str(wants_csv(request)), request.state.language, whose]
    tag = _tag("\n".join([*asked, version.id]).encode())
    if not whose and tag in _seen(request):
        return UNTOLD, tag
    kept: Kept = request.app.state.memory.kept
    return await kept.made(tag, lambda: build(version), lambda made: len(made.body)), tag


def response(request: Request, answer: Answer) -> Response:
    """A body with its ETag, or 304 to a reader who has it."""
    return _response(request, answer, _tag(answer.body))


def _response(request: Request, answer: Answer, tag: str) -> Response:
    headers = _headers(tag)
    if answer.next_cursor:
        following = request.url.include_query_params(cursor=answer.next_cursor)
        headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    if tag in _seen(request):
        return Response(status_code=304, headers=headers)
    return Response(answer.body, media_type=answer.media_type, headers=headers)


def page_answer(request: Request, page: Page[Item], rows: Table[Item]) -> Answer:
    """A page of a read model; its items as rows of CSV for a reader who asks for it so."""
    if wants_csv(request):
        return Answer(as_csv(rows, page.items), CSV, page.next_cursor)
    return Answer(page.model_dump_json().encode(), "application/json", page.next_cursor)


def page_response(request: Request, page: Page[Item], rows: Table[Item]) -> Response:
    """The same, with its ETag."""
    return response(request, page_answer(request, page, rows))


def one_answer(shown: BaseModel) -> Answer:
    """One thing, as JSON."""
    return Answer(shown.model_dump_json().encode())


def _tag(of: bytes) -> str:
    return hashlib.sha256(of).hexdigest()[:32]


def _headers(tag: str) -> dict[str, str]:
    return {"ETag": f'"{tag}"', "Cache-Control": "private, no-cache", "Vary": "accept, accept-language, authorization"}


def wants_csv(request: Request) -> bool:
    """True if a reader asks for rows."""
    asked = request.query_params.get("format")
    return asked == Format.CSV or (asked is None and CSV in request.headers.get("accept", ""))


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
