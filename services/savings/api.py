"""What savings answers over HTTP: totals, days, rows, and how each figure came about."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import ConfigDict, Field, StringConstraints

from services.savings import disclosure, queries
from services.savings.answers import (
    DayExplained,
    DayShown,
    Digest,
    EmployeeMonth,
    InstanceMonth,
    Posting,
    Told,
    UnitMonth,
    UnitMonthExplained,
    VehicleShare,
    day_row,
    day_shown,
    posting,
    posting_row,
    unit_month,
    unit_month_row,
)
from services.savings.decide import PublishFactorSet, factor_sets
from services.savings.figures import figures, flat
from services.savings.net import digest
from shared.contracts.organisation import Fuel, Role
from shared.contracts.savings import FactorSetPublished, FuelEconomy, FuelPrice, Rebound
from shared.contracts.values import Identifier
from shared.kit import log
from shared.kit.calls import Body, Call, Caller, Commander, Page, cursor_of, place_of, sent, tag, takes
from shared.kit.decider import Document, missing, no_right
from shared.kit.fields import Cursor, Day, Month, PageSize
from shared.kit.problems import documented
from shared.kit.reads import DOCUMENTED, answer, answer_page

router = APIRouter(prefix="/v1", tags=["savings"])
READ = {**documented(404), **DOCUMENTED}
FORMULA = "(round trip - way to another place) km / occupants / km per litre x (1 - rebound) = litres; x price = rupiah"
Period = Annotated[Month, Query(description="YYYY-MM")]


class FactorSetBody(Body):
    """Factors and prices to compute with from a day on."""

    model_config = ConfigDict(strict=True)

    factor_set_id: Identifier
    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    effective_from: date
    rebound: Rebound
    fuel_economy: Annotated[list[FuelEconomy], Field(max_length=5)]
    default_fuel: Fuel
    prices: Annotated[list[FuelPrice], Field(min_length=1, max_length=1000)]
    seed: Annotated[int, Field(ge=0, le=2**31)]
    draws: Annotated[int, Field(ge=1000, le=100_000)] = 20_000
    low_percentile: Annotated[int, Field(ge=1, le=49)] = 10
    high_percentile: Annotated[int, Field(ge=51, le=99)] = 90


@router.get("/unit-months", response_model=Page[UnitMonth], responses=READ)
async def list_unit_months(
    request: Request,
    call: Caller,
    month: Period,
    unit_id: Annotated[str | None, Query(max_length=60)] = None,
    factor_set_id: Annotated[str | None, Query(max_length=60)] = None,
    cursor: Cursor | None = None,
    limit: PageSize = 100,
) -> Response:
    """Units of a month with their savings: all for analysts and the personnel agency, your own otherwise."""
    where: Document = {"month": month, "days": {"$gt": 0}}
    if unit_id or not _sees_all(call):
        where["unit_id"] = _unit_allowed(call, unit_id)
    if factor_set_id:
        where["factor_set_id"] = factor_set_id
    if place := place_of(cursor):
        where["_id"] = {"$gt": place[0]}
    found = await call.db.unit_months.find(where).sort("_id", 1).limit(limit).to_list()
    hidden, people = await queries.withheld(call.db, month)
    names = await queries.unit_names(call.db, {one["unit_id"] for one in found}, month)
    shown_all = call.actor.has(Role.PERSONNEL_AGENCY)
    items = [unit_month(one, names, people, withheld=one["unit_id"] in hidden and not shown_all) for one in found]
    next_cursor = cursor_of(found[-1]["_id"]) if len(found) == limit else None
    return answer_page(request, Page[UnitMonth](items=items, next_cursor=next_cursor), unit_month_row)


@router.get("/unit-months/{unit_id}/{month}", response_model=UnitMonthExplained, responses=READ)
async def explainunit_month(request: Request, call: Caller, unit_id: str, month: Month) -> Response:
    """How a unit's figures of a month came about: formula, factors, and for the personnel agency the days."""
    if not _sees_all(call):
        _unit_allowed(call, unit_id)
    agency = call.actor.has(Role.PERSONNEL_AGENCY)
    hidden, people = await queries.withheld(call.db, month)
    totals = await call.db.unit_months.find({"unit_id": unit_id, "month": month, "days": {"$gt": 0}}).to_list()
    if not totals or (unit_id in hidden and not agency):
        raise missing("not-found")
    sets = await _factor_sets(call, {total["factor_set_id"] for total in totals})
    parts = await queries.by_vehicle(call.db, unit_id, month) if agency else []
    explained = UnitMonthExplained(
        unit_id=unit_id,
        unit_name=(await queries.unit_names(call.db, {unit_id}, month)).get(unit_id, unit_id),
        month=month,
        people=people.get(unit_id, 0),
        figures=[figures(total) for total in totals],
        formula=FORMULA,
        factor_sets=sets,
        by_vehicle=[VehicleShare(**part) for part in parts] if agency else None,
        days=f"/v1/days?month={month}&unit_id={unit_id}" if agency else None,
    )
    return answer(request, explained.model_dump_json().encode(), "application/json")


