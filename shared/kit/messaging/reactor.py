"""How a service answers an event with a decision of its own: the event becomes a command, the command is decided."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from pymongo.asynchronous.client_session import AsyncClientSession

from shared.contracts.event import Event, Publisher
from shared.kit.base import tracing
from shared.kit.decisions.decider import Decider
from shared.kit.decisions.log import Ask, CommandMetadata, UnitOfWork
from shared.kit.messaging.cloudevents import ReceivedEvent
from shared.kit.messaging.consumer import Consumer, Runner


@dataclass(frozen=True)
class Others:
    """Who else gets a command because of an event: `commands` finds them, given the event, where the aggregate stands
    that it is about, and who holds the reservations of which `reservations` gives the ids."""

    reservations: Callable[[Any], Collection[str]]
    commands: Callable[[Any, Any, Collection[str]], Sequence[tuple[str, Any]]]


@dataclass(frozen=True)
class Reaction:
    """The aggregate that the event is about, in the hearer's own log, gets the command that `command` makes of it;
    before that, `others` of the same kind get theirs, in the same transaction."""

    decider: Decider[Any, Any]
    command: Callable[[Any], Any]
    others: Others | None = None
    new: bool = False
    """Whether nothing is known of the aggregate as a rule: that is noticed where it is otherwise, and then read."""


def react(name: str, subscribes_to: tuple[Publisher, ...], reactions: Mapping[type[Event], Reaction]) -> Consumer:
    """A consumer that decides: all aggregates that a batch is about are loaded together, and written together. Events
    of other types are heard and change nothing."""

    async def apply(session: AsyncClientSession, runner: Runner, events: Sequence[ReceivedEvent], _: datetime) -> None:
        answered = [(reactions[type(heard.event)], heard) for heard in events if type(heard.event) in reactions]
        works = {reaction.decider.name: UnitOfWork(session, runner.db, reaction.decider) for reaction, _ in answered}
        for name, work in works.items():
            its = [(reaction, heard.event) for reaction, heard in answered if reaction.decider.name == name]
            about: dict[str, bool] = {}
            for one, event in its:
                about.setdefault(event.subject, one.new)
            await work.load_or_hope(about)
            await work.look_at({id_ for one, event in its if one.others for id_ in one.others.reservations(event)})
        for reaction, heard in answered:
            await _answer(runner.group, works[reaction.decider.name], reaction, heard)
        for work in works.values():
            await work.write()

    return Consumer(name, subscribes_to, tuple(reactions), apply)


async def _answer(group: str, work: UnitOfWork[Any, Any], reaction: Reaction, heard: ReceivedEvent) -> None:
    """The decision goes on in the trace of its cause."""
    ids = {"mkd.event.id": heard.id, "mkd.event.type": heard.type, "mkd.stream": heard.stream}
    event, about = heard.event, heard.event.subject
    with (
        tracing.step(f"react {group}", after=heard.trace, ids=ids) as step,
        structlog.contextvars.bound_contextvars(trace=heard.trace, event_id=heard.id, stream=heard.stream),
    ):
        others: Sequence[tuple[str, Any]] = ()
        if its := reaction.others:
            others = its.commands(event, work.state(about), work.holders(its.reservations(event)))
        await work.load({aggregate for aggregate, _ in others})
        origin = _origin(heard, step.trace)
        for aggregate, command in others:
            await work.decide(Ask(aggregate, command, origin))
        await work.decide(Ask(about, reaction.command(event), origin, reaction.new))


def _origin(heard: ReceivedEvent, trace: str) -> CommandMetadata:
    """A reaction happens, for the business, when its cause did: the same on every replay."""
    return CommandMetadata(actor=heard.publisher, now=heard.time, trace=trace, cause=f"{heard.stream}#{heard.n}")
