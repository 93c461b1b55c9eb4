"""Sums along the tree of units over HTTP."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.savings.access import OPEN, sees_all
from services.savings.branch import queries
from services.savings.branch.model import Told, Unit
from services.savings.branch.schemas import (
    Branches,
    BranchMonth,
    BranchSum,
    UnitName,
    branch_row,
    branch_rows,
    branch_sums,
)
from services.savings.branch.value import branches, tree_on, way_to
from services.savings.month.api import OfBeneficiary, OfCategory
from services.savings.month.schemas import ranges
from services.savings.series.schemas import words
from shared.kit.base.clock import last_day
from shared.kit.decisions.decider import missing, no_right
from shared.people.accounts import must_read
from shared.people.context import Reader
from shared.people.reads import AS_ROWS, CSV, READ, Answer, Live, as_csv, one_answer, response, wants_csv
from shared.people.span import First, Last, months_between

router = APIRouter(prefix="/v1", tags=["savings"])
OfUnit = Annotated[
    str | None,
    Query(max_length=60, description="The parts of this unit, by id; those that are part of none if omitted."),
]


@router.get("/branches", response_model=Branches, responses=READ, dependencies=AS_ROWS, openapi_extra=OPEN)
async def show_branches(
    request: Request,
    context: Reader,
    models: Live,
    first: First,
    last: Last,
    unit_id: OfUnit = None,
    category: OfCategory = None,
    beneficiary: OfBeneficiary = None,
) -> Response:
    """Show savings by the parts of a unit, month by month.

    For analysts and the personnel agency. Each part is the sum of the units below it, as the tree of units stood at the
    end of the month, and as the reader may read each of them: units whose figure is withheld are left out and counted.
    As JSON or CSV.

    Refused with 403 `all-units-only` for others, with 404 `not-found` for a unit that is not on record, with 422
    `month-order` if `to` comes before `from`, and `series-too-long`.
    """
    if not sees_all(context):
        raise no_right("all-units-only")
    must_read(context.actor, unit_id)
    asked = months_between(first, last)
    units = await queries.units(models)
    if unit_id and unit_id not in units:
        raise missing("not-found")
    of_kind = {name: one.value for name, one in (("category", category), ("beneficiary", beneficiary)) if one}
    months = []
    for month in asked:
        found = await queries.month_of(context, models, month, of_kind)
        sums = await asyncio.to_thread(_sums, units, month, unit_id, found.told)
        months.append(BranchMonth(month=month, as_of=found.as_of, parts=sums))
    if wants_csv(request):
        return response(request, Answer(as_csv(branch_row, branch_rows(months)), CSV))
    language = request.state.language
    way, said = _way(units, unit_id, last), words(language, ranges(language))
    return response(request, one_answer(Branches(way=way, months=months, words=said)))


def _sums(units: dict[str, Unit], month: str, unit_id: str | None, told: Sequence[Told]) -> list[BranchSum]:
    parts = branches(tree_on(units, last_day(month)), unit_id, told)
    return [one for part in parts for one in branch_sums(part)]


def _way(units: dict[str, Unit], unit_id: str | None, month: str) -> list[UnitName]:
    tree = tree_on(units, last_day(month))
    return [UnitName(unit_id=one, unit_name=tree[one].name) for one in way_to(tree, unit_id)]
