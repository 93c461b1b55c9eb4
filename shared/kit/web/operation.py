"""How a service stands and what it has put aside, over HTTP, for who operates the instance. What is changed here is
changed by the same functions as by the commands (`./mkd dead-letters`, `./mkd consumers`)."""

from dataclasses import dataclass
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.security import HTTPBearer
from starlette.convertors import StringConvertor, register_url_convertor

from shared.kit.base.mongo import Database
from shared.kit.base.settings import Settings
from shared.kit.decisions.decider import Document, missing, no_right, wrong_state
from shared.kit.messaging import stops
from shared.kit.messaging.deadletters import Status
from shared.kit.process import asides
from shared.kit.process.asides import NobodyHandles, StillFaulty
from shared.kit.process.operation import state
from shared.kit.process.service import Service
from shared.kit.web.auth import Identity, Unauthenticated
from shared.kit.web.bodies import sent, takes
from shared.kit.web.fields import Cursor, PageSize
from shared.kit.web.letters import (
    DeadLetter,
    DeadLetterContent,
    DeadLetterDetail,
    DiscardBody,
    content_of,
    dead_letter,
    dead_letter_detail,
    name_of,
)
from shared.kit.web.operating import Operation, ResumeBody, Resumed, operation_of
from shared.kit.web.pages import Page, find_page
from shared.kit.web.problems import documented

TAG = "operation"
ABOUT = "State of the software, and what it has put aside, for those who operate the instance."
log = structlog.get_logger()


@dataclass(frozen=True)
class Operating:
    """A call by somebody who operates the instance."""

    subject: str
    service: Service
    settings: Settings
    db: Database

    async def letter(self, letter_id: str) -> Document:
        """A letter by the id that it has in addresses. Raises `Refused`."""
        name = name_of(letter_id)
        if name is None or not (found := await self.db.dead_letters.find_one({"_id": name})):
            raise missing("not-found")
        return found

    def note(self, what: str, **about: Any) -> None:
        """Write down who did what."""
        log.info(what, operator=self.subject, **about)


class Opaque(StringConvertor):
    """A part of a path that ends before the name of a command."""

    regex = "[A-Za-z0-9_-]+"


register_url_convertor("opaque", Opaque())


class Operator(HTTPBearer):
    """A dependency: a call by somebody whom the instance's settings name. They need not be on any record."""

    async def __call__(self, request: Request) -> Operating:  # type: ignore[override]
        """Raises `Unauthenticated`, or `Refused`."""
        who: Identity | None = getattr(request.state, "identity", None)
        if who is None:
            raise Unauthenticated("token-missing")
        state_ = request.app.state
        if who.sub not in state_.settings.operators():
            raise no_right("operators-only")
        return Operating(who.sub, state_.service, state_.settings, state_.db)


operator = Operator(
    auto_error=False,
    scheme_name="HTTPBearer",
    description="Access token (RFC 9068) of the instance's OpenID Connect issuer.",
)
ByOperator = Annotated[Operating, Depends(operator)]
LetterPath = Annotated[str, Path(description="`letter_id` of the dead letter.")]
ConsumerPath = Annotated[
    str, Path(pattern="^[A-Za-z0-9._-]{1,120}$", description="`name` of the consumer, as `GET /v1/operation` tells it.")
]
Statuses = Annotated[
    list[Status], Query(alias="status", max_length=4, description="Statuses, any of which may hold; all if omitted.")
]
ConsumerName = Annotated[
    str | None,
    Query(pattern="^[A-Za-z0-9._-]{1,120}$", description="Name of the consumer or job; any if omitted."),
]
router = APIRouter(prefix="/v1", tags=[TAG])


@router.get("/operation")
async def show_operation(request: Request, by: ByOperator) -> Operation:
    """Show how this service stands.

    For operators alone, whom the instance's settings name (`MKD_OPERATOR_SUBJECTS`); 403 `operators-only` for others.
    Lag is as old as workers' last word; a worker that says nothing is told as silent.
    """
    its = await state(by.service, by.settings, by.db, request.app.state.clock)
    return operation_of(by.service.name, its)


@router.get("/dead-letters")
async def list_dead_letters(
    by: ByOperator,
    status: Statuses = [],  # noqa: B006
    consumer: ConsumerName = None,
    cursor: Cursor = None,
    limit: PageSize = 50,
) -> Page[DeadLetter]:
    """List what was put aside.

    For operators alone (403 `operators-only`). In order of consumer and place, in pages. What the records hold is left
    out.
    """
    where: Document = {"status": {"$in": [one.value for one in status]}} if status else {}
    where |= {"consumer": consumer} if consumer else {}
    found = await find_page(by.db.dead_letters, where, cursor, limit)
    return Page(items=[dead_letter(one) for one in found.documents], next_cursor=found.next_cursor)


