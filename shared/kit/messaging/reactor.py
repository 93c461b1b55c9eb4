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
from shared.kit.decisions.log import Ask, CommandMetadata, UnitOfWork
from shared.kit.messaging.cloudevents import ReceivedEvent
from shared.kit.messaging.consumer import Consumer, Runner

Before = Callable[[AsyncClientSession, Database, Any, Any], Awaitable[Sequence[tuple[str, Any]]]]


@dataclass(frozen=True)
class Reaction:
    """The aggregate that the event is about, in the hearer's own log, gets the command that `command` makes of it;
    before that, others of the same kind get what `before` finds, in the same transaction, given the event and where
    the aggregate stands."""

    decider: Decider[Any, Any]
    command: Callable[[Any], Any]
    before: Before | None = None


def react(name: str, subscribes_to: tuple[Publisher, ...], reactions: Mapping[type[Event], Reaction]) -> Consumer:
    """A consumer that decides: all aggregates that a batch is about are loaded together, and written together. Events
    of other types are heard and change nothing."""

    async def apply(session: AsyncClientSession, runner: Runner, events: Sequence[ReceivedEvent], _: datetime) -> None:
        answered = [(reactions[type(heard.event)], heard) for heard in events if type(heard.event) in reactions]
        works = {reaction.decider.name: UnitOfWork(session, runner.db, reaction.decider) for reaction, _ in answered}
        for name, work in works.items():
            await work.load({heard.event.subject for reaction, heard in answered if reaction.decider.name == name})
        for reaction, heard in answered:
            await _answer(session, runner, works[reaction.decider.name], reaction, heard)
        for work in works.values():
            await work.write()

    return Consumer(name, subscribes_to, tuple(reactions), apply)


async def _answer(
    session: AsyncClientSession, runner: Runner, work: UnitOfWork[Any, Any], reaction: Reaction, heard: ReceivedEvent
) -> None:
    """The decision goes on in the trace of its cause."""
    ids = {"mkd.event.id": heard.id, "mkd.event.type": heard.type, "mkd.stream": heard.stream}
    about = heard.event.subject
    with (
        tracing.step(f"react {runner.group}", after=heard.trace, ids=ids) as step,
        structlog.contextvars.bound_contextvars(trace=heard.trace, event_id=heard.id, stream=heard.stream),
    ):
        others = await reaction.before(session, runner.db, heard.event, work.state(about)) if reaction.before else ()
        await work.load({aggregate for aggregate, _ in others})
        for aggregate, command in [*others, (about, reaction.command(heard.event))]:
            await work.decide(Ask(aggregate, command, _origin(heard, step.trace)))


def _origin(heard: ReceivedEvent, trace: str) -> CommandMetadata:
    """A reaction happens, for the business, when its cause did: the same on every replay."""
    return CommandMetadata(actor=heard.publisher, now=heard.time, trace=trace, cause=f"{heard.stream}#{heard.n}")
