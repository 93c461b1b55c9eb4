"""The pages on which reference data are loaded: template, upload, report and preview, confirmation, progress."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from services.portal import pages
from services.portal.access import AskedBy, Sent, SentFile
from services.portal.person.queries import agency, links, person
from services.portal.reach import JUDGED, Asker, Away, Broken, Lacking, Reach, Upload
from services.portal.record.queries import names
from services.portal.sheet import queries
from services.portal.sheet.commands import mapped
from services.portal.sheet.model import DROPPABLE, FILES, KINDS, WAITING
from services.portal.sheet.value import headings, in_rows, media_type, percent
from shared.spreadsheets.media import XLSX

PATH = "/imports"
REFUSED = (*JUDGED, 413, 415)
NOT_DONE = (403, 409)
router = APIRouter()
After = Annotated[str, Query(pattern="^[A-Za-z0-9_-]{0,400}$")]
OfKind = Annotated[str, Query(alias="kind", max_length=20)]
KindPath = Annotated[Literal["units", "buildings", "positions", "employees", "acting", "absences"], Path()]


@router.get(PATH)
async def sheets(request: Request, who: AskedBy, kind: OfKind = "", cursor: After = "") -> Response:
    """A form to send a sheet, templates and exports, and the sheets of the last days."""
    return await _list(request, who, kind, cursor=cursor)


@router.post(PATH)
async def send(request: Request, who: AskedBy, sent: SentFile) -> Response:
    """Have a sheet read and held against what is on record. Nothing changes yet."""
    reach: Reach = request.app.state.reach
    words, kind, key = pages.Words(request), sent.one("kind"), sent.key
    wrong = [] if kind in KINDS else [words.text("choose-a-kind")]
    wrong += [] if sent.filename and sent.file else [words.text("choose-a-file")]
    if wrong:
        return await _list(request, who, kind, wrong, status=422)
    file = Upload(sent.file, media_type(sent.filename, sent.file))
    ignores = bool(sent.one("ignore"))
    try:
        done = await queries.send(reach, who, kind, file, mapped(sent), key, ignore_unknown=ignores)
    except Broken as refused:
        if refused.status not in REFUSED:
            raise
        return await _list(request, who, kind, refused.said.sentences, status=422)
    except Away:
        return await _list(request, who, kind, [words.text("sheet-away")], key=key, status=503)
    return pages.to(f"{PATH}/{done.import_id}")


@router.get("/imports/templates/{kind}.xlsx")
async def template(request: Request, who: AskedBy, kind: KindPath) -> Response:
    """A workbook to fill in."""
    reach: Reach = request.app.state.reach
    body = await reach.file(who, "organisation", f"/v1/templates/{kind}", XLSX)
    return pages.file(request, f"{kind}.xlsx", body, XLSX)


@router.get("/imports/exports/{kind}.{form}")
async def export(request: Request, who: AskedBy, kind: KindPath, form: Literal["csv", "xlsx"]) -> Response:
    """All that is on record of a kind, as it would be loaded."""
    reach: Reach = request.app.state.reach
    body = await reach.file(who, "organisation", f"/v1/exports/{kind}", FILES[form])
    return pages.file(request, f"{kind}-{pages.today_of(request)}.{form}", body, FILES[form])


@router.get("/imports/{import_id}")
async def show(request: Request, who: AskedBy, import_id: pages.Id, cursor: After = "") -> Response:
    """What a sheet will do and what is wrong with it; or how far it is."""
    return await _sheet(request, who, import_id, cursor=cursor)


@router.post("/imports/{import_id}/confirm")
async def confirm(request: Request, who: AskedBy, import_id: pages.Id, sent: Sent) -> Response:
    """Put a sheet on record, or begin to."""
    return await _decided(request, who, import_id, "confirm", sent.key)


@router.post("/imports/{import_id}/drop")
async def drop(request: Request, who: AskedBy, import_id: pages.Id, sent: Sent) -> Response:
    """Forget a sheet, or stop taking it over."""
    return await _decided(request, who, import_id, "drop", sent.key)


async def _decided(request: Request, who: Asker, import_id: str, verb: str, key: str) -> Response:
    try:
        await queries.decide(request.app.state.reach, who, import_id, verb, key)
    except Broken as refused:
        if refused.status not in NOT_DONE:
            raise
        return await _sheet(request, who, import_id, refused.said.sentences, status=422)
    return pages.to(f"{PATH}/{import_id}")


async def _list(
    request: Request,
    who: Asker,
    kind: str,
    wrong: Sequence[str] = (),
    *,
    cursor: str = "",
    key: str = "",
    status: int = 200,
) -> Response:
    reach: Reach = request.app.state.reach
    me, found = await asyncio.gather(person(reach, who), queries.imports(reach, who, cursor))
    return pages.page(
        request,
        "imports.html",
        status,
        links=links(me),
        tabs=agency(me),
        kinds=KINDS,
        kind=kind,
        found=found,
        wrong=wrong,
        key=key or pages.new_key(),
    )


async def _sheet(
    request: Request, who: Asker, import_id: str, wrong: Sequence[str] = (), *, cursor: str = "", status: int = 200
) -> Response:
    reach: Reach = request.app.state.reach
    me, known = await asyncio.gather(person(reach, who), queries.sheet(reach, who, import_id))
    waits = known.status in WAITING
    rows = await queries.rows(reach, who, import_id, cursor) if waits else None
    sender = await names(reach, who, pages.today_of(request), people=[known.sent_by])
    return pages.page(
        request,
        "import.html",
        status,
        links=links(me),
        tabs=agency(me),
        me=me,
        sheet=known,
        headings=headings(known),
        problems=in_rows(known),
        percent=percent(known),
        rows=rows.items if rows and not isinstance(rows, Lacking) else [],
        following=rows.next_cursor if rows and not isinstance(rows, Lacking) else None,
        lacking=rows if isinstance(rows, Lacking) else None,
        sender=sender,
        waits=waits,
        may_drop=known.status in DROPPABLE,
        wrong=wrong,
        keys=(pages.new_key(), pages.new_key(), pages.new_key()),
    )
