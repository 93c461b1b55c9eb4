"""Factor sets over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from services.savings.factor_set.commands import publish, shipped
from services.savings.factor_set.decide import PublishFactorSet
from services.savings.factor_set.queries import all_sets
from shared.contracts.organisation import FigureKind, Role
from shared.contracts.savings import FactorSetPublished
from shared.kit.web.bodies import sent, takes
from shared.kit.web.pages import Page
from shared.kit.web.problems import PUBLISHED, documented
from shared.people.accounts import figures_of
from shared.people.context import Reader, Writer, set_etag

router = APIRouter(prefix="/v1", tags=["savings"])


@router.get("/factor-sets", openapi_extra=figures_of(FigureKind.SAVINGS))
async def list_factor_sets(context: Reader) -> Page[FactorSetPublished]:
    """List all factor sets.

    For every employee on record. In order of `effective_from`. A set is in force from that day until the day of the
    next one; of two for one day, the one that names the other in `corrects` holds. The list is not paged.
    """
    return Page(
        items=sorted(await all_sets(context.db), key=lambda factors: (factors.effective_from, factors.factor_set_id))
    )


@router.post(
    "/factor-sets",
    status_code=201,
    responses=documented(409, 413) | PUBLISHED,
    openapi_extra=takes(PublishFactorSet, shipped()[0]),
)
async def publish_factor_set(
    response: Response, context: Writer, body: Annotated[PublishFactorSet, Depends(sent(PublishFactorSet))]
) -> FactorSetPublished:
    """Publish a factor set.

    For the personnel agency. The ranges are drawn once, and the set never changes. Days from `effective_from` on are
    computed anew, and the differences are posted to the ledger. For a day that has a set, `corrects` names it.

    Refused with `factor-set-published` (409) if the id is in use; with 422 `same-day`, `corrects-unknown`,
    `corrects-other-day` or `corrects-corrected` if the day's set is not named rightly; and with `range-order`,
    `vehicle-twice`, `price-twice`, `tariff-twice`, `allowance-twice`, `budget-line-twice` or `budget-line-missing`.
    """
    context.must_have(Role.PERSONNEL_AGENCY)
    committed = await publish(context.db, body, context.origin())
    set_etag(response, committed)
    return committed.state
