"""The reference data over HTTP: units, buildings, positions, employees and mandates, now or as of a day."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pymongo.asynchronous.client_session import AsyncClientSession

from services.organisation.entity.model import Person, code_of
from services.organisation.entity.schemas import (
    Absence,
    ActingAssignment,
    Building,
    Employee,
    Position,
    Unit,
    coded,
    named,
)
from shared.contracts.organisation import Role
from shared.kit.base.mongo import Database
from shared.kit.decisions.decider import Document, missing
from shared.kit.web.fields import Cursor, Day, PageSize
from shared.kit.web.pages import Page, cursor_of, find_page, place_of
from shared.kit.web.problems import VERSIONED, documented
from shared.people.context import Reader, RequestContext
from shared.people.parameters import EmployeePath

router = APIRouter(prefix="/v1", tags=["organisation"])
AsOf = Annotated[
    Day | None,
    Query(description="Only entries on record on this day, each with the terms in force then; all terms if omitted."),
]
InUnit = Annotated[
    str | None, Query(max_length=60, description="Only employees of this unit, by id, on the day `on`, or today.")
]

OfEmployee = Annotated[str | None, Query(max_length=60, description="Only absences of this employee, by id.")]


@router.get("/units")
async def list_units(context: Reader, on: AsOf = None, cursor: Cursor = None, limit: PageSize = 100) -> Page[Unit]:
    """List units.

    For every employee on record. By id, in pages.
    """
    found, following = await find_page(context.db.units, _begun(on), cursor, limit)
    codes = await codes_of(context.db, [unit["_id"] for unit in found])
    return Page(items=[coded(Unit, unit, codes, on) for unit in found], next_cursor=following)


@router.get("/buildings")
async def list_buildings(context: Reader, cursor: Cursor = None, limit: PageSize = 100) -> Page[Building]:
    """List buildings with their surveys.

    For every employee on record. By id, in pages.
    """
    found, following = await find_page(context.db.buildings, {}, cursor, limit)
    codes = await codes_of(context.db, [building["_id"] for building in found])
    return Page(items=[coded(Building, one, codes) for one in found], next_cursor=following)


@router.get("/positions")
async def list_positions(
    context: Reader, on: AsOf = None, cursor: Cursor = None, limit: PageSize = 100
) -> Page[Position]:
    """List positions with their assessments.

    For every employee on record. By id, in pages; positions that are not assessed are left out if `on` is given.
    """
    if on:
        found, following = await find_page(context.db.positions, _begun(on), cursor, limit)
        codes = await codes_of(context.db, [position["_id"] for position in found])
        return Page(items=[coded(Position, one, codes, on) for one in found], next_cursor=following)
    place = (place_of(cursor) or ["pos-"])[0]
    where = {"id": {"$gt": place, "$lt": "pos."}}
    known = await context.db.codes.find(where).sort("id", 1).limit(limit).to_list()
    assessed = context.db.positions.find({"_id": {"$in": [code["id"] for code in known]}})
    by_id = {position["_id"]: position async for position in assessed}
    codes = {code["id"]: code_of(code["_id"]) for code in known}
    found = [by_id.get(id_, {"_id": id_, "position_id": id_, "history": []}) for id_ in codes]
    following = cursor_of(found[-1]["_id"]) if len(found) == limit else None
    return Page(items=[coded(Position, one, codes) for one in found], next_cursor=following)


@router.get("/employees")
async def list_employees(
    context: Reader, on: AsOf = None, unit_id: InUnit = None, cursor: Cursor = None, limit: PageSize = 100
) -> Page[Employee]:
    """List employees.

    For every employee on record: yourself and those you lead today; everybody for the personnel agency. By id, in
    pages.
    """
    where: Document = _begun(on)
    if not context.actor.has(Role.PERSONNEL_AGENCY):
        led = await context.subordinates()
        where["_id"] = {"$in": [context.actor.employee_id, *led]}
    if unit_id:
        where |= _in_unit(unit_id, on or context.today)
    found, following = await find_page(context.db.employees, where, cursor, limit)
    people = await people_of(context.db, [employee["_id"] for employee in found])
    return Page(items=[named(one, people, on) for one in found], next_cursor=following)


@router.get("/employees/{employee_id}", responses=documented(404) | VERSIONED)
async def show_employee(response: Response, context: Reader, employee_id: EmployeePath) -> Employee:
    """Show an employee.

    For the employee, whoever leads them today, and the personnel agency; for others they do not exist (404
    `not-found`). The `ETag` is the version that a command on it names.
    """
    found = await context.db.employees.find_one({"_id": employee_id})
    if not found or not await context.may_see(employee_id):
        raise missing("not-found")
    response.headers["ETag"] = f'"{found["n"]}"'
    return named(found, await people_of(context.db, [employee_id]))


@router.get("/acting-assignments")
async def list_acting_assignments(
    context: Reader, cursor: Cursor = None, limit: PageSize = 100
) -> Page[ActingAssignment]:
    """List mandates to act for another (Plh, Plt).

    For every employee on record: those that you have given or hold, and those of your superior; all for the personnel
    agency and the organisation admin. By id, in pages.
    """
    found, following = await find_page(context.db.acting_assignments, await _mandates_known_to(context), cursor, limit)
    codes = await codes_of(context.db, [mandate["_id"] for mandate in found])
    return Page(items=[coded(ActingAssignment, one, codes) for one in found], next_cursor=following)


@router.get("/absences")
async def list_absences(
    context: Reader, employee_id: OfEmployee = None, cursor: Cursor = None, limit: PageSize = 100
) -> Page[Absence]:
    """List leave and official trips.

    For every employee on record: your own and those of the people you lead today; all for the personnel agency. By id,
    in pages.
    """
    where: Document = {}
    if not context.actor.has(Role.PERSONNEL_AGENCY):
        led = await context.subordinates()
        where["employee_id"] = {"$in": [context.actor.employee_id, *led]}
    if employee_id is not None:
        where = {"$and": [where, {"employee_id": {"$eq": employee_id}}]}
    found, following = await find_page(context.db.absences, where, cursor, limit)
    codes = await codes_of(context.db, [absence["_id"] for absence in found])
    return Page(items=[coded(Absence, one, codes) for one in found], next_cursor=following)


async def _mandates_known_to(context: RequestContext) -> Document:
    if context.actor.has(Role.PERSONNEL_AGENCY) or context.actor.has(Role.ORGANISATION_ADMIN):
        return {}
    me, superior = context.actor.employee_id, context.actor.terms.superior_id
    given = [id_ for id_ in (me, superior) if id_]
    return {"$or": [{"history.for_id": {"$in": given}}, {"history.acting_id": me}]}


async def codes_of(db: Database, ids: Sequence[str], session: AsyncClientSession | None = None) -> dict[str, str]:
    """The codes of units, positions, buildings and mandates, by id."""
    found = db.codes.find({"id": {"$in": list(ids)}}, session=session)
    return {code["id"]: code_of(code["_id"]) async for code in found}


async def people_of(db: Database, ids: Sequence[str], session: AsyncClientSession | None = None) -> dict[str, Person]:
    """NIP and name of employees, by id; nothing of those whose data were erased."""
    found = db.people.find({"_id": {"$in": list(ids)}}, session=session)
    return {one["_id"]: Person(one["nip"], one["name"]) async for one in found}


def _begun(on: date | None) -> Document:
    return {"history.effective_from": {"$lte": str(on)}} if on else {}


def _in_unit(unit_id: str, day: date) -> Document:
    """Histories are in order, so that the terms in force are the last of those that have begun."""
    begun = {"$filter": {"input": "$history", "cond": {"$lte": ["$$this.effective_from", str(day)]}}}
    in_force = {"$let": {"vars": {"terms": {"$last": begun}}, "in": "$$terms.unit_id"}}
    return {"history.unit_id": {"$eq": unit_id}, "$expr": {"$eq": [in_force, {"$literal": unit_id}]}}
