"""How read models are filled anew beside the live ones."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker

from deploy.base.failure import Failure
from deploy.provision.resources import services
from shared.kit.base import garbage, generations
from shared.kit.base.mongo import Database, connect
from shared.kit.base.settings import Settings
from shared.kit.decisions.decider import Document
from shared.kit.messaging import kafka, redrive
from shared.kit.messaging.checkpoint import Partition
from shared.kit.messaging.consumer import Runner
from shared.kit.messaging.deadletters import WAITING, WAITS, Status
from shared.kit.messaging.subscriber import RebalanceListener, subscribe
from shared.kit.process.service import Service
from shared.kit.process.status import ends

Say = Callable[[str], None]
Offsets = dict[tuple[str, Partition], int]
"""The next offset of each partition, by consumer."""
NEARLY = 5_000
"""From so few records to go on, time and rules are worked off: before that, what comes would undo it."""
FRESH_S = 2.0
"""A generation may answer when it has come within so long to where the live one was."""


def rebuilt_services() -> list[Service]:
    """Those that have read models to rebuild."""
    return [service for service in services() if service.read_models]


def runners(db: Database, service: Service, settings: Settings, generation: str) -> list[Runner]:
    """The consumers that fill a service's read models, for one generation."""
    return [runner for runner in service.runners(db, settings, generation) if runner.consumer.rebuilt]


async def rebuild(service: Service, settings: Settings, say: Say, patience_s: float = 3600) -> str:
    """Fill a new generation from the beginning of Kafka, check it, and let it answer. Returns its name; the one before
    is kept until the next rebuild is done. Raises `Failure` when a check fails: the live generation then stays."""
    db = connect(settings, service.database)
    try:
        was, new = await generations.live(db), await generations.following(db)
        await _drop(db, service, settings, {new})
        await generations.set_up(db, new, service.read_models)
        filling = _Filling(db, service, settings, was, new, say, patience_s)
        async with filling.hearing() as listeners:
            await filling.fill(listeners)
        await filling.settle()
        if service.verify and (faults := await service.verify(db, new, settings.clock())):
            raise Failure(
                f"The new generation {new} contradicts itself: {'; '.join(faults[:3])}.",
                f"{was} stays live. This is a defect: keep {new} to look at.",
            )
        async with filling.hearing() as listeners:
            await filling.catch_up(listeners)
            await generations.switch(db, new, service.models_version)
        names = {name.partition(".")[0] for name in await db.list_collection_names() if re.match(r"g\d+\.", name)}
        await _drop(db, service, settings, names - {was, new})
        return new
    finally:
        await db.client.close()


async def _drop(db: Database, service: Service, settings: Settings, those: Collection[str]) -> None:
    """Remove generations that do not answer, or what an interrupted rebuild has left of one, and where they stood."""
    for generation in sorted(those):
        await generations.drop(db, generation)
        for runner in runners(db, service, settings, generation):
            for collection in ("inbox", "checkpoints", "dead_letters"):
                await db[collection].delete_many({"_id": {"$regex": f"^{re.escape(runner.group)}\\|"}})
            await db.consumers.delete_one({"_id": runner.group})


