"""What a dashboard asks again and again, while nothing has changed: answered as it was before."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from shared.contracts.organisation import Role
from shared.kit.web.reading import compressed, takes_gzip
from shared.people.context import RequestContext, caller
from shared.people.lookup import Actor, Memory

TOLD_BY = ("accept", "if-none-match")
"""The headers that an answer follows from, beside the language, which has been chosen from several, and beside whether
it may be compressed, which is done once."""
ANSWERED_BYTES = 1024
"""What is remembered of an answer beside its body."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What somebody was answered, who they were then, and the version that it was made of."""

    actor: Actor
    version: str
    status: int
    body: bytes
    headers: dict[str, str]


class Versioned(APIRoute):
    """A route whose answers hold for as long as a month's version does. To somebody who asks the same once more, as the
    same, the same is said before anything else is worked out: all but who asks and what the version is by now, which is
    one question."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's own, behind what is remembered."""
        anew = super().get_route_handler()

        async def answer(request: Request) -> Response:
            return await _as_before(request) or await anew(request)

        return answer


async def _as_before(request: Request) -> Response | None:
    memory: Memory | None = getattr(request.app.state, "memory", None)
    known: Answered | None = memory.kept.find(_asked(request)) if memory else None
    if known is None:
        return None
    context = await caller(request)
    if (known.version, known.actor) != (version_now(context), context.actor):
        return None
    return Response(known.body, known.status, known.headers)


def remember(request: Request, context: RequestContext, version: str, response: Response) -> Response:
    """An answer that was made of a version; where that was read with the call, it is remembered for who asked."""
    if version != version_now(context):
        return response
    memory: Memory = request.app.state.memory
    if response.status_code == 200 and _takes_gzip(request):
        response = compressed(response)
    body = bytes(response.body)
    said = Answered(context.actor, version, response.status_code, body, dict(response.headers))
    memory.kept.keep(_asked(request), said, len(body) + ANSWERED_BYTES)
    return response


def version_now(context: RequestContext) -> str | None:
    """By what the month that a call is about is known to who asks, and the directory, where both were read with the
    call. Who reads it as it was published knows it by that: nothing that they are told moves with live figures."""
    if context.month is None or not context.directory.as_of:
        return None
    live, published = context.month.versions
    return f"{live if context.actor.has(Role.PERSONNEL_AGENCY) else published} {context.directory.as_of}"


def _asked(request: Request) -> str:
    who, scope = request.state.identity, request.scope
    told_by = (request.headers.get(name, "") for name in TOLD_BY)
    query = scope["query_string"].decode("latin-1")
    asked = ("again", who.iss, who.sub, scope["method"], scope["path"], query, request.state.language)
    return "\n".join((*asked, *told_by, "gzip" if _takes_gzip(request) else ""))


def _takes_gzip(request: Request) -> bool:
    return takes_gzip(request.headers.get("accept-encoding", ""))
