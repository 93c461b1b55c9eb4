"""Looking for people over HTTP."""

from collections.abc import Collection

from fastapi import APIRouter

from services.organisation.entity.model import Person
from services.organisation.entity.queries import begun, in_force
from services.organisation.entity.schemas import Employee, named
from services.organisation.search.commands import SearchBody
from services.organisation.search.queries import find_people
from shared.contracts.organisation import Role
from shared.kit.web.pages import Page
from shared.kit.web.problems import documented
from shared.people.context import Reader, RequestContext

router = APIRouter(prefix="/v1", tags=["organisation"])


@router.post("/employees:search", responses=documented(413))
async def search_employees(context: Reader, body: SearchBody) -> Page[Employee]:
    """List employees by name or NIP.

    For every employee on record: yourself and those you lead today; everybody for the personnel agency. By name, in
    pages; those whose personal data are erased are not found. It changes nothing; an `Idempotency-Key` is unnecessary.
    """
    among = await _among(context, body)
    people, following = await find_people(context.db, body.name or "", body.nip or "", among, body.cursor, body.limit)
    known = {one["_id"]: Person(one["nip"], one["name"]) for one in people}
    found = context.db.employees.find({"_id": {"$in": list(known)}})
    by_id = {one["_id"]: one async for one in found}
    return Page(items=[named(by_id[id_], known, body.on) for id_ in known if id_ in by_id], next_cursor=following)


async def _among(context: RequestContext, body: SearchBody) -> Collection[str] | None:
    """Whom they are looked for among: those whom the actor sees, of a unit and position; everybody if that is none of
    these."""
    wanted = [begun(body.on)] if body.on else []
    if not context.actor.has(Role.PERSONNEL_AGENCY):
        wanted.append({"_id": {"$in": [context.actor.employee_id, *await context.subordinates()]}})
    for part, value in (("unit_id", body.unit_id), ("position_id", body.position_id)):
        if value is not None:
            wanted.append(in_force(part, value, body.on or context.today))
    if not wanted:
        return None
    return [one["_id"] async for one in context.db.employees.find({"$and": wanted}, {"_id": 1})]
