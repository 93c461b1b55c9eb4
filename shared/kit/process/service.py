"""What a service is made of: the one object that its `app.py` fills in and both of its processes are built from."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter
from pymongo import IndexModel

from shared.contracts.event import Publisher
from shared.kit.base.catalogue import Catalogue
from shared.kit.base.clock import Clock
from shared.kit.base.generations import FIRST
from shared.kit.base.metrics import ConsumerMetrics
from shared.kit.base.mongo import Database
from shared.kit.base.settings import Settings
from shared.kit.decisions.decider import Decider
from shared.kit.messaging.consumer import Consumer, Runner
from shared.kit.messaging.rejections import Limits
from shared.kit.messaging.streams import service_of

Task = Callable[[Database, Clock], Awaitable[None]]


@dataclass(frozen=True)
class Job:
    """Work that time brings and no event, on a generation of read models, at a business time.

    One worker runs it every `every_s` seconds, under a lease of its name and generation; that two do at once, or one
    does it twice, must be harmless. `pending` counts what of it waits, but for what was set aside for a human. It is
    not run while one of the jobs waits that it comes `after`; nor, where it `rests_while_hearing`, for a while in which
    the worker hears, as that would bring up to date what the next batch touches again.
    """

    name: str
    run: Callable[[Database, str, Clock], Awaitable[None]]
    pending: Callable[[Database, str, Clock], Awaitable[int]]
    every_s: float = 1.0
    after: tuple["Job", ...] = ()
    rests_while_hearing: bool = False


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

    def runners(
        self,
        db: Database,
        its: Settings,
        generation: str = FIRST,
        metrics: ConsumerMetrics | None = None,
        limits: Limits | None = None,
    ) -> list[Runner]:
        """Its consumers at work on a generation, accepting what the settings state, and stopping at the limits where
        there are any. Raises as `check_accepted` does."""
        self.check_accepted(its)
        accepted = its.accepted()
        return [
            Runner(
                consumer,
                db,
                its.clock(),
                its.instance,
                its.topic_prefix,
                generation,
                metrics,
                accepted.get(consumer.name, ()),
                limits,
            )
            for consumer in self.consumers
        ]

    def runner_of(self, db: Database, its: Settings, group: str) -> Runner | None:
        """The consumer of a group, for the generation that the group fills; none where there is no such consumer."""
        number = re.search(r"\.(g\d+)$", group.removeprefix(its.topic_prefix))
        generation = number[1] if number else FIRST
        return next((runner for runner in self.runners(db, its, generation) if runner.group == group), None)

    def check_accepted(self, its: Settings) -> None:
        """Raises `ValueError` where the settings state a source for a consumer that this service does not have, or one
        that the consumer does not subscribe to."""
        heard = {consumer.name: {one.name for one in consumer.subscribes_to} for consumer in self.consumers}
        for consumer, sources in its.accepted().items():
            foreign = sorted(one for one in sources if service_of(one) not in heard.get(consumer, ()))
            if foreign and consumer.partition(".")[0] == self.name:
                raise ValueError(f"MKD_ACCEPTED_SOURCES: {consumer} does not subscribe to {', '.join(foreign)}")

    async def run_jobs(self, db: Database, generation: str, clock: Clock) -> None:
        """One pass of all jobs, for who fills a generation beside the live one."""
        for job in self.jobs:
            await job.run(db, generation, clock)

    async def pending(self, db: Database, generation: str, clock: Clock) -> dict[str, int]:
        """How much waits, by job."""
        return {job.name: await job.pending(db, generation, clock) for job in self.jobs}
