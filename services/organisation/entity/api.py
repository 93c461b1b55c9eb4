"""The reference data over HTTP: units, buildings, positions, employees and mandates, now or as of a day."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import AfterValidator, Field

from services.organisation.entity.model import code_of
from services.organisation.entity.queries import begun, codes_of, ids_coded, in_force, people_of, saying
from services.organisation.entity.schemas import (
    Absence,
    ActingAssignment,
    Building,
    Employee,
    Position,
    PositionExplained,
    Unit,
    coded,
    mandate,
    named,
)
from shared.contracts.organisation import Role
from shared.kit.decisions import texts
from shared.kit.decisions.decider import Document, missing
from shared.kit.web.fields import Cursor, Day, PageSize, clean
from shared.kit.web.pages import Page, cursor_of, find_page, place_of
from shared.kit.web.problems import VERSIONED, documented
from shared.people.context import Reader, RequestContext
from shared.people.parameters import EmployeePath, UnitPath

router = APIRouter(prefix="/v1", tags=["organisation"])
AsOf = Annotated[
    Day | None,
    Query(description="Only entries on record on this day, each with the terms in force then; all terms if omitted."),
]
InUnit = Annotated[
    str | None, Query(max_length=60, description="Only employees of this unit, by id, on the day `on`, or today.")
]

Ids = Annotated[
    Annotated[list[Annotated[str, Field(max_length=60)]], Field(max_length=200)] | None,
    Query(alias="id", description="Only those of these ids; repeat it for several, at most 200."),
]
OfOfficial = Annotated[
    str | None, Query(max_length=60, description="Only mandates that this employee has given or holds, by id.")
]
Text = Annotated[str, AfterValidator(clean)]
Saying = Annotated[
    Text | None,
    Query(alias="search", min_length=1, max_length=100, description="Only those whose code or name has this in it."),
]
Coded = Annotated[
    Text | None,
    Query(alias="search", min_length=1, max_length=100, description="Only those whose code has this in it."),
]
OfParent = Annotated[
    str | None, Query(max_length=60, description="Only parts of this unit, by id, on the day `on`, or today.")
]
Top = Annotated[bool, Query(description="Only units that are no part of another on the day `on`, or today.")]
PositionPath = Annotated[str, Path(description="Id of the position.")]
OfEmployee = Annotated[str | None, Query(max_length=60, description="Only absences of this employee, by id.")]


@router.get("/units")
async def list_units(
    context: Reader,
    on: AsOf = None,
    id_: Ids = None,
    search: Saying = None,
    parent_id: OfParent = None,
    top: Top = False,
    cursor: Cursor = None,
    limit: PageSize = 100,
) -> Page[Unit]:
    """List units.

    For every employee on record. By id, in pages. `search` is held, in any case, against codes and all names that a
    unit has had. Filters are combined.
    """
    wanted = [begun(on)]
    if id_:
        wanted.append({"_id": {"$in": sorted(set(id_))}})
    if search:
        coded_so = {"_id": {"$in": await ids_coded(context.db, "unit", search)}}
        wanted.append({"$or": [coded_so, {"history.name": saying(search)}]})
    if parent_id is not None or top:
        wanted += [in_force("parent_id", one, on or context.today) for one in {parent_id, *([None] if top else [])}]
    found, following = await find_page(context.db.units, {"$and": wanted}, cursor, limit)
    codes = await codes_of(context.db, [unit["_id"] for unit in found])
    return Page(items=[coded(Unit, unit, codes, on) for unit in found], next_cursor=following)


@router.get("/units/{unit_id}", responses=documented(404))
async def show_unit(context: Reader, unit_id: UnitPath) -> Unit:
    """Show a unit.

    For every employee on record, with all terms. Refused with 404 `not-found`.
    """
    found = await context.db.units.find_one({"_id": unit_id})
    if not found:
        raise missing("not-found")
    return coded(Unit, found, await codes_of(context.db, [unit_id]))


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
    context: Reader,
    on: AsOf = None,
    id_: Ids = None,
    search: Coded = None,
    cursor: Cursor = None,
    limit: PageSize = 100,
) -> Page[Position]:
    """List positions with their assessments.

    For every employee on record. By id, in pages; positions that are not assessed are left out if `on` is given.
    `search` is held, in any case, against codes. Filters are combined.
    """
    wanted = [{"$in": sorted(set(id_))}] if id_ else []
    if search:
        wanted.append({"$in": await ids_coded(context.db, "pos", search)})
    if on:
        where = {"$and": [begun(on), *({"_id": one} for one in wanted)]}
        found, following = await find_page(context.db.positions, where, cursor, limit)
        codes = await codes_of(context.db, [position["_id"] for position in found])
        return Page(items=[coded(Position, one, codes, on) for one in found], next_cursor=following)
    place = (place_of(cursor) or ["pos-"])[0]
    named_so = {"$and": [{"id": one} for one in ({"$gt": place, "$lt": "pos."}, *wanted)]}
    known = await context.db.codes.find(named_so).sort("id", 1).limit(limit).to_list()
    assessed = context.db.positions.find({"_id": {"$in": [code["id"] for code in known]}})
    by_id = {position["_id"]: position async for position in assessed}
    codes = {code["id"]: code_of(code["_id"]) for code in known}
    found = [by_id.get(one, {"_id": one, "position_id": one, "history": []}) for one in codes]
    following = cursor_of(found[-1]["_id"]) if len(found) == limit else None
    return Page(items=[coded(Position, one, codes) for one in found], next_cursor=following)


@router.get("/positions/{position_id}", responses=documented(404))
async def show_position(context: Reader, position_id: PositionPath) -> PositionExplained:
    """Show a position with the reasons of its assessments.

    For every employee on record; reasons for the organisation admin and the personnel agency. Refused with 404
    `not-found`.
    """
    codes = await codes_of(context.db, [position_id])
    if position_id not in codes or not position_id.startswith("pos-"):
        raise missing("not-found")
    unassessed: Document = {"_id": position_id, "position_id": position_id, "history": []}
    found = await context.db.positions.find_one({"_id": position_id}) or unassessed
    reasons: dict[str, str] | None = None
    if context.actor.has(Role.PERSONNEL_AGENCY) or context.actor.has(Role.ORGANISATION_ADMIN):
        said = [terms["reason_text_id"] for terms in found["history"] if terms.get("reason_text_id")]
        prose = await texts.read(context.db, said)
        reasons = {id_: prose[id_] for id_ in said}
    return coded(PositionExplained, {**found, "reasons": reasons}, codes)


@router.get("/employees")
async def list_employees(
    context: Reader, on: AsOf = None, unit_id: InUnit = None, cursor: Cursor = None, limit: PageSize = 100
) -> Page[Employee]:
    """List employees.

    For every employee on record: yourself and those you lead today; everybody for the personnel agency. By id, in
    pages.
    """
    where: Document = begun(on)
    if not context.actor.has(Role.PERSONNEL_AGENCY):
        led = await context.subordinates()
        where["_id"] = {"$in": [context.actor.employee_id, *led]}
    if unit_id:
        where |= in_force("unit_id", unit_id, on or context.today)
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
    context: Reader, employee_id: OfOfficial = None, cursor: Cursor = None, limit: PageSize = 100
) -> Page[ActingAssignment]:
    """List mandates to act for another (Plh, Plt).

    For every employee on record: those that you have given or hold, and those of your superior; all for the personnel
    agency and the organisation admin. With the names of both officials. By id, in pages.
    """
    where = await _mandates_known_to(context)
    if employee_id is not None:
        where = {"$and": [where, {"$or": [{"history.for_id": employee_id}, {"history.acting_id": employee_id}]}]}
    found, following = await find_page(context.db.acting_assignments, where, cursor, limit)
    codes = await codes_of(context.db, [one["_id"] for one in found])
    parties = {terms[whose] for one in found for terms in one["history"] for whose in ("for_id", "acting_id")}
    people = await people_of(context.db, sorted(parties))
    return Page(items=[mandate(one, codes, people) for one in found], next_cursor=following)


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