@dataclass(frozen=True)
class _Filling:
    """A generation that is filled beside the live one, for as long as somebody is patient."""

    db: Database
    service: Service
    settings: Settings
    was: str
    new: str
    say: Say
    patience_s: float
    begun: float = field(default_factory=time.monotonic)

    @asynccontextmanager
    async def hearing(self) -> AsyncIterator[Sequence[RebalanceListener]]:
        """Hear what the new generation is made of."""
        broker: KafkaBroker = kafka.broker(self.settings)
        listeners = [subscribe(broker, runner, group=f"{runner.group}.filled") for runner in self._runners(self.new)]
        await broker.start()
        try:
            yield listeners
        finally:
            await asyncio.gather(*(listener.end() for listener in listeners))
            await broker.stop()

    def _runners(self, generation: str) -> list[Runner]:
        return runners(self.db, self.service, self.settings, generation)

    async def fill(self, listeners: Sequence[RebalanceListener]) -> None:
        """Until it has heard all that there was at the first look and what the live generation had at the look before.
        Raises `Failure`."""
        live, filled = self._runners(self.was), self._runners(self.new)
        garbage.keep()
        behind, said = NEARLY, -1
        first: Offsets | None = None
        heard_by_live: Offsets = {}
        while True:
            if behind < NEARLY:
                await self.service.run_jobs(self.db, self.new, self.settings.clock())
            if there_is := await _ends(listeners):
                if any(offset > there_is[at] for at, offset in heard_by_live.items()):
                    raise Failure(
                        f"Kafka holds less than {self.was} has heard.", "Fill it from the logs first: ./mkd resend"
                    )
                heard = await _heard(filled)
                behind = sum(max(0, end - heard.get(at, 0)) for at, end in there_is.items())
                if behind != said:
                    said = behind
                    self.say(f"Filling {self.new}: {behind:,} records to go")
                if first and _reaches(heard, first) and _reaches(heard, heard_by_live):
                    return
                first = first or there_is
                heard_by_live = await _heard(live)
            await self._wait(0.5)

    async def settle(self) -> None:
        """While nothing is heard: until what time brings is done with, and what was put aside is as it was. Raises
        `Failure`."""
        if faults := await _put_aside_only_here(self._runners(self.was), self._runners(self.new)):
            raise Failure(
                f"{self.new} has put aside what {self.was} has not: {'; '.join(faults[:3])}.",
                f"{self.was} stays live. Mend what the rules name, and rebuild again.",
            )
        while pending := sum((await self.service.pending(self.db, self.new, self.settings.clock())).values()):
            self.say(f"Filling {self.new}: {pending:,} days to go")
            await self.service.run_jobs(self.db, self.new, self.settings.clock())
            await self._wait(0.5)

    async def catch_up(self, listeners: Sequence[RebalanceListener]) -> None:
        """Until it has heard what the live generation had a moment ago, or who reads would be told less than before.
        Raises `Failure`."""
        live, filled = self._runners(self.was), [listener.runner for listener in listeners]
        looked_at = float("-inf")
        while time.monotonic() - looked_at > FRESH_S:
            looked_at, heard_by_live = time.monotonic(), await _heard(live)
            while not _reaches(await _heard(filled), heard_by_live):
                await self._wait(0.05)
            await self.service.run_jobs(self.db, self.new, self.settings.clock())

    async def _wait(self, for_s: float) -> None:
        if time.monotonic() > self.begun + self.patience_s:
            raise Failure(f"{self.new} was not filled within {self.patience_s:.0f} s.", "See ./mkd logs.")
        await asyncio.sleep(for_s)


async def _ends(listeners: Sequence[RebalanceListener]) -> Offsets | None:
    """How much there is to hear; nothing while Kafka does not say."""
    try:
        found = [(one.runner.consumer.name, await ends(one)) for one in listeners]
    except (KafkaError, TimeoutError):
        return None
    return {(name, partition): end for name, told in found for partition, end in told.items()}


async def _heard(runners: Sequence[Runner]) -> Offsets:
    """While people work, nobody has heard all that there is; how far others have come is known, and can be reached."""
    found = [(runner.consumer.name, await runner.checkpoint.offsets()) for runner in runners]
    return {(name, partition): next_ for name, progress in found for partition, next_ in progress.items()}


def _reaches(heard: Offsets, goal: Offsets) -> bool:
    return all(heard.get(at, 0) >= offset for at, offset in goal.items())


async def _put_aside_only_here(live: Sequence[Runner], filled: Sequence[Runner]) -> list[str]:
    """What had been discarded is discarded again, for the same reason; then, what is put aside that was not when the
    live generation came by."""
    faults = []
    for was, new in zip(live, filled, strict=True):
        waiting = {"consumer": new.group, **WAITS}
        for letter in await new.db.dead_letters.find(waiting).sort("n", 1).to_list():
            before = await _same(was, letter)
            if before and before["status"] == Status.DISCARDED:
                await redrive.discard(new, letter, before["closed_by"], before.get("closed_because", ""))
        await redrive.sweep(new)
        passed = await was.checkpoint.offsets()
        async for letter in new.db.dead_letters.find(waiting):
            before = await _same(was, letter)
            came_by = letter["offset"] < passed.get((letter["topic"], letter["partition"]), 0)
            if came_by and (before is None or before["status"] not in WAITING):
                faults.append(f"{letter['_id']} ({letter['rule']})")
    return faults


async def _same(was: Runner, letter: Document) -> Document | None:
    """What another generation put aside of the same event, or, where it cannot be told which that is, of the same
    record."""
    known = {"stream": letter["stream"], "n": letter["n"]} if letter["stream"] and letter["n"] else None
    place = {"_id": f"{was.group}|{letter['_id'].partition('|')[2]}"}
    return await was.db.dead_letters.find_one({"consumer": was.group, **(known or place)}, sort=[("at", -1)])