@router.get("/dead-letters/{letter_id:opaque}", responses=documented(404))
async def show_dead_letter(by: ByOperator, letter_id: LetterPath) -> DeadLetterDetail:
    """Show one dead letter.

    For operators alone (403 `operators-only`). In place of each value that it holds stands the kind of it.
    """
    return dead_letter_detail(await by.letter(letter_id))


@router.get("/dead-letters/{letter_id:opaque}/content", responses=documented(404))
async def show_dead_letter_content(by: ByOperator, letter_id: LetterPath) -> DeadLetterContent:
    """Show everything that a dead letter holds.

    For operators alone (403 `operators-only`). The subject of whoever looks is written to the log. It holds others'
    words: treat them as such.
    """
    found = await by.letter(letter_id)
    by.note("dead-letter-read", letter=found["_id"])
    return content_of(found)


@router.post("/dead-letters/{letter_id:opaque}:retry", responses=documented(404, 409))
async def retry_dead_letter(by: ByOperator, letter_id: LetterPath) -> DeadLetterDetail:
    """Retry a dead letter.

    For operators alone (403 `operators-only`). Its record is handled by today's code, and then what waited for it; a
    job takes up again what it failed on. The answer tells the status after that: `open` where it still fails. One that
    was handled before stays so; one that was discarded is refused (409 `letter-discarded`), and so is one of a consumer
    that is gone (409 `consumer-gone`). It needs no `Idempotency-Key`.
    """
    found = await by.letter(letter_id)
    if found["status"] == Status.DISCARDED:
        raise wrong_state("letter-discarded")
    if found["status"] == Status.HANDLED:
        return dead_letter_detail(found)
    by.note("dead-letter-retried", letter=found["_id"])
    try:
        return dead_letter_detail(await asides.retry(by.service, by.settings, by.db, found, by.subject))
    except NobodyHandles as gone:
        raise wrong_state("consumer-gone") from gone


@router.post(
    "/dead-letters/{letter_id:opaque}:discard",
    responses=documented(404, 409, 413),
    openapi_extra=takes(DiscardBody, DiscardBody(reason="Rekaman uji dari pemasangan, bukan milik layanan ini")),
)
async def discard_dead_letter(
    by: ByOperator, letter_id: LetterPath, body: Annotated[DiscardBody, Depends(sent(DiscardBody))]
) -> DeadLetterDetail:
    """Discard a dead letter for a reason.

    For operators alone (403 `operators-only`). What waited for it goes on without it. One that was discarded before
    keeps its reason; one that was handled is refused (409 `letter-handled`). It needs no `Idempotency-Key`.
    """
    found = await by.letter(letter_id)
    if found["status"] in (Status.OPEN, Status.PARKED):
        by.note("dead-letter-discarded", letter=found["_id"])
        found = await asides.discard(by.service, by.settings, by.db, found, by.subject, body.reason)
    if found["status"] == Status.HANDLED:
        raise wrong_state("letter-handled")
    return dead_letter_detail(found)


@router.post(
    "/consumers/{name}:resume",
    responses=documented(404, 409, 413),
    openapi_extra=takes(
        ResumeBody, ResumeBody.model_validate({"stopped_at": "2026-09-07T04:55:12.345Z", "retry": True})
    ),
)
async def resume_consumer(
    by: ByOperator, name: ConsumerPath, body: Annotated[ResumeBody, Depends(sent(ResumeBody))]
) -> Resumed:
    """Resume a consumer that has stopped.

    For operators alone (403 `operators-only`). It goes on where it stopped. With `retry` it first handles again what it
    has put aside, and stays stopped where some of that still fails (409 `still-faulty`). A stop other than the one that
    was seen is left alone (409 `stopped-again`). It needs no `Idempotency-Key`.
    """
    if by.service.runner_of(by.db, by.settings, name) is None:
        raise missing("not-found")
    stop = (await stops.every(by.db)).get(name)
    if stop is None:
        return Resumed(consumer=name, resumed=False, handled=0)
    if stop.at != body.stopped_at:
        raise wrong_state("stopped-again")
    try:
        handled = await asides.retry_all(by.service, by.settings, by.db, name, by.subject) if body.retry else 0
    except StillFaulty as still:
        raise wrong_state("still-faulty", broken=still.letter["rule"], letter=still.letter["_id"]) from still
    by.note("consumer-resumed", consumer=name)
    resumed = await asides.resume(by.db, name, by.subject, stop.at)
    return Resumed(consumer=name, resumed=resumed, handled=handled)
