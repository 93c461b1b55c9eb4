"""The pages of those who operate the instance: how the services stand, and a consumer that has stopped."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from services.portal import pages
from services.portal.access import AskedBy, Sent
from services.portal.operation import queries, value
from services.portal.operation.model import Resumed, State
from services.portal.pages import Link
from services.portal.person.queries import operator_links
from services.portal.reach import JUDGED, Asker, Away, Broken, Reach
from shared.kit.web.problems import Refusal

TABS = (Link("/operation", "operation-state"), Link("/operation/dead-letters", "operation-letters"))
CONSUMER = "/operation/consumers/{service}/{name}"
router = APIRouter()
Service = Annotated[str, Path(pattern="^[a-z]{1,40}$")]
Name = Annotated[str, Path(pattern="^[A-Za-z0-9._-]{1,120}$")]
Done = Annotated[int, Query(ge=-1, le=9999)]


@router.get("/operation")
async def operation(request: Request, who: AskedBy) -> Response:
    """What needs a human first, and then how each service stands."""
    reach: Reach = request.app.state.reach
    links, said = await asyncio.gather(operator_links(reach, who), queries.states(reach, who))
    return pages.page(
        request,
        "operation.html",
        links=links,
        tabs=TABS,
        first=value.first((one.service, one.known) for one in said),
        said=said,
        as_of=min((one.known.as_of for one in said if one.known), default=None),
    )


@router.get("/operation/services/{service}")
async def service_(request: Request, who: AskedBy, service: Service) -> Response:
    """How one service stands."""
    reach: Reach = request.app.state.reach
    check_service(reach, service)
    links = await operator_links(reach, who)
    its = (await reach.get(who, service, "/v1/operation", State)).value
    found = value.first([(service, its)])
    return pages.page(request, "operation_service.html", links=links, tabs=TABS, first=found, its=its)


@router.get(CONSUMER)
async def consumer(request: Request, who: AskedBy, service: Service, name: Name, done: Done = -1) -> Response:
    """A consumer: why it has stopped, and a form that lets it go on."""
    return await _consumer(request, who, service, name, done=done)


@router.post(CONSUMER)
async def resume(request: Request, who: AskedBy, service: Service, name: Name, sent: Sent) -> Response:
    """Let a consumer go on from the stop that was seen."""
    reach: Reach = request.app.state.reach
    check_service(reach, service)
    body = {"stopped_at": sent.one("stopped_at"), "retry": bool(sent.one("retry"))}
    try:
        resumed = await reach.post(who, service, f"/v1/consumers/{name}:resume", body, Resumed, sent.key)
    except Broken as refused:
        if refused.status not in JUDGED:
            raise
        return await _consumer(request, who, service, name, wrong=refused.said.sentences, status=422)
    except Away:
        away = (pages.Words(request).text("away-typed"),)
        return await _consumer(request, who, service, name, wrong=away, status=503)
    return pages.to(f"/operation/consumers/{service}/{name}?done={resumed.handled}")


def check_service(reach: Reach, service: str) -> None:
    """Raises `Refusal` for a service that there is not."""
    if service not in reach.services:
        raise Refusal(404, "no-such-page")


async def _consumer(
    request: Request,
    who: Asker,
    service: str,
    name: str,
    *,
    wrong: tuple[str, ...] = (),
    done: int = -1,
    status: int = 200,
) -> Response:
    reach: Reach = request.app.state.reach
    check_service(reach, service)
    links = await operator_links(reach, who)
    its = (await reach.get(who, service, "/v1/operation", State)).value
    found = next((one for one in its.consumers if one.name == name), None)
    if found is None:
        raise Refusal(404, "no-such-page")
    return pages.page(
        request,
        "consumer.html",
        status,
        links=links,
        tabs=TABS,
        service=service,
        consumer=found,
        aside=[one for one in its.dead_letters if one.consumer == name],
        wrong=wrong,
        done=done,
        key=pages.new_key(),
    )
