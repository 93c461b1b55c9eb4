"""Sheets over HTTP: sent, looked at, confirmed."""

import codecs
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import StringConstraints
from pymongo.errors import DuplicateKeyError

from services.organisation.entry.queries import Lookup, Sheet
from services.organisation.import_ import jobs as takeover
from services.organisation.import_ import queries as staging
from services.organisation.import_.model import Status
from services.organisation.import_.schemas import Import, ImportListed, listed, response_of
from services.organisation.row.value import ROWS, SheetKind
from services.organisation.sheet.rules import Headings
from services.organisation.sheet.schemas import about_sheets
from services.organisation.sheet.value import read_sheet
from shared.contracts.organisation import Role
from shared.kit.base.ids import new_id
from shared.kit.decisions.decider import Document
from shared.kit.decisions.log import CommandMetadata
from shared.kit.web.fields import Cursor, PageSize
from shared.kit.web.pages import Page, find_page
from shared.kit.web.problems import LOCATED, Refusal, documented
from shared.people.context import Reader, RequestContext, Writer, having
from shared.spreadsheets.media import CSV, XLSX
from shared.spreadsheets.tables import Likeness, Table, csv_table, xlsx_table

router = APIRouter(prefix="/v1", tags=["organisation"])
TABLES: dict[str, Callable[[bytes, Likeness], Table]] = {CSV: csv_table, XLSX: xlsx_table}
TEXT_PIECE_BYTES = 1024 * 1024
BODY = {
    "required": True,
    "content": {
        CSV: {"schema": {"type": "string"}},
        XLSX: {"schema": {"type": "string", "format": "binary"}},
    },
}
ABOUT = """Import a sheet, to be confirmed.

For the organisation admin and the personnel agency. The sheet is read, compared with what is on record, and kept for
7 days; nothing changes until it is confirmed. Problems in cells are answered as 201 with `status` `invalid` and a list
of problems. Repeated with its `Idempotency-Key`, the same sheet is answered again.

Refused with 415 `media-type`; and with 422 `not-utf-8`, `column-not-ours` or `column-called-twice`.

The guide for those who fill in sheets:"""
ImportPath = Annotated[str, Path(description="Id of the import.")]
Called = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}:.{1,200}$")]


@router.post(
    "/imports",
    status_code=201,
    responses=documented(413, 415) | LOCATED,
    openapi_extra={"requestBody": BODY},
    dependencies=[having(Role.ORGANISATION_ADMIN, Role.PERSONNEL_AGENCY)],
    description=f"{ABOUT}\n\n{about_sheets()}",
)
async def send_sheet(
    request: Request,
    response: Response,
    context: Writer,
    kind: Annotated[SheetKind, Query(description="Kind of the sheet.")],
    columns: Annotated[
        list[Called] | None,
        Query(
            max_length=40,
            description="Heading of a column that the sheet names differently, as `column:heading`; repeated for each "
            "column, such as `columns=nip:NIP&columns=name:Nama Pegawai`.",
        ),
    ] = None,
    ignore_unknown: Annotated[
        bool, Query(description="Skip columns that sheets of this kind do not have; they are refused otherwise.")
    ] = False,
) -> Import:
    """Read a sheet, hold it against what is on record, and keep it for a week to be confirmed."""
    table = TABLES.get(request.headers.get("content-type", "").partition(";")[0].strip().lower())
    if not table:
        raise Refusal(415, "media-type", value=" / ".join(TABLES))
    body = await request.body()
    if table is csv_table:
        _must_be_text(body)
    headings = Headings(_called(kind, columns or []), ignore_unknown)
    fingerprint = f"{context.fingerprint}:{hashlib.sha256(request.url.query.encode()).hexdigest()}"
    known = await context.db.imports.find_one({"key": context.key})
    if not known:
        rows = table(body, partial(headings.likeness, kind))
        known = await _stage(context, kind, fingerprint, rows, headings, request.app.state.settings.issuer)
    if known["fingerprint"] != fingerprint:
        raise Refusal(422, "idempotency-key-reused")
    response.headers["Location"] = f"/v1/imports/{known['_id']}"
    return response_of(known, request.state.language)


def _must_be_text(body: bytes) -> None:
    wide = body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    decoder = codecs.getincrementaldecoder("utf-16" if wide else "utf-8")()
    for at in range(0, max(len(body), 1), TEXT_PIECE_BYTES):
        try:
            decoder.decode(body[at : at + TEXT_PIECE_BYTES], final=at + TEXT_PIECE_BYTES >= len(body))
        except UnicodeDecodeError as wrong:
            raise Refusal(422, "not-utf-8", at=at + wrong.start) from wrong


