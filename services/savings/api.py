"""What savings answers over HTTP: totals of units, of the instance and of employees, and the factors behind them."""

from datetime import datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime

from services.savings import queries, restated
from services.savings.answers import (
    Completeness,
    Digest,
    EmployeeMonth,
    InstanceMonth,
    Restatement,
    UnitMonth,
    completeness,
    employee_month,
    employee_month_row,
    restatement,
    unit_month,
    unit_month_row,
)
from services.savings.decide import PublishFactorSet
from services.savings.figures import figures
from services.savings.net import digest
from services.savings.publishing import publish
from services.savings.queries import kind_of
from services.savings.reading import is_agency, units_asked, whose
from shared.contracts.organisation import Role
from shared.contracts.savings import Beneficiary, Category, FactorSetPublished
from shared.kit import generations
from shared.kit.bodies import sent, takes
from shared.kit.calls import Caller, Commander, tag
from shared.kit.clock import last_day
from shared.kit.decider import Document, Refused, Violation
from shared.kit.fields import Cursor, Month, PageSize
from shared.kit.pages import Page, cursor_of, place_of
from shared.kit.problems import documented
from shared.kit.reads import READ, Live, answer, answer_page

router = APIRouter(prefix="/v1", tags=["savings"])
Period = Annotated[Month, Query(description="YYYY-MM")]
UnitId = Annotated[str | None, Query(max_length=60)]


@router.get("/unit-months", response_model=Page[UnitMonth], responses=READ)
async def list_unit_months(
    request: Request,
    call: Caller,
    models: Live,
    month: Period,
    unit_id: UnitId = None,
    category: Category | None = None,
    beneficiary: Beneficiary | None = None,
    factor_set_id: Annotated[str | None, Query(max_length=60)] = None,
    cursor: Cursor | None = None,
    limit: PageSize = 100,
) -> Response:
    """Units of a month with their savings: all for analysts and the personnel agency, your own otherwise."""
    where: Document = {"month": month, "days": {"$gt": 0}, **units_asked(call, unit_id)}
    chosen = {"category": category, "beneficiary": beneficiary, "factor_set_id": factor_set_id}
    where |= {name: str(value) for name, value in chosen.items() if value}
    if place := place_of(cursor):
        where["_id"] = {"$gt": place[0]}
    found = await models["unit_months"].find(where).sort("_id", 1).limit(limit).to_list()
    people = await queries.people(models, month)
    names = await queries.unit_names(models, {one["unit_id"] for one in found}, month)
    hidden = {kind: people.withheld(kind) for kind in {kind_of(one) for one in found}} if not is_agency(call) else {}
    items = [
        unit_month(one, names, people.of(one), withheld=one["unit_id"] in hidden.get(kind_of(one), ())) for one in found
    ]
    next_cursor = cursor_of(found[-1]["_id"]) if len(found) == limit else None
    return answer_page(request, Page[UnitMonth](items=items, next_cursor=next_cursor), unit_month_row)


@router.get("/instance-months/{month}", response_model=InstanceMonth, responses=READ)
async def show_instance_month(request: Request, call: Caller, models: Live, month: Month) -> Response:
    """What all units saved in a month, summed now, each category and beneficiary for itself."""
    people = await queries.people(models, month)
    totals, left_out = await queries.sums(models, month, people, all_units=is_agency(call))
    shown = InstanceMonth(month=month, figures=[figures(total) for total in totals], left_out=left_out)
    return answer(request, shown.model_dump_json().encode(), "application/json")


@router.get("/employee-months", response_model=Page[EmployeeMonth], responses=READ)
async def list_employee_months(
    request: Request,
    call: Caller,
    models: Live,
    month: Period,
    employee_id: Annotated[str | None, Query(max_length=60)] = None,
    cursor: Cursor | None = None,
    limit: PageSize = 100,
) -> Response:
    """Your own savings of a month; anybody's for the personnel agency."""
    where: Document = {"month": month, "days": {"$gt": 0}, **whose(call, employee_id)}
    if place := place_of(cursor):
        where["_id"] = {"$gt": place[0]}
    found = await models["employee_months"].find(where).sort("_id", 1).limit(limit).to_list()
    next_cursor = cursor_of(found[-1]["_id"]) if len(found) == limit else None
    page = Page[EmployeeMonth](items=[employee_month(one) for one in found], next_cursor=next_cursor)
    return answer_page(request, page, employee_month_row)