@router.get("/instance-months/{month}", response_model=InstanceMonth, responses=READ)
async def show_instance_month(request: Request, call: Caller, month: Month) -> Response:
    """What all units saved in a month, summed now."""
    hidden, people = await queries.withheld(call.db, month)
    few = sum(people.values()) < disclosure.PEOPLE_MIN and not call.actor.has(Role.PERSONNEL_AGENCY)
    left_out = hidden if few else set()
    totals = await queries.sums(call.db, month, left_out)
    shown = InstanceMonth(month=month, units_left_out=len(left_out), figures=[figures(total) for total in totals])
    return answer(request, shown.model_dump_json().encode(), "application/json")


@router.get("/employee-months", response_model=Page[EmployeeMonth], responses=READ)
async def list_employee_months(
    request: Request,
    call: Caller,
    month: Period,
    employee_id: Annotated[str | None, Query(max_length=60)] = None,
    cursor: Cursor | None = None,
    limit: PageSize = 100,
) -> Response:
    """Your own savings of a month; anybody's for the personnel agency."""
    where: Document = {"month": month, "days": {"$gt": 0}, **_whose(call, employee_id)}
    if place := place_of(cursor):
        where["_id"] = {"$gt": place[0]}
    found = await call.db.employee_months.find(where).sort("_id", 1).limit(limit).to_list()
    items = [
        EmployeeMonth(employee_id=one["employee_id"], unit_id=one["unit_id"], month=month, figures=figures(one))
        for one in found
    ]
    next_cursor = cursor_of(found[-1]["_id"]) if len(found) == limit else None
    return answer_page(
        request,
        Page[EmployeeMonth](items=items, next_cursor=next_cursor),
        lambda item: {"employee_id": item.employee_id, "unit_id": item.unit_id, "month": month, **flat(item.figures)},
    )


@router.get("/days", response_model=Page[DayShown], responses=READ)
async def list_days(
    request: Request,
    call: Caller,
    month: Period,
    employee_id: Annotated[str | None, Query(max_length=60)] = None,
    unit_id: Annotated[str | None, Query(max_length=60, description="For the personnel agency")] = None,
    cursor: Cursor | None = None,
    limit: PageSize = 100,
) -> Response:
    """Your own days of a month, realised or lacking something; anybody's for the personnel agency."""
    where: Document = {"day": {"$regex": f"^{month}-"}, **_whose(call, employee_id)}
    if unit_id:
        call.must_have(Role.PERSONNEL_AGENCY)
        where["position.unit_id"] = unit_id
    if place := place_of(cursor):
        where["_id"] = {"$gt": place[0]}
    found = await call.db.days.find(where).sort("_id", 1).limit(limit).to_list()
    next_cursor = cursor_of(found[-1]["_id"]) if len(found) == limit else None
    page = Page[DayShown](items=[day_shown(one) for one in found], next_cursor=next_cursor)
    return answer_page(request, page, day_row)


