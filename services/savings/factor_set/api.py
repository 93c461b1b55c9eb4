"""What savings answers over HTTP of the factors behind its figures."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from services.savings.factor_set.commands import publish
from services.savings.factor_set.decide import PublishFactorSet
from services.savings.factor_set.queries import all_sets
from shared.contracts.organisation import Role
from shared.contracts.savings import FactorSetPublished
from shared.kit.web.bodies import sent, takes
from shared.kit.web.pages import Page
from shared.kit.web.problems import documented
from shared.people.context import Reader, Writer, tag

router = APIRouter(prefix="/v1", tags=["savings"])


@router.get("/factor-sets")
async def list_factor_sets(call: Reader) -> Page[FactorSetPublished]:
    """Every factor set, oldest first: each is in force from its day until the next one's, but for those that another
    corrects."""
    return Page(
        items=sorted(await all_sets(call.db), key=lambda factors: (factors.effective_from, factors.factor_set_id))
    )


@router.post("/factor-sets", status_code=201, responses=documented(409, 413), openapi_extra=takes(PublishFactorSet))
async def publish_factor_set(
    response: Response, call: Writer, body: Annotated[PublishFactorSet, Depends(sent(PublishFactorSet))]
) -> FactorSetPublished:
    """Put factors and prices in force from a day on, or in the place of a set that they correct. Days from then on are
    computed anew."""
    call.must_have(Role.PERSONNEL_AGENCY)
    committed = await publish(call.db, body, call.origin())
    tag(response, committed)
    return committed.state
