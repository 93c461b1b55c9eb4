"""How a service answers an event with a decision of its own: the event becomes a command, the command is decided."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from pymongo.asynchronous.client_session import AsyncClientSession

from shared.contracts.event import Event, Publisher
from shared.kit.base import tracing
from shared.kit.base.mongo import Database
from shared.kit.decisions.decider import Decider
from shared.kit.decisions.log import CommandMetadata, append
from shared.kit.messaging.cloudevents import ReceivedEvent
from shared.kit.messaging.consumer import Consumer, Runner

Before = Callable[[AsyncClientSession, Database, Any], Awaitable[Sequence[tuple[str, Any]]]]


@dataclass(frozen=True)
class Reaction:
    """The aggregate that the event is about, in the hearer's own log, gets the command that `command` makes of it;
    before that, others of the same kind get what `before` finds, in the same transaction."""

    decider: Decider[Any, Any]
    command: Callable[[Any], Any]
    before: Before | None = None


def react(name: str, subscribes_to: tuple[Publisher, ...], reactions: Mapping[type[Event], Reaction]) -> Consumer:
    """A consumer that decides. Events of other types are heard and change nothing."""

    async def apply(session: AsyncClientSession, runner: Runner, events: Sequence[ReceivedEvent], _: datetime) -> None:
        for heard in events:
            if reaction := reactions.get(type(heard.event)):
                await _answer(session, runner, reaction, heard)

    return Consumer(name, subscribes_to, tuple(reactions), apply)


async def _answer(session: AsyncClientSession, runner: Runner, reaction: Reaction, heard: ReceivedEvent) -> None:
    """The decision goes on in the trace of its cause."""
    ids = {"mkd.event.id": heard.id, "mkd.event.type": heard.type, "mkd.stream": heard.stream}
    with (
        tracing.step(f"react {runner.group}", after=heard.trace, ids=ids) as step,
        structlog.contextvars.bound_contextvars(trace=heard.trace, event_id=heard.id, stream=heard.stream),
    ):
        others = await reaction.before(session, runner.db, heard.event) if reaction.before else ()
        for aggregate, command in [*others, (heard.event.subject, reaction.command(heard.event))]:
            await append(session, runner.db, reaction.decider, aggregate, command, _origin(heard, step.trace))


def _origin(heard: ReceivedEvent, trace: str) -> CommandMetadata:
    """A reaction happens, for the business, when its cause did: the same on every replay."""
    return CommandMetadata(actor=heard.publisher, now=heard.time, trace=trace, cause=f"{heard.stream}#{heard.n}")
