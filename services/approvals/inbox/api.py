"""The inbox over HTTP: the cases of those whom somebody leads today."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from services.approvals.case.model import Status
from services.approvals.case.schemas import CaseResponse, case_responses
from shared.kit.decisions.decider import Document, Refused, Violation
from shared.kit.web.fields import Cursor, Day, PageSize
from shared.kit.web.pages import Page, find_page
from shared.kit.web.schemas import Schema
from shared.people.context import Reader
from shared.people.parameters import MonthFilter, UnitQuery

router = APIRouter(prefix="/v1", tags=["approvals"])
Statuses = Annotated[
    Annotated[list[Status], Field(max_length=len(Status))] | None,
    Query(description=f"Only cases of this status; repeat it for several, at most {len(Status)}."),
]
Employee = Annotated[
    str | None,
    Query(max_length=60, description="Only cases of this employee, by id; empty unless you lead them."),
]
From = Annotated[Day | None, Query(alias="from", description="Only cases with a day on this date or later.")]
To = Annotated[Day | None, Query(description="Only cases with a day on this date or earlier.")]


class Summary(Schema):
    """Number of cases in an inbox, by status."""

    today: date
    """Today, in the time zone of the instance."""

    counts: dict[Status, int]
    """Number of cases by status; 0 where there is none."""


@router.get("/cases")
async def list_cases(
    context: Reader,
    status: Statuses = None,
    employee_id: Employee = None,
    unit_id: UnitQuery = None,
    month: MonthFilter = None,
    from_: From = None,
    to: To = None,
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> Page[CaseResponse]:
    """List the cases of your inbox.

    For every employee on record: the cases of those whom you lead today, as superior or by mandate. Newest first, in
    pages. Filters are combined; `month`, `from` and `to` must hold for one and the same day of a case.

    Refused with `day-order` (422) if `to` comes before `from`.
    """
    led = await context.subordinates()
    where: Document = {"employee_id": {"$in": [id_ for id_ in led if employee_id in (None, id_)]}}
    if status:
        where["status"] = {"$in": [one.value for one in status]}
    if unit_id is not None:
        where["unit_id"] = unit_id
    if within := _within(month, from_, to):
        where["days"] = {"$elemMatch": within}
    found, following = await find_page(context.db.cases, where, cursor, limit, newest_first=True)
    return Page(items=await case_responses(context.db, found), next_cursor=following)


@router.get("/cases:summary")
async def summarise_cases(context: Reader) -> Summary:
    """Count the cases of your inbox by status.

    For every employee on record: the cases of those whom you lead today, as superior or by mandate.
    """
    led = await context.subordinates()
    theirs: Document = {"$match": {"employee_id": {"$in": led}}}
    by_status: Document = {"$group": {"_id": "$status", "cases": {"$sum": 1}}}
    counted = {group["_id"]: group["cases"] async for group in await context.db.cases.aggregate([theirs, by_status])}
    return Summary(today=context.today, counts={status: counted.get(status.value, 0) for status in Status})


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
