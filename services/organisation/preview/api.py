"""The preview of a sheet that waits to be confirmed, over HTTP."""

from dataclasses import replace

from fastapi import APIRouter

from services.organisation.entity.model import Person, code_of
from services.organisation.entry.model import Entry, Known
from services.organisation.entry.queries import Lookup
from services.organisation.export.api import names_of
from services.organisation.export.document import Names
from services.organisation.import_ import queries as staging
from services.organisation.import_.api import ImportPath
from services.organisation.import_.jobs import sheet_of
from services.organisation.preview.document import RowPreview, previews
from services.organisation.row.value import EmployeeRow, is_of
from shared.contracts.organisation import Role
from shared.kit.base.mongo import Database
from shared.kit.web.fields import Cursor, PageSize
from shared.kit.web.pages import Page, cursor_of, place_of
from shared.kit.web.problems import documented
from shared.people.context import Reader

router = APIRouter(prefix="/v1", tags=["organisation"])


@router.get("/imports/{import_id}/rows", responses=documented(404))
async def preview_rows(
    context: Reader, import_id: ImportPath, cursor: Cursor = None, limit: PageSize = 100
) -> Page[RowPreview]:
    """Preview the rows of an import.

    For the organisation admin and the personnel agency. In the order of the file, in pages: each column as it is
    understood, and what changes against the record as of the row's day. Empty if rows could not all be read, and once
    the import is confirmed.

    Refused with 404 `not-found`.
    """
    context.must_have(Role.ORGANISATION_ADMIN, Role.PERSONNEL_AGENCY)
    sheet = await staging.find(context.db, import_id)
    place = (place_of(cursor) or [""])[0]
    where = {"import_id": import_id, "_id": {"$gt": place}}
    shown = await context.db.staged_rows.find(where, {"code": 1}).sort("_id", 1).limit(limit).to_list()
    codes = list({row["code"] for row in shown})
    staged = context.db.staged_rows.find({"import_id": import_id, "code": {"$in": codes}}).sort(staging.BY_CODE)
    reader = Lookup(context.db, replace(sheet_of(sheet), today=context.today))
    fit, _ = reader.fit(await staged.to_list())
    entries, known = await reader.look_up(fit)
    names = await _names(context.db, entries, known)
    wanted = {row["_id"] for row in shown}
    items = [
        row
        for entry in entries
        for row in previews(reader.kind, entry, known, names)
        if staging.staged_id(import_id, row.row) in wanted
    ]
    after = cursor_of(shown[-1]["_id"]) if len(shown) == limit else None
    return Page(items=sorted(items, key=lambda row: row.row), next_cursor=after)


async def _names(db: Database, entries: list[Entry], known: Known) -> Names:
    """What things are called, also those that the sheet brings."""
    names = await names_of(db, list(known.own.values()))
    said = {id_: key for key, id_ in known.ids.items()} | {entry.id: entry.key for entry in entries}
    codes = {id_: code_of(key) for id_, key in said.items() if not is_of(EmployeeRow, key)}
    people = {id_: Person(code_of(key), code_of(key)) for id_, key in said.items() if is_of(EmployeeRow, key)}
    return Names(dict(names.codes) | codes, people | dict(names.people), names.texts)