@router.get("/completeness", response_model=Page[Completeness], responses=READ)
async def list_completeness(
    request: Request,
    call: Caller,
    models: Live,
    month: Period,
    unit_id: UnitId = None,
    cursor: Cursor | None = None,
    limit: PageSize = 100,
) -> Response:
    """What the unit-months of a month lack to be complete: outputs not verified, data that nobody has given."""
    where: Document = {"month": month, **units_asked(call, unit_id)}
    if not is_agency(call):
        hidden = (await queries.people(models, month)).withheld_units()
        where = {"$and": [where, {"unit_id": {"$nin": sorted(hidden)}}]}
    if place := place_of(cursor):
        where["_id"] = {"$gt": place[0]}
    found = await models["completeness"].find(where).sort("_id", 1).limit(limit).to_list()
    names = await queries.unit_names(models, {one["unit_id"] for one in found}, month)
    next_cursor = cursor_of(found[-1]["_id"]) if len(found) == limit else None
    page = Page[Completeness](items=[completeness(one, names) for one in found], next_cursor=next_cursor)
    return answer_page(request, page, lambda item: item.model_dump(exclude={"lacks"}) | {"lacks": str(item.lacks)})


@router.get("/restatements", responses=documented())
async def list_restatements(
    request: Request,
    call: Caller,
    models: Live,
    month: Period,
    since: Annotated[AwareDatetime, Query(description="The moment that the figures are compared with (RFC 3339)")],
) -> list[Restatement]:
    """How the unit-months of a month have changed since a moment, through late events, corrections of the reference
    data or new factors. For the personnel agency; and for analysts since the month was over, without what is withheld
    or was about few people: between two moments of their choice a single person's day could be read."""
    call.must_have(Role.PERSONNEL_AGENCY, Role.ANALYST)
    if not is_agency(call):
        _must_be_the_end(month, since, request.app.state.settings.time_zone)
    found = await restated.restated(models, month, since)
    if not is_agency(call):
        people, concerned = await queries.people(models, month), await restated.people(models, month, since)
        hidden = {kind: people.withheld(kind) for kind in map(kind_of, found)}
        found = [one for one in found if one["unit_id"] not in hidden[kind_of(one)] and not concerned.few(one)]
    names = await queries.unit_names(models, {one["unit_id"] for one in found}, month)
    return [restatement(one, names, month) for one in found]


def _must_be_the_end(month: str, since: datetime, time_zone: str) -> None:
    over = datetime.combine(last_day(month) + timedelta(days=1), time(), ZoneInfo(time_zone))
    if since != over:
        raise Refused(Violation("since-month", "/since", over.isoformat()))


@router.get("/digest", response_model=Digest)
async def show_digest(call: Caller) -> Digest:
    """One hash over all net positions, to compare with a rebuild or with another fold over the same log."""
    call.must_have(Role.PERSONNEL_AGENCY, Role.ANALYST)
    generation = await generations.live(call.db)
    positions = await queries.positions(generations.of(call.db, generation))
    return Digest(digest=digest(positions), positions=len(positions), generation=generation)


@router.get("/factor-sets")
async def list_factor_sets(call: Caller) -> Page[FactorSetPublished]:
    """Every factor set, oldest first: each is in force from its day until the next one's, but for those that another
    corrects."""
    sets = [FactorSetPublished.model_validate(one, strict=False) async for one in call.db.factor_sets.find({})]
    return Page(items=sorted(sets, key=lambda factors: (factors.effective_from, factors.factor_set_id)))


@router.post("/factor-sets", status_code=201, responses=documented(409, 413), openapi_extra=takes(PublishFactorSet))
async def publish_factor_set(
    response: Response, call: Commander, body: Annotated[PublishFactorSet, Depends(sent(PublishFactorSet))]
) -> FactorSetPublished:
    """Put factors and prices in force from a day on, or in the place of a set that they correct. Days from then on are
    computed anew."""
    call.must_have(Role.PERSONNEL_AGENCY)
    committed = await publish(call.db, body, call.origin())
    tag(response, committed)
    return committed.state
