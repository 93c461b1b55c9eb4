"""What a service is made of: the one object that its `app.py` fills in and both of its processes are built from."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter
from pymongo import IndexModel

from shared.contracts.event import Publisher
from shared.kit.clock import Clock
from shared.kit.consumer import Consumer
from shared.kit.decider import Decider
from shared.kit.mongo import Database
from shared.kit.wording import KIT, Catalogue

Task = Callable[[Database, Clock], Awaitable[None]]
Chore = Callable[[Database, str, Clock], Awaitable[None]]
"""Work on a generation of read models, at a business time."""


@dataclass(frozen=True)
class Service:
    """A bounded context: what it publishes, hears, answers and stores.

    `seed` loads the rules that the software ships, once. `chore` is work that time brings and no event, called about
    once a second by one worker at least; doing it twice must be harmless. `due` counts what of it waits. `read_models`
    are the collections that are rebuilt from Kafka, a generation at a time; `indexes` all others. `verify` says in what
    a generation contradicts itself, before a rebuild lets it answer. `models_version` is raised when today's code can
    no longer go on with read models that the code before has filled: they are then rebuilt. `deciders` are the kinds of
    aggregates, whose documents beside the log can be made again from it. `large_bodies` are the addresses
    that take larger bodies than `body_limit_bytes`, and how large.
    """

    publisher: Publisher
    title: str
    about: str
    router: APIRouter
    indexes: Mapping[str, Sequence[IndexModel]]
    consumers: tuple[Consumer, ...] = ()
    catalogue: Catalogue = field(default_factory=dict)
    seed: Task | None = None
    chore: Chore | None = None
    due: Callable[[Database, str, Clock], Awaitable[int]] | None = None
    read_models: Mapping[str, Sequence[IndexModel]] = field(default_factory=dict)
    verify: Callable[[Database, str, Clock], Awaitable[list[str]]] | None = None
    body_limit_bytes: int = 256 * 1024
    large_bodies: Mapping[str, int] = field(default_factory=dict)
    models_version: int = 1
    deciders: tuple[Decider[Any, Any], ...] = ()

    @property
    def name(self) -> str:
        return self.publisher.name

    @property
    def database(self) -> str:
        return f"mkd_{self.name}"

    @property
    def wording(self) -> Catalogue:
        """All sentences of this service, the kit's included."""
        return {**KIT, **self.catalogue}
