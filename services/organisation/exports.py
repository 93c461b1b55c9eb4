"""The reference data as sheets, over HTTP: what is on record at one moment, in the columns in which it is loaded."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import closing
from tempfile import TemporaryFile
from typing import IO, Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from pymongo.asynchronous.client_session import AsyncClientSession

from services.organisation.entries import DECIDERS
from services.organisation.listing import Names, ids_named, listed
from services.organisation.rows import SheetKind, columns
from services.organisation.tables import CSV, XLSX
from services.organisation.writers import WRITERS, Writer
from shared.contracts.organisation import Role
from shared.kit import texts
from shared.kit.calls import Caller
from shared.kit.decider import Document
from shared.kit.mongo import Database
from shared.kit.problems import documented

router = APIRouter()
CHUNK = 1_000
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


@router.get("/exports/{kind}", response_class=StreamingResponse, responses={**documented(), **FILE})
async def export_sheet(request: Request, call: Caller, kind: SheetKind) -> StreamingResponse:
    """A sheet of everything on record, as CSV, or as XLSX where `Accept` names it. Loading it again changes nothing.

    It holds names and NIP, and is for the personnel agency and the organisation admin. Whoever's data were erased is
    left out, and stands by their employee id where others name them."""
    call.must_have(Role.ORGANISATION_ADMIN, Role.PERSONNEL_AGENCY)
    media_type = XLSX if XLSX in request.headers.get("accept", "") else CSV
    file = await asyncio.to_thread(TemporaryFile)
    await _write(call.db, kind, WRITERS[media_type](file, columns(kind)))
    extension = "xlsx" if media_type == XLSX else "csv"
    headers = {
        "Content-Disposition": f'attachment; filename="{kind.value}-{call.today}.{extension}"',
        "Content-Length": str(file.tell()),
        "Vary": "accept, authorization",
    }
    return StreamingResponse(_pieces(file), media_type=media_type, headers=headers)


async def _write(db: Database, kind: SheetKind, writer: Writer) -> None:
    """The whole sheet into a file before any of it is sent, so that none is taken for whole that is not."""
    try:
        async with db.client.start_session(snapshot=True) as session:
            async for found in _chunks(db, kind, session):
                names = await _names(db, found, session)
                rows = [row for one in found for row in listed(kind, one, names)]
                await asyncio.to_thread(writer.write, rows)
    finally:
        await asyncio.to_thread(writer.finish)


async def _chunks(db: Database, kind: SheetKind, session: AsyncClientSession) -> AsyncIterator[list[Document]]:
    """Everything of a kind by id; also the positions that nobody has assessed, which have a code and nothing else."""
    collection = db[DECIDERS[kind].name]
    chunk: list[Document] = []
    async for found in collection.find({}, session=session).sort("_id", 1).batch_size(CHUNK):
        chunk.append(found)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    yield chunk
    if kind is SheetKind.POSITIONS:
        assessed = {one["_id"] async for one in collection.find({}, {"_id": 1}, session=session)}
        known = db.codes.find({"id": {"$gt": "pos-", "$lt": "pos."}}, session=session).sort("id", 1)
        yield [
            {"_id": one["id"], "history": [], "since": one["since"]} async for one in known if one["id"] not in assessed
        ]


async def _names(db: Database, found: Sequence[Document], session: AsyncClientSession) -> Names:
    ids = list({id_ for one in found for id_ in ids_named(one)})
    codes = db.codes.find({"id": {"$in": ids}}, session=session)
    people = db.people.find({"_id": {"$in": ids}}, session=session)
    reasons = [terms["reason_text_id"] for one in found for terms in one["history"] if terms.get("reason_text_id")]
    return Names(
        codes={code["id"]: code["_id"].split(":", 1)[1] async for code in codes},
        people={person["_id"]: person async for person in people},
        texts=await texts.read(db, reasons),
    )


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with closing(file):
        file.seek(0)
        while piece := file.read(PIECE_BYTES):
            yield piece
