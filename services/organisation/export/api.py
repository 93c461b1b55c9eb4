"""The reference data as sheets, over HTTP: what is on record at one moment, in the columns in which it is loaded."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import closing
from datetime import date
from tempfile import TemporaryFile
from typing import IO, Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import StreamingResponse
from pymongo.asynchronous.client_session import AsyncClientSession

from services.organisation.entity.queries import codes_of, people_of
from services.organisation.entry.model import DECIDERS, RECORDED
from services.organisation.entry.queries import keys_of
from services.organisation.export.document import Listed, Names, Unassessed, ids_named, in_natural_order, rows
from services.organisation.row.value import ROWS, SheetKind, columns
from services.organisation.sheet.queries import in_batches
from services.organisation.template.document import template
from shared.contracts.organisation import PositionRecorded, Role
from shared.kit.base.mongo import Database
from shared.kit.decisions import texts
from shared.kit.decisions.decider import Document
from shared.kit.web.problems import documented
from shared.people.context import Reader
from shared.spreadsheets.media import CSV, XLSX
from shared.spreadsheets.writers import WRITERS, Writer

router = APIRouter(prefix="/v1", tags=["organisation"])
KindPath = Annotated[SheetKind, Path(description="Kind of the sheet.")]
PIECE_BYTES = 256 * 1024
FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The sheet",
        "content": {
            CSV: {"schema": {"type": "string"}},
            XLSX: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}

TEMPLATE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The workbook", "content": {XLSX: {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/exports/{kind}", response_class=StreamingResponse, responses={**documented(), **FILE})
async def export_sheet(request: Request, context: Reader, kind: KindPath) -> StreamingResponse:
    """Export everything on record as a sheet.

    For the organisation admin and the personnel agency, since it holds names and NIP. CSV, or XLSX if `Accept` names
    `application/vnd.openxmlformats-officedocument.spreadsheetml.sheet`; all rows of one moment, in the columns in which
    sheets are imported. Importing it again changes nothing. Those whose personal data are erased are left out, and
    named by employee id elsewhere.
    """
    context.must_have(Role.ORGANISATION_ADMIN, Role.PERSONNEL_AGENCY)
    media_type = XLSX if XLSX in request.headers.get("accept", "") else CSV
    file = await asyncio.to_thread(TemporaryFile)
    await _write(context.db, kind, WRITERS[media_type](file, columns(kind)))
    extension = "xlsx" if media_type == XLSX else "csv"
    headers = {
        "Content-Disposition": f'attachment; filename="{kind.value}-{context.today}.{extension}"',
        "Content-Length": str(file.tell()),
        "Vary": "accept, authorization",
    }
    return StreamingResponse(_pieces(file), media_type=media_type, headers=headers)


@router.get("/templates/{kind}", response_class=Response, responses={**documented(), **TEMPLATE})
async def download_template(_: Reader, kind: KindPath) -> Response:
    """Download a workbook to fill in.

    For every employee on record. XLSX with our headings, a note on each in Indonesian and English, an example row that
    is to be replaced, and lists to choose from. It can be imported as it is.
    """
    body = await asyncio.to_thread(template, kind)
    name = {"Content-Disposition": f'attachment; filename="{kind.value}.xlsx"'}
    return Response(body, media_type=XLSX, headers=name)


async def _write(db: Database, kind: SheetKind, writer: Writer) -> None:
    """The whole sheet into a file before any of it is sent, so that none is taken for whole that is not."""
    try:
        async with db.client.start_session(snapshot=True) as session:
            async for found in _chunks(db, kind, session):
                names = await names_of(db, found, session)
                cells = [row for one in found for row in rows(one, names)]
                await asyncio.to_thread(writer.write, cells)
    finally:
        await asyncio.to_thread(writer.finish)


async def _chunks(db: Database, kind: SheetKind, session: AsyncClientSession) -> AsyncIterator[list[Listed]]:
    """Everything of a kind in the order in which people count, 2 before 10; also the positions that nobody has
    assessed, which have a code and nothing else. Whoever's data were erased has nothing to be listed by."""
    for some in in_batches(await _in_order(db, kind, session)):
        found = db[DECIDERS[kind].name].find({"_id": {"$in": [one["id"] for one in some]}}, session=session)
        by_id = {one["_id"]: RECORDED[kind].model_validate(one, strict=False) async for one in found}
        unassessed = kind is SheetKind.POSITIONS
        yield [
            by_id.get(one["id"]) or Unassessed(one["id"], date.fromisoformat(one["since"]))
            for one in some
            if unassessed or one["id"] in by_id
        ]


async def _in_order(db: Database, kind: SheetKind, session: AsyncClientSession) -> list[Document]:
    if kind is SheetKind.EMPLOYEES:
        people = db.people.find({}, {"nip": 1}, session=session).sort("nip", 1)
        return [{"id": person["_id"]} async for person in people]
    found = db.codes.find(keys_of(ROWS[kind]), session=session)
    return sorted(await found.to_list(), key=lambda code: in_natural_order(code["_id"]))


async def names_of(db: Database, found: Sequence[Listed], session: AsyncClientSession | None = None) -> Names:
    """What people call what some documents name."""
    ids = list({id_ for one in found for id_ in ids_named(one)})
    assessed = [terms for one in found if isinstance(one, PositionRecorded) for terms in one.history]
    return Names(
        codes=await codes_of(db, ids, session),
        people=await people_of(db, ids, session),
        texts=await texts.read(db, [terms.reason_text_id for terms in assessed if terms.reason_text_id]),
    )


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with closing(file):
        file.seek(0)
        while piece := file.read(PIECE_BYTES):
            yield piece
