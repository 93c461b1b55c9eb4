"""What a service is made of: the one object that its `app.py` fills in and both of its processes are built from."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter
from pymongo import IndexModel

from shared.contracts.event import Publisher
from shared.kit.base.catalogue import Catalogue
from shared.kit.base.clock import Clock
from shared.kit.base.mongo import Database
from shared.kit.decisions.decider import Decider
from shared.kit.messaging.consumer import Consumer

Task = Callable[[Database, Clock], Awaitable[None]]


@dataclass(frozen=True)
class Job:
    """Work that time brings and no event, on a generation of read models, at a business time.

    A worker runs it about once a second; that two do at once, or one does it twice, must be harmless. `pending` counts
    what of it waits, but for what was set aside for a human.
    """

    name: str
    run: Callable[[Database, str, Clock], Awaitable[None]]
    pending: Callable[[Database, str, Clock], Awaitable[int]]


@dataclass(frozen=True)
class Service:
    """A bounded context: what it publishes, hears, answers and stores.

    `seed` loads the rules that the software ships, once. `jobs` are what time brings, in the order in which a pass runs
    them. `read_models` are the collections that are rebuilt from Kafka, a generation at a time; `indexes` all others.
    `verify` says in what a generation contradicts itself, before a rebuild lets it answer. `tags` describe the groups
    of operations. `models_version` is raised when today's code can no longer go on with read models that the code
    before has filled: they are then rebuilt. `deciders` are the kinds of aggregates, whose documents beside the log can
    be made again from it. `large_bodies` are the addresses that take larger bodies than `body_limit_bytes`, and how
    large.
    """

    publisher: Publisher
    title: str
    about: str
    routers: Sequence[APIRouter]
    tags: Mapping[str, str]
    indexes: Mapping[str, Sequence[IndexModel]]
    messages: Catalogue
    consumers: tuple[Consumer, ...] = ()
    seed: Task | None = None
    jobs: tuple[Job, ...] = ()
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

    async def run_jobs(self, db: Database, generation: str, clock: Clock) -> None:
        """One pass of all jobs, for who fills a generation beside the live one."""
        for job in self.jobs:
            await job.run(db, generation, clock)

    async def pending(self, db: Database, generation: str, clock: Clock) -> dict[str, int]:
        """How much waits, by job."""
        return {job.name: await job.pending(db, generation, clock) for job in self.jobs}
