"""How changes are followed over HTTP: server-sent events for anybody's pages and dashboards."""

import time
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request
from pydantic import Field

from shared.kit.web.auth import LEEWAY_S, Identity
from shared.kit.web.eventstream import EventStream
from shared.people.context import Reader
from shared.people.live import DIRECTORY, LENGTH_S, Kind, Listening, Wanted, Whose

NAMES_MAX = 20
POINT = r"^[0-9]{1,10}\.[0-9]{1,10}$"
EXAMPLE = """retry: 1000
id: 1788750000.4

event: changed
id: 1788750012.1
data: {"kind": "request", "id": "req-0198c5f2", "version": "3"}

: still here
id: 1788750027.9
"""
Names = Annotated[list[Annotated[str, Field(max_length=60)]], Field(max_length=NAMES_MAX)] | None
Ids = Annotated[Names, Query(alias="id", description=f"Only of these ids; repeat it for several, at most {NAMES_MAX}.")]
OfWhom = Annotated[
    Whose | None,
    Query(
        description="Scope of what is an employee's: `mine`, your own; `led`, of the people you lead today. All that "
        "you may see if omitted."
    ),
]
Since = Annotated[
    str | None,
    Query(
        pattern=POINT,
        description="Point after which changes are told, from `Changes-Since` of an answer. From now on if omitted.",
    ),
]
LastEventId = Annotated[
    str | None, Header(pattern=POINT, description="Id of the last event, as browsers send it: counts before `since`.")
]


def router(*kinds: Kind) -> APIRouter:
    """The route on which a service tells of changes of these kinds."""
    about = "".join(f"\n- `{one.name}`: {one.about}" for one in kinds)
    names = tuple(sorted({DIRECTORY, *(one.name for one in kinds)}))
    description = f"Only changes of this kind ({', '.join(f'`{name}`' for name in names)}); repeat it for several."
    one: Any = Literal.__getitem__(names)
    routes = APIRouter(prefix="/v1", tags=["me"])

    async def follow_changes(
        request: Request,
        context: Reader,
        kind: Annotated[
            Annotated[list[one], Field(max_length=NAMES_MAX)] | None, Query(description=description)
        ] = None,
        id_: Ids = None,
        whose: OfWhom = None,
        since: Since = None,
        last_event_id: LastEventId = None,
    ) -> EventStream:
        who: Identity = request.state.identity
        listening = _listening(request, kinds, context.time_zone)
        wanted = Wanted(frozenset(kind or ()), frozenset(id_ or ()), whose)
        listener = await listening.listen(who.iss, who.sub, context.actor, wanted, last_event_id or since)
        length_s = min(LENGTH_S, max(1.0, who.until + LEEWAY_S - time.time()))
        return EventStream(listener.box, lambda: listening.leave(listener), length_s)

    follow_changes.__doc__ = f"""Follow changes.

    For every employee on record: server-sent events (`text/event-stream`) that say that something which you may read
    has changed, by its kind, its id and its version, without its content; whoever wants to know reads it. An event
    `changed` names one thing. An event `look-again` says that anything may have changed, as after a break or when you
    read slowly. A stream ends after ten minutes, or with your token; connect again with the id of its last event, and
    nothing is missed. You can have 20 streams (429 `too-many-streams`); a process that has no room answers 503 `busy`.

    The kinds:{about}
    - `{DIRECTORY}`: reference data or rules, such as names, superiors, mandates or policies; at most every 10 s.
    """
    responses: dict[int | str, dict[str, Any]] = {
        200: {
            "description": "Events as they come, until the stream ends.",
            "content": {"text/event-stream": {"schema": {"type": "string"}, "example": EXAMPLE}},
        }
    }
    routes.add_api_route("/changes", follow_changes, status_code=200, response_class=EventStream, responses=responses)
    return routes


def _listening(request: Request, kinds: tuple[Kind, ...], time_zone: str) -> Listening:
    state = request.app.state
    if not hasattr(state, "listening"):
        state.listening = Listening(state.db, kinds, lambda: state.memory, state.clock, time_zone)
        state.at_end.push_async_callback(state.listening.close)
    found: Listening = state.listening
    return found