def _called(kind: SheetKind, columns: list[str]) -> dict[str, str]:
    """The headings of a sheet by our columns."""
    called: dict[str, str] = {}
    for one in columns:
        column, _, heading = one.partition(":")
        if column not in ROWS[kind].model_fields:
            raise Refusal(422, "column-not-ours", column=column)
        if column in called or heading.strip() in called.values():
            raise Refusal(422, "column-called-twice", column=column)
        called[column] = heading.strip()
    return called


async def _stage(
    context: RequestContext, kind: SheetKind, fingerprint: str, table: Table, headings: Headings, issuer: str
) -> Document:
    """Rows first and the report last: a sheet whose reading was broken off is not there, and is read anew when it is
    sent again. If the same is sent twice at once, the first to be read stands."""
    import_id, expires_at = new_id("imp"), staging.expiry()
    rows, absent, findings = await staging.keep(context.db, import_id, read_sheet(kind, table, headings), expires_at)
    unreadable = findings.count
    sheet_read = Sheet(kind, import_id, issuer, context.today, absent)
    findings.merge(await staging.check(Lookup(context.db, sheet_read), context.actor.employee_id))
    sheet: Document = {
        "_id": import_id,
        "key": context.key,
        "fingerprint": fingerprint,
        "kind": kind.value,
        "issuer": issuer,
        "by": context.actor.employee_id,
        "sent_at": context.now,
        "expires_at": expires_at,
        "status": Status.INVALID if findings.count else Status.VALID,
        "rows": rows,
        "unreadable": unreadable,
        "absent": sorted(absent),
        "second_person": bool(findings.favours) and context.actor.employee_id != takeover.SYSTEM,
        "day": str(context.today),
        "taken": 0,
        "changes": 0,
        **staging.report(findings),
    }
    try:
        await context.db.imports.insert_one(sheet)
    except DuplicateKeyError:
        await staging.forget(context.db, import_id)
        return await context.db.imports.find_one({"key": context.key}) or sheet
    if unreadable:
        await staging.forget(context.db, import_id)
    return sheet


@router.get("/imports")
async def list_imports(context: Reader, cursor: Cursor = None, limit: PageSize = 50) -> Page[ImportListed]:
    """List imports.

    For the organisation admin and the personnel agency. Newest first, in pages. An import that is not confirmed is
    forgotten after 7 days.
    """
    context.must_have(Role.ORGANISATION_ADMIN, Role.PERSONNEL_AGENCY)
    kept = {"$or": [{"expires_at": {"$gt": datetime.now(UTC)}}, {"expires_at": None}]}
    found, following = await find_page(context.db.imports, kept, cursor, limit, newest_first=True)
    return Page(items=[listed(one) for one in found], next_cursor=following)


@router.get("/imports/{import_id}", responses=documented(404))
async def show_import(request: Request, context: Reader, import_id: ImportPath) -> Import:
    """Show an import with its problems.

    For the organisation admin and the personnel agency.

    Refused with 404 `not-found`; an import that is not confirmed is forgotten after 7 days.
    """
    context.must_have(Role.ORGANISATION_ADMIN, Role.PERSONNEL_AGENCY)
    return response_of(await staging.find(context.db, import_id), request.state.language)


@router.post(
    "/imports/{import_id}:confirm",
    responses={**documented(404, 409), 202: {"model": Import, "description": "Its rows are being taken over"}},
)
async def confirm_import(request: Request, response: Response, context: Writer, import_id: ImportPath) -> Import:
    """Confirm an import.

    For the organisation admin and the personnel agency; an import with `second_person` is confirmed by somebody other
    than its sender. All rows are recorded, or none. Up to 2,000 rows are recorded when this answers 200. A larger sheet
    is answered 202 and is `confirming` from then on: it is checked once more, then recorded in the order of its codes;
    read it until it is `confirmed`. Confirming again changes nothing; for an `incomplete` import it tries the rows that
    were set aside.

    Refused with 403 `second-person`; and with 409 `import-invalid`, `import-dropped`, or `another-sheet` while another
    one is being recorded.
    """
    context.must_have(Role.ORGANISATION_ADMIN, Role.PERSONNEL_AGENCY)
    origin = CommandMetadata(context.actor.employee_id, context.now, context.trace, cause=import_id)
    sheet = await takeover.confirm(context.db, import_id, origin, context.today)
    if sheet["status"] == Status.CONFIRMING:
        response.status_code = 202
    return response_of(sheet, request.state.language)


@router.post("/imports/{import_id}:drop", responses=documented(404, 409))
async def drop_import(request: Request, context: Writer, import_id: ImportPath) -> Import:
    """Drop an import.

    For the organisation admin and the personnel agency. A sheet that is not confirmed is discarded; recording stops,
    and rows that are recorded stay. Dropping again changes nothing.

    Refused with 409 `import-confirmed`.
    """
    context.must_have(Role.ORGANISATION_ADMIN, Role.PERSONNEL_AGENCY)
    return response_of(await takeover.drop(context.db, import_id), request.state.language)
