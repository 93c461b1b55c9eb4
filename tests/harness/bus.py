"""A bus in memory that keeps what Kafka keeps: topics, partitions, offsets, and where each consumer group goes on."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from zlib import crc32

from shared.kit.messaging import redrive
from shared.kit.messaging.cloudevents import RawHeaders, Record
from shared.kit.messaging.consumer import Runner
from shared.kit.messaging.kafka import Message, Place
from shared.kit.messaging.stops import Stopped

PARTITIONS = 3


class MemoryBus:
    """Topics in memory. As Kafka, it redelivers from wherever the group last stood; it forgets nothing."""

    def __init__(self) -> None:
        self.partitions: dict[tuple[str, int], list[Record]] = defaultdict(list)

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
        """Let a runner hear what it has not, in batches that span partitions. Returns how many records."""
        heard = 0
        waiting = [at for at in self.partitions if at[0] in runner.publishers]
        going_on = {at: await runner.claim(at) for at in waiting}
        while records := [
            record for at in waiting for record in self.partitions[at][going_on[at] : going_on[at] + batch]
        ]:
            try:
                await runner.handle(records)
            except Stopped:
                return heard
            for record in records:
                going_on[record.topic, record.partition] = record.offset + 1
            heard += len(records)
        await redrive.sweep(runner)
        return heard
