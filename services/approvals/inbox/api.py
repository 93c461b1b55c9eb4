"""What lies on somebody's desk: the cases of those whom they lead today."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from services.approvals.case.model import Status
from services.approvals.case.schemas import CaseShown, told
from shared.kit.decisions.decider import Document, Refused, Violation
from shared.kit.web.fields import Cursor, Day, Month, PageSize
from shared.kit.web.pages import Page, find_page
from shared.people.context import Reader

router = APIRouter(prefix="/v1", tags=["approvals"])
Statuses = Annotated[list[Status] | None, Query(description="Only those that stand so; may be repeated")]
Employee = Annotated[str | None, Query(max_length=60, description="Only those of one whom you lead")]
Unit = Annotated[str | None, Query(max_length=60, description="Only those asked for in that unit")]
InMonth = Annotated[Month | None, Query(description="Only those with a day in it")]
From = Annotated[Day | None, Query(alias="from", description="Only those with a day then or later")]
To = Annotated[Day | None, Query(description="Only those with a day then or before")]


class Summary(BaseModel):
    """How many cases of an inbox stand how."""

    today: date
    counts: dict[Status, int]


@router.get("/cases")
async def list_cases(
    call: Reader,
    status: Statuses = None,
    employee_id: Employee = None,
    unit_id: Unit = None,
    month: InMonth = None,
    from_: From = None,
    to: To = None,
    cursor: Cursor | None = None,
    limit: PageSize = 50,
) -> Page[CaseShown]:
    """Your inbox: the cases of those whom you lead today, newest first. Where several days are asked for, one must lie
    in the month and between both days."""
    led = await call.subordinates()
    where: Document = {"employee_id": {"$in": [id_ for id_ in led if employee_id in (None, id_)]}}
    if status:
        where["status"] = {"$in": [one.value for one in status]}
    if unit_id is not None:
        where["unit_id"] = unit_id
    if within := _within(month, from_, to):
        where["days"] = {"$elemMatch": within}
    found, following = await find_page(call.db.cases, where, cursor, limit, newest_first=True)
    return Page(items=await told(call.db, found), next_cursor=following)


@router.get("/cases:summary")
async def summarise_cases(call: Reader) -> Summary:
    """How many cases of your inbox of today stand how."""
    led = await call.subordinates()
    theirs: Document = {"$match": {"employee_id": {"$in": led}}}
    by_status: Document = {"$group": {"_id": "$status", "cases": {"$sum": 1}}}
    counted = {group["_id"]: group["cases"] async for group in await call.db.cases.aggregate([theirs, by_status])}
    return Summary(today=call.today, counts={status: counted.get(status.value, 0) for status in Status})


def _within(month: str | None, first: date | None, last: date | None) -> Document:
    """Between which days one must lie, as days are written in a case. Raises `Refused`."""
    if first and last and last < first:
        raise Refused(Violation("day-order", "query:to", facts={"first": first, "last": last}))
    earliest = [bound for bound in (month and f"{month}-01", first and first.isoformat()) if bound]
    latest = [bound for bound in (month and f"{month}-31", last and last.isoformat()) if bound]
    bounds: Document = {}
    if earliest:
        bounds["$gte"] = max(earliest)
    if latest:
        bounds["$lte"] = min(latest)
    return bounds
