"""Series of months over HTTP: what each month's own answer says, in one call."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from services.savings.access import OPEN, is_agency, unit_allowed
from services.savings.month.api import (
    OfBeneficiary,
    OfCategory,
    UnitMonths,
    live_instance_month,
    live_unit_months,
    published_instance_month,
    published_unit_months,
)
from services.savings.month.document import Figures
from services.savings.month.schemas import ranges
from services.savings.series.schemas import Series, SeriesMonth, series_row, series_rows, words
from shared.contracts.savings import Beneficiary, Category
from shared.kit.base.generations import Models
from shared.people.accounts import must_read
from shared.people.context import Reader, RequestContext
from shared.people.reads import AS_ROWS, CSV, READ, Answer, Live, as_csv, one_answer, response, wants_csv
from shared.people.span import First, Last, months_between

router = APIRouter(prefix="/v1", tags=["savings"])
UNITS_MAX = 10
WHOLE = 10_000
"""More figures than ten units have in a month."""
OfUnits = Annotated[
    Annotated[list[Annotated[str, Field(max_length=60)]], Field(max_length=UNITS_MAX)] | None,
    Query(
        description=f"Figures of this unit, by id; repeat it for several, at most {UNITS_MAX}. The sums of all units "
        "if omitted."
    ),
]


@router.get("/series", response_model=Series, responses=READ, dependencies=AS_ROWS, openapi_extra=OPEN)
async def show_series(
    request: Request,
    context: Reader,
    models: Live,
    first: First,
    last: Last,
    unit_id: OfUnits = None,
    category: OfCategory = None,
    beneficiary: OfBeneficiary = None,
) -> Response:
    """Show savings month by month.

    For every employee on record the sums of all units; units by id for analysts and the personnel agency, and their own
    for other employees (403 `own-unit-only`). Each month has the figures of its own answer, `/v1/unit-months` or
    `/v1/instance-months/{month}`, as the same reader reads them: what is withheld there is withheld here. As
    JSON or CSV.

    Refused with 422 `month-order` if `to` comes before `from`, and `series-too-long`.
    """
    if not unit_id:
        must_read(context.actor, None)
    chosen = Chosen(sorted({unit_allowed(context, one) for one in unit_id or ()}), category, beneficiary)
    months = [await chosen.month(context, models, month) for month in months_between(first, last)]
    if wants_csv(request):
        return response(request, Answer(as_csv(series_row, series_rows(months)), CSV))
    language = request.state.language
    return response(request, one_answer(Series(months=months, words=words(language, ranges(language)))))


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whose figures are asked for, all units together where none is named, and of which kind."""

    units: list[str]
    category: Category | None
    beneficiary: Beneficiary | None

    async def month(self, context: RequestContext, models: Models, month: str) -> SeriesMonth:
        """A month of it, as its reader may read it."""
        if self.units:
            return await self._of_units(context, models, month)
        agency = is_agency(context)
        whole = await (live_instance_month(models, month) if agency else published_instance_month(context, month))
        return SeriesMonth(
            month=month,
            as_of=whole.as_of,
            units=[],
            instance=self._of_kind(whole.figures),
            left_out={name: n for name, n in whole.left_out.items() if self.category in (None, name)},
        )

    async def _of_units(self, context: RequestContext, models: Models, month: str) -> SeriesMonth:
        said = {"category": self.category, "beneficiary": self.beneficiary}
        of_kind = {name: value.value for name, value in said.items() if value}
        asked = UnitMonths(month, {"unit_id": {"$in": self.units}}, of_kind, None, WHOLE)
        agency = is_agency(context)
        page = await (live_unit_months(models, asked) if agency else published_unit_months(context, models, asked))
        return SeriesMonth(month=month, as_of=page.as_of, units=page.items, instance=[], left_out={})

    def _of_kind(self, found: Iterable[Figures]) -> list[Figures]:
        return [
            one
            for one in found
            if self.category in (None, one.category) and self.beneficiary in (None, one.beneficiary)
        ]
