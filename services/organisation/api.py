"""What organisation answers over HTTP: sheets to load, and the reference data to look up."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel
from pymongo import ReplaceOne
from pymongo.asynchronous.client_session import AsyncClientSession

from services.organisation.decide import employees, positions, units
from services.organisation.rows import SheetKind
from services.organisation.sheets import ROWS_MAX, Codes, Sheet, read_sheet
from services.organisation.wording import WORDING
from shared.contracts.organisation import EmployeeTerms, PositionTerms, Role, UnitTerms
from shared.kit import directory
from shared.kit.calls import Call, Caller, Commander, Page, cursor_of, place_of
from shared.kit.decider import Decider, Document, missing, wrong_state
from shared.kit.ids import new_id, random_id
from shared.kit.log import Origin, append_all
from shared.kit.mongo import Database, in_transaction
from shared.kit.problems import Refusal, documented
from shared.kit.wording import FIELD_REASONS, KIT, say

router = APIRouter(prefix="/v1", tags=["organisation"])
DECIDERS: dict[SheetKind, Decider[Any, Any]] = {
    SheetKind.UNITS: units,
    SheetKind.POSITIONS: positions,
    SheetKind.EMPLOYEES: employees,
}
PROBLEMS_SHOWN = 500
Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str | None, Query(max_length=400)]


class CellProblem(BaseModel):
    """A cell that cannot be taken, and why."""

    row: int
    column: str
    rule: str
    detail: str


class Import(BaseModel):
    """A sheet that was sent: whether it can be confirmed, and its problems (the first 500)."""

    import_id: str
    kind: SheetKind
    status: str
    rows: int
    changes: int
    problem_count: int
    problems: list[CellProblem]
    sent_at: datetime


class Unit(BaseModel):
    """A unit with its whole history."""

    unit_id: str
    code: str
    history: list[UnitTerms]


class Position(BaseModel):
    """A position with its whole history of assessments."""

    position_id: str
    code: str
    history: list[PositionTerms]


class Employee(BaseModel):
    """An employee with their name, for those who may know it."""

    employee_id: str
    nip: str
    name: str
    history: list[EmployeeTerms]


@router.post(
    "/imports",
    status_code=201,
    responses=documented(413, 415),
    openapi_extra={"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def send_sheet(request: Request, response: Response, call: Commander, kind: SheetKind) -> Import:
    """Send a sheet (CSV, UTF-8, comma or semicolon). Nothing changes until it is confirmed."""
    call.must_have(Role.ORGANISATION_ADMIN, Role.PERSONNEL_AGENCY)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "text/csv":
        raise Refusal(415, "media-type", value="text/csv")
    try:
        text = (await request.body()).decode()
    except UnicodeDecodeError as wrong:
        raise Refusal(422, "not-utf-8", at=wrong.start) from wrong
    known = await call.db.imports.find_one({"key": call.key})
    if known and known["fingerprint"] != call.fingerprint:
        raise Refusal(422, "idempotency-key-reused")
    if not known:
        known = await _stage(call, kind, text, request.app.state.settings.issuer)
    response.headers["Location"] = f"/v1/imports/{known['_id']}"
    return _shown(known, request.state.language)


async def _stage(call: Call, kind: SheetKind, text: str, issuer: str) -> Document:
    sheet = read_sheet(kind, text, await _codes(call.db, issuer))
    staged: Document = {
        "_id": new_id("imp"),
        "key": call.key,
        "fingerprint": call.fingerprint,
        "kind": kind.value,
        "text": text,
        "by": call.actor.employee_id,
        "sent_at": call.now,
        "status": "invalid" if sheet.problems else "valid",
        "changes": 0,
        **_report(sheet),
    }
    await call.db.imports.insert_one(staged)
    return staged


@router.get("/imports/{import_id}", responses=documented(404))
async def show_import(request: Request, call: Caller, import_id: str) -> Import:
    """What became of a sheet, with its problems."""
    call.must_have(Role.ORGANISATION_ADMIN, Role.PERSONNEL_AGENCY)
    return _shown(await _import(call.db, import_id), request.state.language)


@router.post("/imports/{import_id}:confirm", responses=documented(404, 409))
async def confirm_import(request: Request, call: Commander, import_id: str) -> Import:
    """Take a sheet over, all rows or none. Confirming again changes nothing."""
    call.must_have(Role.ORGANISATION_ADMIN, Role.PERSONNEL_AGENCY)
    issuer = request.app.state.settings.issuer

    async def work(session: AsyncClientSession) -> Document:
        staged = await _import(call.db, import_id, session)
        return staged if staged["status"] == "confirmed" else await _take(session, call, staged, issuer)

    return _shown(await in_transaction(call.db, work), request.state.language)


async def _take(session: AsyncClientSession, call: Call, staged: Document, issuer: str) -> Document:
    """Read again, since what is known may have changed since the sheet was sent."""
    kind = SheetKind(staged["kind"])
    sheet = read_sheet(kind, staged["text"], await _codes(call.db, issuer, session))
    if sheet.problems:
        raise wrong_state("import-invalid", count=len(sheet.problems))
    origin = Origin(call.actor.employee_id, call.now, call.trace, cause=staged["_id"])
    done = await append_all(session, call.db, DECIDERS[kind], sheet.commands, origin)
    if sheet.new_codes:
        await call.db.codes.insert_many([{"_id": c, "id": i} for c, i in sheet.new_codes.items()], session=session)
    if sheet.names:
        people = [ReplaceOne({"_id": i}, {"nip": n, "name": name}, upsert=True) for i, (n, name) in sheet.names.items()]
        await call.db.people.bulk_write(people, ordered=False, session=session)
    confirmed: Document = {"status": "confirmed", "changes": sum(one.events for one in done), "text": None}
    await call.db.imports.update_one({"_id": staged["_id"]}, {"$set": confirmed}, session=session)
    return staged | confirmed


@router.get("/units")
async def list_units(call: Caller, cursor: Cursor = None, limit: Limit = 100) -> Page[Unit]:
    """Every unit, by id."""
    found = await _page(call.db.units, {}, cursor, limit)
    codes = await _codes_of(call.db, [unit["_id"] for unit in found])
    items = [Unit.model_validate({**unit, "code": codes.get(unit["_id"], "")}, strict=False) for unit in found]
    return Page(items=items, next_cursor=_next(found, limit))


@router.get("/positions")
async def list_positions(call: Caller, cursor: Cursor = None, limit: Limit = 100) -> Page[Position]:
    """Every position with its assessments, by id."""
    found = await _page(call.db.positions, {}, cursor, limit)
    codes = await _codes_of(call.db, [position["_id"] for position in found])
    items = [Position.model_validate({**one, "code": codes.get(one["_id"], "")}, strict=False) for one in found]
    return Page(items=items, next_cursor=_next(found, limit))


@router.get("/employees")
async def list_employees(call: Caller, cursor: Cursor = None, limit: Limit = 100) -> Page[Employee]:
    """Those whom you may know: everybody for the personnel agency, otherwise yourself and those you lead."""
    where: Document = {}
    if not call.actor.has(Role.PERSONNEL_AGENCY):
        led = await directory.subordinates_of(call.db, call.actor.employee_id, call.today)
        where = {"_id": {"$in": [call.actor.employee_id, *led]}}
    found = await _page(call.db.employees, where, cursor, limit)
    return Page(items=await _named(call.db, found), next_cursor=_next(found, limit))


@router.get("/employees/{employee_id}", responses=documented(404))
async def show_employee(call: Caller, employee_id: str) -> Employee:
    """One employee, for themselves, their superior and the personnel agency."""
    found = await call.db.employees.find_one({"_id": employee_id})
    mine = call.actor.employee_id == employee_id
    mine = mine or call.actor.employee_id in await directory.leaders_of(call.db, employee_id, call.today)
    if not found or not (mine or call.actor.has(Role.PERSONNEL_AGENCY)):
        raise missing("not-found")
    return (await _named(call.db, [found]))[0]


async def _named(db: Database, found: list[Document]) -> list[Employee]:
    ids = [employee["_id"] for employee in found]
    people = {person["_id"]: person async for person in db.people.find({"_id": {"$in": ids}})}
    return [
        Employee.model_validate(
            {**one, "nip": people[one["_id"]]["nip"], "name": people[one["_id"]]["name"]}, strict=False
        )
        for one in found
    ]


async def _page(collection: Any, where: Document, cursor: str | None, limit: int) -> list[Document]:
    place = place_of(cursor)
    after = {"_id": {"$gt": place[0]}} if place else {}
    found: list[Document] = await collection.find({"$and": [where, after]}).sort("_id", 1).limit(limit).to_list()
    return found


def _next(found: list[Document], limit: int) -> str | None:
    return cursor_of(found[-1]["_id"]) if len(found) == limit else None


async def _codes(db: Database, issuer: str, session: AsyncClientSession | None = None) -> Codes:
    known = [(code["_id"].split(":", 1), code["id"]) async for code in db.codes.find({}, session=session)]
    return Codes(
        units={code: id_ for (prefix, code), id_ in known if prefix == "unit"},
        positions={code: id_ for (prefix, code), id_ in known if prefix == "pos"},
        people={person["nip"]: person["_id"] async for person in db.people.find({}, session=session)},
        subjects={
            employee["identity"]["sub"]: employee["_id"]
            async for employee in db.employees.find({"identity.iss": issuer}, {"identity": 1}, session=session)
        },
        issuer=issuer,
        make_id=random_id,
    )


async def _codes_of(db: Database, ids: list[str]) -> dict[str, str]:
    return {code["id"]: code["_id"].split(":", 1)[1] async for code in db.codes.find({"id": {"$in": ids}})}


async def _import(db: Database, import_id: str, session: AsyncClientSession | None = None) -> Document:
    found = await db.imports.find_one({"_id": import_id}, session=session)
    if not found:
        raise missing("not-found")
    return found


def _report(sheet: Sheet) -> Document:
    return {
        "rows": sheet.rows,
        "problem_count": len(sheet.problems),
        "problems": [asdict(problem) for problem in sheet.problems[:PROBLEMS_SHOWN]],
    }


def _shown(staged: Document, language: str) -> Import:
    fields = ("kind", "status", "rows", "changes", "problem_count", "sent_at")
    problems = [_said(problem, language) for problem in staged["problems"]]
    return Import(import_id=staged["_id"], problems=problems, **{name: staged[name] for name in fields})


def _said(problem: Document, language: str) -> CellProblem:
    """A cell's problem in the reader's language; what pydantic found has no sentence of ours, only a reason."""
    rule, reason = problem["rule"], problem["reason"]
    if rule in WORDING:
        detail = say(WORDING, language, rule, {"reason": reason, "value": ROWS_MAX})
    else:
        reason = FIELD_REASONS.get(rule, reason) if language == "id" else reason
        detail = say(KIT, language, "field-invalid", {"reason": reason})
    return CellProblem(row=problem["row"], column=problem["column"], rule=rule, detail=detail)
