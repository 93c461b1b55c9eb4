"""A bus in memory that keeps what Kafka keeps: topics, partitions, offsets, and where each consumer group goes on."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from zlib import crc32

from shared.kit.messaging import redrive
from shared.kit.messaging.checkpoint import Partition
from shared.kit.messaging.cloudevents import RawHeaders, Record
from shared.kit.messaging.consumer import Runner
from shared.kit.messaging.kafka import Message, Place
from shared.kit.messaging.stops import Stopped

PARTITIONS = 3


class MemoryBus:
    """Topics in memory. As Kafka, it redelivers from wherever the group last stood; it forgets nothing."""

    def __init__(self) -> None:
        self.partitions: dict[Partition, list[Record]] = defaultdict(list)
        self._owners: dict[tuple[str, Partition], Runner] = {}
        self._heard: dict[tuple[str, Partition], int] = {}

    async def send(self, messages: Sequence[Message]) -> list[Place]:
        """Append; one key goes to one partition."""
        return [self.append(m.topic, m.key, m.value, m.headers, m.partition) for m in messages]

    async def ends(self, topic: str, partitions: Collection[int]) -> dict[int, int]:
        """Where partitions of a topic end."""
        return {number: len(self.partitions[topic, number]) for number in partitions}

    def append(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        headers: RawHeaders,
        partition: int | None = None,
    ) -> Place:
        """Append one record, well formed or not."""
        at = (topic, crc32(key or b"") % PARTITIONS if partition is None else partition)
        self.partitions[at].append(Record(*at, len(self.partitions[at]), key, value, list(headers)))
        return at[1], len(self.partitions[at]) - 1

    async def deliver(self, runner: Runner, batch: int = 50) -> int:
        """Let a runner hear what it has not, and go on with what it has put aside."""
        heard = await self.hear(runner, batch)
        await redrive.sweep(runner)
        return heard

    async def hear(self, runner: Runner, batch: int = 50) -> int:
        """Let a runner hear what it has not, in batches that span partitions. Returns how many records. As in Kafka's
        groups, a partition is one runner's until another one comes."""
        heard = 0
        going_on = {at: await self._going_on(runner, at) for at in self._waiting(runner)}
        while records := [
            record for at, offset in going_on.items() for record in self.partitions[at][offset : offset + batch]
        ]:
            try:
                await runner.handle(records)
            except Stopped:
                return heard
            for record in records:
                at = record.topic, record.partition
                going_on[at] = self._heard[runner.group, at] = record.offset + 1
            heard += len(records)
        return heard

    def kept(self) -> "MemoryBus":
        """A copy, of which nothing is anybody's: what the groups have heard, they have."""
        copy = MemoryBus()
        copy.partitions |= {at: list(records) for at, records in self.partitions.items()}
        copy._heard |= self._heard
        return copy

    def _waiting(self, runner: Runner) -> list[Partition]:
        """Partitions of which a runner has not heard all."""
        mine = [at for at in self.partitions if at[0] in runner.publishers]
        return [at for at in mine if self._stands_at(runner, at) != len(self.partitions[at])]

    def _stands_at(self, runner: Runner, at: Partition) -> int | None:
        return runner.goes_on_at(at) if runner.owns(at) else self._heard.get((runner.group, at))

    async def _going_on(self, runner: Runner, at: Partition) -> int:
        if self._owners.get((runner.group, at)) is not runner:
            await runner.claim(at)
            self._owners[runner.group, at] = runner
        return runner.goes_on_at(at)
