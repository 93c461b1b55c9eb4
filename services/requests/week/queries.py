"""Whose days somebody may see, and what has been asked for on them."""

from datetime import date
from typing import Annotated

from fastapi import Query

from services.requests.request.document import stored_request
from services.requests.request.model import Request
from shared.contracts.organisation import Role
from shared.kit.base.mongo import Database
from shared.kit.decisions.decider import missing
from shared.people.context import RequestContext

Whose = Annotated[str | None, Query(max_length=60, description="Employee, by id; yourself if omitted.")]


async def whom(context: RequestContext, employee_id: str) -> str:
    """Raises `Refused` in the same way for whom nobody knows and for whose days the actor may not see."""
    own = employee_id == context.actor.employee_id
    leaders = await context.leaders_of(employee_id)
    agency = context.actor.has(Role.PERSONNEL_AGENCY) and await context.directory.employee(employee_id)
    if own or context.actor.employee_id in leaders or agency:
        return employee_id
    raise missing("not-found")


async def asked_on(db: Database, employee_id: str, first: date, last: date) -> list[Request]:
    """An employee's requests that have a day from one to another, both included; the oldest first."""
    within = {"$elemMatch": {"$gte": first.isoformat(), "$lte": last.isoformat()}}
    found = db.requests.find({"employee_id": employee_id, "days": within}).sort("_id", 1)
    return [stored_request(one) async for one in found]
