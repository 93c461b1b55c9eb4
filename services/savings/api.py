"""What savings answers over HTTP: totals of units, of the instance and of employees, and the factors behind them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from services.savings import publications as published
from services.savings import queries, restated
from services.savings.answers import (
    Completeness,
    Digest,
    EmployeeMonth,
    InstanceMonth,
    Restatement,
    UnitMonth,
    completeness,
    completeness_row,
    employee_month,
    employee_month_row,
    restatement,
    restatement_row,
    unit_month,
    unit_month_row,
)
from services.savings.decide import PublishFactorSet
from services.savings.entries import TAGS
from services.savings.figures import figures
from services.savings.net import digest
from services.savings.publishing import publish
from services.savings.reading import is_agency, units_asked, whose
from shared.contracts.organisation import Role
from shared.contracts.savings import Beneficiary, Category, FactorSetPublished
from shared.kit import generations
from shared.kit.bodies import sent, takes
from shared.kit.calls import Caller, Commander, tag
from shared.kit.decider import Document
from shared.kit.fields import Cursor, Moment, Month, PageSize
from shared.kit.pages import Page, PublishedPage, cursor_of, place_of
from shared.kit.problems import documented
from shared.kit.reads import READ, READ_ONE, Live, answer, answer_page

router = APIRouter(prefix="/v1", tags=["savings"])
Period = Annotated[Month, Query(description="YYYY-MM")]
UnitId = Annotated[str | None, Query(max_length=60)]


@router.get("/unit-months", response_model=PublishedPage[UnitMonth], responses=READ)
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
    """Units of a month with their savings: all for analysts and the personnel agency, your own otherwise. The agency
    reads what is so now; others read the month as it was last published, when it is over, without figures of few."""
    where = units_asked(call, unit_id)
    chosen = {"category": category, "beneficiary": beneficiary, "factor_set_id": factor_set_id}
    where |= {name: str(value) for name, value in chosen.items() if value}
    if not is_agency(call):
        found = await published.figures(call, month, where, cursor, limit)
        names = await queries.unit_names(models, {one["unit_id"] for one in found.rows}, month)
        shown = [unit_month(one, names, one.get("people"), withheld=not found.sees(one)) for one in found.rows]
        page = PublishedPage[UnitMonth](items=shown, next_cursor=found.next_cursor, as_of=found.as_of)
        return answer_page(request, page, unit_month_row)
    where |= {"month": month, "days": {"$gt": 0}}
    if place := place_of(cursor):
        where["_id"] = {"$gt": place[0]}
    totals = await models["unit_months"].find(where).sort("_id", 1).limit(limit).to_list()
    people = await queries.people(models, month)
    names = await queries.unit_names(models, {one["unit_id"] for one in totals}, month)
    items = [unit_month(one, names, people.of(one)) for one in totals]
    next_cursor = cursor_of(totals[-1]["_id"]) if len(totals) == limit else None
    return answer_page(request, PublishedPage[UnitMonth](items=items, next_cursor=next_cursor), unit_month_row)


@router.get("/instance-months/{month}", response_model=InstanceMonth, responses=READ_ONE)
async def show_instance_month(request: Request, call: Caller, models: Live, month: Month) -> Response:
    """What all units saved in a month, each category and beneficiary for itself: summed now for the personnel agency,
    and for others from the units as they were last published."""
    if is_agency(call):
        totals = await queries.sums(models, month)
        shown = InstanceMonth(month=month, as_of=None, figures=[figures(total) for total in totals], left_out={})
    else:
        shown = await published.instance_month(call, month)
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


@router.get("/completeness", response_model=PublishedPage[Completeness], responses=READ)
async def list_completeness(
    request: Request,
    call: Caller,
    models: Live,
    month: Period,
    unit_id: UnitId = None,
    cursor: Cursor | None = None,
    limit: PageSize = 100,
) -> Response:
    """What the unit-months of a month lack to be complete: outputs not verified, data that nobody has given. Now for
    the personnel agency; for others as it was last published, where it is not about few."""
    where = units_asked(call, unit_id)
    as_of = None
    if is_agency(call):
        where["month"] = month
        if place := place_of(cursor):
            where["_id"] = {"$gt": place[0]}
        found = await models["completeness"].find(where).sort("_id", 1).limit(limit).to_list()
        next_cursor = cursor_of(found[-1]["_id"]) if len(found) == limit else None
    else:
        found, next_cursor, as_of = await published.completeness(call, month, where, cursor, limit)
    names = await queries.unit_names(models, {one["unit_id"] for one in found}, month)
    items = [completeness(one, names) for one in found]
    page = PublishedPage[Completeness](items=items, next_cursor=next_cursor, as_of=as_of)
    return answer_page(request, page, completeness_row)


@router.get("/restatements", response_model=Page[Restatement], responses=READ)
async def list_restatements(
    request: Request,
    call: Caller,
    models: Live,
    month: Period,
    since: Annotated[Moment, Query(description="The moment that the figures are compared with (RFC 3339)")],
    cursor: Cursor | None = None,
    limit: PageSize = 100,
) -> Response:
    """How the unit-months of a month have changed since a moment, through late events, corrections of the reference
    data or new factors. For the personnel agency, up to now; for analysts, between what was published at that moment,
    or first, and what is published now."""
    call.must_have(Role.PERSONNEL_AGENCY, Role.ANALYST)
    if is_agency(call):
        found = await restated.restated(models, month, since)
    else:
        found = await published.restatements(call, month, since)
    found.sort(key=_place)
    if place := place_of(cursor):
        found = [one for one in found if _place(one) > place[0]]
    following = cursor_of(_place(found[limit - 1])) if len(found) > limit else None
    names = await queries.unit_names(models, {one["unit_id"] for one in found[:limit]}, month)
    page = Page[Restatement](items=[restatement(one, names, month) for one in found[:limit]], next_cursor=following)
    return answer_page(request, page, restatement_row)


def _place(found: Document) -> str:
    """Where a restatement stands among the others."""
    return "|".join(str(found[name]) for name in TAGS)


@router.get("/digest", response_model=Digest)
async def show_digest(call: Caller) -> Digest:
    """One hash over all net positions, to compare with a rebuild or with another fold over the same log. It moves with
    every day of everybody."""
    call.must_have(Role.PERSONNEL_AGENCY)
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
