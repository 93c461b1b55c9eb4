"""Totals over HTTP: of units, of the instance and of employees, with the factors behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.savings.access import OPEN, factor_sets_of, is_agency, unit_allowed, units_asked, whose
from services.savings.category.value import FORMULAS
from services.savings.ledger.document import totals_of
from services.savings.ledger.model import Total
from services.savings.ledger.value import digest
from services.savings.month import queries
from services.savings.month.document import figures
from services.savings.month.schemas import (
    Completeness,
    Digest,
    EmployeeMonth,
    InstanceMonth,
    UnitMonth,
    UnitMonthExplained,
    completeness,
    completeness_row,
    employee_month,
    employee_month_row,
    ranges,
    unit_month,
    unit_month_row,
    vehicle_share,
)
from services.savings.publication import queries as published
from services.savings.unit_month.queries import completeness_page, shown_totals, totals_page, unit_months
from shared.contracts.organisation import Role
from shared.contracts.savings import Beneficiary, Category
from shared.kit.base import generations
from shared.kit.base.generations import Models
from shared.kit.decisions.decider import Document, missing
from shared.kit.web.fields import Cursor, PageSize
from shared.kit.web.pages import Page, PublishedPage
from shared.people.accounts import must_read
from shared.people.again import Versioned
from shared.people.context import Reader, RequestContext
from shared.people.parameters import MonthPath, MonthQuery, UnitPath, UnitQuery
from shared.people.published import Reading
from shared.people.reads import (
    AS_ROWS,
    READ,
    READ_ONE,
    Answer,
    Live,
    Version,
    of_publication,
    of_version,
    one_answer,
    page_answer,
    page_response,
)

router = APIRouter(prefix="/v1", tags=["savings"], route_class=Versioned)
explained = APIRouter(prefix="/v1", tags=["explain"], route_class=Versioned)
OfEmployee = Annotated[str | None, Query(max_length=60, description="Only this employee, by id; yourself if omitted.")]
OfCategory = Annotated[Category | None, Query(description="Only this category.")]
OfBeneficiary = Annotated[Beneficiary | None, Query(description="Only savings of this beneficiary.")]
OfFactorSet = Annotated[
    str | None, Query(max_length=60, description="Only figures computed with this factor set, by id.")
]


@router.get(
    "/unit-months", response_model=PublishedPage[UnitMonth], responses=READ, dependencies=AS_ROWS, openapi_extra=OPEN
)
async def list_unit_months(
    request: Request,
    context: Reader,
    models: Live,
    month: MonthQuery,
    unit_id: UnitQuery = None,
    category: OfCategory = None,
    beneficiary: OfBeneficiary = None,
    factor_set_id: OfFactorSet = None,
    cursor: Cursor = None,
    limit: PageSize = 100,
) -> Response:
    """List savings by unit and month.

    For analysts and the personnel agency, all units; for other employees, their own (403 `own-unit-only`). The agency
    reads current figures; others read the month as it was last published, once it is over, without figures about fewer
    than five people. In pages, as JSON or CSV.
    """
    where = units_asked(context, unit_id)
    chosen = {"category": category, "beneficiary": beneficiary, "factor_set_id": factor_set_id}
    of_kind = {name: str(value) for name, value in chosen.items() if value}
    asked = UnitMonths(month, where, of_kind, cursor, limit)
    if not is_agency(context):

        async def as_published(_: Reading | None) -> Answer:
            return page_answer(request, await published_unit_months(context, models, asked), unit_month_row)

        return await of_publication(request, context, models, month, as_published)

    async def build(_: Version) -> Answer:
        return page_answer(request, await live_unit_months(models, asked), unit_month_row)

    return await of_version(request, context, models, month, build)


@dataclass(frozen=True, slots=True)
class UnitMonths:
    """Which figures of units are asked for: of a month, of some units, of some kinds."""

    month: str
    where: Document
    of_kind: dict[str, str]
    cursor: str | None
    limit: int


async def published_unit_months(context: RequestContext, models: Models, asked: UnitMonths) -> PublishedPage[UnitMonth]:
    """The figures as the reader may read what was last published."""
    found = await published.figures(context, asked.month, asked.where | asked.of_kind, asked.cursor, asked.limit)
    told = list(zip(found.rows, totals_of(found.rows), strict=True))
    names = await queries.unit_names(models, {total.unit_id for _, total in told}, asked.month)
    shown = [unit_month(of, names, row.get("people"), withheld=not found.sees(row)) for row, of in told]
    return PublishedPage[UnitMonth](items=shown, next_cursor=found.next_cursor, as_of=found.as_of)


async def live_unit_months(models: Models, asked: UnitMonths) -> PublishedPage[UnitMonth]:
    """The figures as they are now."""
    where = asked.where | {"month": asked.month}
    live, following = await totals_page(models, where, asked.of_kind, asked.cursor, asked.limit)
    totals = totals_of(live)
    names = await queries.unit_names(models, {total.unit_id for total in totals}, asked.month)
    items = [unit_month(total, names, one["about"]) for one, total in zip(live, totals, strict=True)]
    return PublishedPage[UnitMonth](items=items, next_cursor=following)


@router.get("/instance-months/{month}", response_model=InstanceMonth, responses=READ_ONE, openapi_extra=OPEN)
async def show_instance_month(request: Request, context: Reader, models: Live, month: MonthPath) -> Response:
    """Show what all units saved in a month.

    For every employee on record. The personnel agency reads current sums; others read sums of what was last published,
    nothing before the month is over. Units whose figure is withheld are left out and counted in `left_out`.
    """
    must_read(context.actor, None)
    if not is_agency(context):

        async def as_published(_: Reading | None) -> Answer:
            return one_answer(await published_instance_month(context, month))

        return await of_publication(request, context, models, month, as_published)

    async def build(_: Version) -> Answer:
        return one_answer(await live_instance_month(models, month))

    return await of_version(request, context, models, month, build)


async def live_instance_month(models: Models, month: str) -> InstanceMonth:
    """All units together, as they are now."""
    shown = [figures(total) for total in await queries.sums(models, month)]
    return InstanceMonth(month=month, as_of=None, figures=shown, left_out={})


async def published_instance_month(context: RequestContext, month: str) -> InstanceMonth:
    """All units together, as the reader may read what was last published."""
    return instance_month(month, await published.reading_of(context, month))


def instance_month(month: str, reading: Reading | None) -> InstanceMonth:
    """All units together, of a publication. Of a figure that is withheld, all units are left out."""
    if reading is None:
        return InstanceMonth(month=month, as_of=None, figures=[], left_out={})
    left_out: dict[str, int] = {}
    for one in reading.sums:
        if not reading.sees(one):
            left_out[one["category"]] = left_out.get(one["category"], 0) + one["units"]
    seen = totals_of(one for one in reading.sums if reading.sees(one))
    shown = [figures(total) for total in seen]
    return InstanceMonth(month=month, as_of=reading.as_of, figures=shown, left_out=left_out)


@router.get("/employee-months", response_model=Page[EmployeeMonth], responses=READ, dependencies=AS_ROWS)
async def list_employee_months(
    request: Request,
    context: Reader,
    models: Live,
    month: MonthQuery,
    employee_id: OfEmployee = None,
    cursor: Cursor = None,
    limit: PageSize = 100,
) -> Response:
    """List savings by employee and month.

    For every employee on record: your own; anybody's for the personnel agency. In pages, as JSON or CSV.

    Refused with 404 `not-found` for another employee.
    """
    where: Document = {"month": month, **whose(context, employee_id)}
    found, following = await queries.employee_months_page(models, where, cursor, limit)
    page = Page[EmployeeMonth](items=[employee_month(one) for one in totals_of(found)], next_cursor=following)
    return page_response(request, page, employee_month_row)


@router.get(
    "/completeness",
    response_model=PublishedPage[Completeness],
    responses=READ,
    dependencies=AS_ROWS,
    openapi_extra=OPEN,
)
async def list_completeness(
    request: Request,
    context: Reader,
    models: Live,
    month: MonthQuery,
    unit_id: UnitQuery = None,
    cursor: Cursor = None,
    limit: PageSize = 100,
) -> Response:
    """List what unit-months lack to be complete.

    For analysts and the personnel agency, all units; for other employees, their own (403 `own-unit-only`). The agency
    reads current figures; others read what was last published, without what is about fewer than five people. In pages,
    as JSON or CSV.
    """
    where = units_asked(context, unit_id)

    async def shown(found: Sequence[Document], next_cursor: str | None, as_of: datetime | None = None) -> Answer:
        names = await queries.unit_names(models, {one["unit_id"] for one in found}, month)
        items = [completeness(one, names) for one in found]
        page = PublishedPage[Completeness](items=items, next_cursor=next_cursor, as_of=as_of)
        return page_answer(request, page, completeness_row)

    async def build(_: Version) -> Answer:
        return await shown(*await completeness_page(models, {**where, "month": month}, cursor, limit))

    async def as_published(_: Reading | None) -> Answer:
        return await shown(*await published.completeness(context, month, where, cursor, limit))

    if is_agency(context):
        return await of_version(request, context, models, month, build)
    return await of_publication(request, context, models, month, as_published)


@router.get("/digest", response_model=Digest)
async def show_digest(context: Reader) -> Digest:
    """Show a hash over all net positions.

    For the personnel agency, since it moves with every day of everybody. Compare it with that of a rebuild, or of
    another fold over the same events.
    """
    context.must_have(Role.PERSONNEL_AGENCY)
    generation = await generations.live(context.db)
    positions = await queries.positions(generations.of(context.db, generation))
    return Digest(digest=digest(positions), positions=len(positions), generation=generation)


@explained.get(
    "/unit-months/{unit_id}/{month}", response_model=UnitMonthExplained, responses=READ_ONE, openapi_extra=OPEN
)
async def explain_unit_month(
    request: Request, context: Reader, models: Live, unit_id: UnitPath, month: MonthPath
) -> Response:
    """Explain a unit's figures of a month.

    For analysts and the personnel agency, any unit; for other employees, their own (403 `own-unit-only`). The agency
    reads current figures with vehicles and days; others read what was last published.

    Refused with 404 `not-found` if there is no figure that you may see.
    """
    unit_allowed(context, unit_id)

    async def live(_: Version) -> Answer:
        found = await unit_months(models, {"unit_id": unit_id, "month": month})
        totals = totals_of(total for one in found for total in shown_totals(one))
        explained = await _explained(request, context, models, unit_id, month, totals)
        vehicles = [vehicle_share(part) for part in await queries.by_vehicle(models, unit_id, month)]
        days = f"/v1/days?month={month}&unit_id={unit_id}"
        of_the_agency = {"people": sum(one.realised for one in found), "by_vehicle": vehicles, "days": days}
        return one_answer(explained.model_copy(update=of_the_agency))

    async def as_published(_: Reading | None) -> Answer:
        found = await published.figures(context, month, {"unit_id": unit_id})
        totals = totals_of(one for one in found.rows if found.sees(one))
        shown = await _explained(request, context, models, unit_id, month, totals)
        return one_answer(shown.model_copy(update={"as_of": found.as_of}))

    if is_agency(context):
        return await of_version(request, context, models, month, live)
    return await of_publication(request, context, models, month, as_published)


async def _explained(
    request: Request, context: RequestContext, models: Models, unit_id: str, month: str, totals: Sequence[Total]
) -> UnitMonthExplained:
    """What anybody reads who may see the figures. Raises `Refused` where there are none."""
    if not totals:
        raise missing("not-found")
    return UnitMonthExplained(
        unit_id=unit_id,
        unit_name=(await queries.unit_names(models, {unit_id}, month)).get(unit_id, unit_id),
        month=month,
        as_of=None,
        people=None,
        figures=[figures(total) for total in totals],
        formulas={total.category.value: FORMULAS[total.category] for total in totals},
        ranges={total.category.value: ranges(request.state.language)[total.category] for total in totals},
        factor_sets=await factor_sets_of(context, {total.factor_set_id for total in totals}),
        by_vehicle=None,
        days=None,
    )
