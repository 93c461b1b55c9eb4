"""How a service answers an event with a decision of its own: the event becomes a command, the command is decided."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.asynchronous.client_session import AsyncClientSession

from shared.contracts.event import Event, Publisher
from shared.kit.cloudevents import Heard
from shared.kit.consumer import Consumer
from shared.kit.decider import Decider
from shared.kit.log import Origin, append
from shared.kit.mongo import Database


@dataclass(frozen=True)
class Reaction:
    """The aggregate that the event is about, in the hearer's own log, gets the command that `command` makes of it."""

    decider: Decider[Any, Any]
    command: Callable[[Any], Any]


def react(name: str, hears: tuple[Publisher, ...], reactions: Mapping[type[Event], Reaction]) -> Consumer:
    """A consumer that decides. Events of other types are heard and change nothing."""

    async def apply(session: AsyncClientSession, db: Database, events: Sequence[Heard], _: datetime) -> None:
        for heard in events:
            if reaction := reactions.get(type(heard.event)):
                command = reaction.command(heard.event)
                await append(session, db, reaction.decider, heard.event.subject, command, _origin(heard))

    return Consumer(name, hears, tuple(reactions), apply)


def _origin(heard: Heard) -> Origin:
    """A reaction happens, for the business, when its cause did: the same on every replay."""
    return Origin(actor=heard.publisher, now=heard.time, trace=heard.trace, cause=f"{heard.stream}#{heard.n}")
