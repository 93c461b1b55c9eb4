"""Days of units and buildings over HTTP: zones that were closed, and electricity that was not drawn."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.savings.ledger import model as ledger
from services.savings.ledger.document import amounts_document
from services.savings.ledger.model import BOUNDS, plus
from services.savings.month.document import Amounts, amounts, flat
from services.savings.presence import BUILDING, Building
from services.savings.unit_day import model
from services.savings.unit_day.document import day_of
from services.savings.unit_day.model import Position
from services.savings.unit_day.schemas import UnitDay, unit_day, unit_day_row
from shared.contracts.organisation import Role, as_of
from shared.contracts.savings import Category
from shared.kit.decisions.decider import Document, missing
from shared.kit.web.fields import Cursor, PageSize
from shared.kit.web.pages import Page, find_page
from shared.kit.web.schemas import Schema
from shared.people.context import Reader
from shared.people.parameters import MonthQuery, UnitQuery
from shared.people.reads import AS_ROWS, READ, Live, page_response, table

router = APIRouter(prefix="/v1", tags=["explain"])
SIDES = (("zones_closed", True), ("zones_open", False))


class ZoneDay(Schema):
    """A zone of a building on a day."""

    zone: str
    """Code of the zone."""

    load_watt_hours: int
    """Electricity that it draws on a working day when open, in watt hours."""

    closed: bool
    """True if everybody who belongs in it was away."""


class BuildingDay(Schema):
    """A building on a day on which somebody who belongs in it was away."""

    building_id: str
    """The building."""

    day: date
    """The day."""

    base_watt_hours: int
    """Electricity that it draws on a working day with all zones closed, in watt hours."""

    zones: list[ZoneDay]
    """Its zones."""

    away: int
    """People who were away."""

    saved: Amounts
    """Electricity that was saved by closed zones and by people who were away."""

    range: str
    """Origin of the range of `saved`: `worst-with-worst`, the ends of all factors together; `none`, prices alone."""


@router.get("/unit-days", response_model=Page[UnitDay], responses=READ, dependencies=AS_ROWS)
async def list_unit_days(
    request: Request,
    context: Reader,
    models: Live,
    month: MonthQuery,
    unit_id: UnitQuery = None,
    building_id: Annotated[
        str | None, Query(max_length=60, description="Only units seated in this building, by id.")
    ] = None,
    cursor: Cursor = None,
    limit: PageSize = 100,
) -> Response:
    """List unit days with their buildings' electricity.

    For the personnel agency, since a day may be about few people. In pages, as JSON or CSV.
    """
    context.must_have(Role.PERSONNEL_AGENCY)
    where: Document = {"day": {"$regex": f"^{month}-"}}
    where |= {"unit_id": unit_id} if unit_id else {}
    where |= {"building_id": building_id} if building_id else {}
    found, following = await find_page(models["unit_days"], where, cursor, limit)
    items = [unit_day(day_of(one), request.state.language) for one in found]
    page = Page[UnitDay](items=items, next_cursor=following)
    return page_response(request, page, unit_day_row)


@router.get("/building-days", response_model=Page[BuildingDay], responses=READ, dependencies=AS_ROWS)
async def list_building_days(
    request: Request,
    context: Reader,
    models: Live,
    building_id: Annotated[str, Query(max_length=60, description="The building, by id.")],
    month: MonthQuery,
) -> Response:
    """List a building's days of a month.

    For the personnel agency, since a day may be about few people. All days on which somebody was away, in one page, as
    JSON or CSV.

    Refused with 404 `not-found` for an unknown building.
    """
    context.must_have(Role.PERSONNEL_AGENCY)
    building = await models["buildings"].find_one({"_id": building_id})
    if building is None:
        raise missing("not-found")
    where = {"building_id": building_id, "day": {"$regex": f"^{month}-"}, "position": {"$ne": None}}
    found = await models["unit_days"].find(where).sort([("day", 1), ("_id", 1)]).to_list()
    days = building_days(building_id, BUILDING.validate_python(building), map(day_of, found))
    return page_response(request, Page(items=days, next_cursor=None), _row)


def building_days(building_id: str, building: Building, unit_days: Iterable[model.UnitDay]) -> list[BuildingDay]:
    """A building's days, put together from those of the units that sat in it."""
    by_day: dict[str, list[Position]] = {}
    for one in unit_days:
        if one.position:
            by_day.setdefault(one.day, []).append(one.position)
    return [
        _building_day(building_id, building, date.fromisoformat(day), units) for day, units in sorted(by_day.items())
    ]


def _building_day(building_id: str, building: Building, day: date, positions: Sequence[Position]) -> BuildingDay:
    surveyed = as_of(building.history, day)
    entries = [entry for position in positions for entry in position.entries]
    electricity = [entry for entry in entries if entry.category is Category.OFFICE_ELECTRICITY]
    closed = {entry.inputs["zone"] for entry in electricity if entry.inputs["zone_closed"]}
    saved: ledger.Amounts = {unit: dict.fromkeys(BOUNDS, 0) for unit in ("watt_hours", "sen")}
    for entry in electricity:
        saved = plus(saved, amounts_document(entry.amounts))
    return BuildingDay(
        building_id=building_id,
        day=day,
        base_watt_hours=surveyed.base_watt_hours if surveyed else 0,
        zones=[
            ZoneDay(zone=one.zone, load_watt_hours=one.load_watt_hours, closed=one.zone in closed)
            for one in (surveyed.zones if surveyed else ())
        ],
        away=sum(position.away for position in positions),
        saved=amounts(saved),
        range=next((entry.range for entry in electricity), "none"),
    )


@table("building_id", "day", "base_watt_hours", "away", "range", *(name for name, _ in SIDES), *flat(None))
def _row(item: BuildingDay) -> Document:
    zones = {name: " ".join(zone.zone for zone in item.zones if zone.closed is shut) for name, shut in SIDES}
    cells = item.model_dump(include={"building_id", "day", "base_watt_hours", "away", "range"})
    return cells | zones | flat(item.saved)