@router.get("/days/{employee_id}/{day}", response_model=DayExplained, responses=READ)
async def explainday_shown(request: Request, call: Caller, employee_id: str, day: Day) -> Response:
    """How a day's figure came about: formula, figures, factors, events, rows. Your own, or for the personnel agency."""
    if employee_id != call.actor.employee_id and not call.actor.has(Role.PERSONNEL_AGENCY):
        raise missing("not-found")
    found = await call.db.days.find_one({"_id": f"{employee_id}:{day}"})
    if not found:
        raise missing("not-found")
    position = found["position"]
    sets = await _factor_sets(call, {position["factor_set_id"]} if position else set())
    rows = await call.db.postings.find({"day_id": found["_id"]}).sort("_id", 1).to_list()
    explained = DayExplained(
        **day_shown(found).model_dump(),
        formula=FORMULA,
        inputs=position["inputs"] if position else None,
        factors=sets[0] if sets else None,
        events=[Told(**told) for told in found["events"]],
        postings=[posting(row) for row in rows],
    )
    return answer(request, explained.model_dump_json().encode(), "application/json")


@router.get("/postings", response_model=Page[Posting], responses=READ)
async def list_postings(
    request: Request,
    call: Caller,
    month: Period,
    employee_id: Annotated[str | None, Query(max_length=60)] = None,
    cursor: Cursor | None = None,
    limit: PageSize = 100,
) -> Response:
    """Rows of the savings log for days of a month: your own; anybody's for the personnel agency."""
    where: Document = {"day": {"$regex": f"^{month}-"}, **_whose(call, employee_id)}
    if place := place_of(cursor):
        where["_id"] = {"$gt": place[0]}
    found = await call.db.postings.find(where).sort("_id", 1).limit(limit).to_list()
    next_cursor = cursor_of(found[-1]["_id"]) if len(found) == limit else None
    page = Page[Posting](items=[posting(row) for row in found], next_cursor=next_cursor)
    return answer_page(request, page, posting_row)


@router.get("/digest", response_model=Digest)
async def show_digest(call: Caller) -> Digest:
    """One hash over all net positions, to compare with a rebuild or with another fold over the same log."""
    call.must_have(Role.PERSONNEL_AGENCY, Role.ANALYST)
    held = call.db.days.find({"position": {"$ne": None}}, {"position": 1})
    positions = [(day["_id"], day["position"]) async for day in held]
    return Digest(digest=digest(positions), positions=len(positions))


@router.get("/factor-sets")
async def list_factor_sets(call: Caller) -> Page[FactorSetPublished]:
    """Every factor set, oldest first: each is in force from its day until the next one's."""
    sets = [FactorSetPublished.model_validate(one, strict=False) async for one in call.db.factor_sets.find({})]
    return Page(items=sorted(sets, key=lambda factors: factors.effective_from))


@router.post("/factor-sets", status_code=201, responses=documented(409, 413), openapi_extra=takes(FactorSetBody))
async def publish_factor_set(
    response: Response, call: Commander, body: Annotated[FactorSetBody, Depends(sent(FactorSetBody))]
) -> FactorSetPublished:
    """Put factors and prices in force from a day on. Days from then on are computed anew."""
    call.must_have(Role.PERSONNEL_AGENCY)
    fields = {name: getattr(body, name) for name in type(body).model_fields}
    command = PublishFactorSet(**fields | {"fuel_economy": tuple(body.fuel_economy), "prices": tuple(body.prices)})
    committed = await log.transact(call.db, factor_sets, body.factor_set_id, command, call.origin())
    tag(response, committed)
    return committed.state


def _sees_all(call: Call) -> bool:
    return call.actor.has(Role.PERSONNEL_AGENCY) or call.actor.has(Role.ANALYST)


def _unit_allowed(call: Call, unit_id: str | None) -> str:
    own = call.actor.terms.unit_id
    if _sees_all(call):
        return unit_id or own
    if unit_id not in (None, own):
        raise no_right("own-unit-only")
    return own


def _whose(call: Call, employee_id: str | None) -> Document:
    """Others' records are for the personnel agency, which sees everybody's when it names nobody."""
    if call.actor.has(Role.PERSONNEL_AGENCY):
        return {"employee_id": employee_id} if employee_id else {}
    if employee_id not in (None, call.actor.employee_id):
        raise missing("not-found")
    return {"employee_id": call.actor.employee_id}


async def _factor_sets(call: Call, ids: set[str]) -> list[FactorSetPublished]:
    found = call.db.factor_sets.find({"_id": {"$in": sorted(ids)}})
    return [FactorSetPublished.model_validate(one, strict=False) async for one in found]
