"""How services stand, as they answer at `GET /v1/operation`."""

from dataclasses import dataclass
from datetime import datetime

from services.portal.person.model import Answered


class Need(Answered):
    """Something that needs a human."""

    rule: str
    urgency: str
    about: str
    count: int | None
    since: datetime | None
    runbook: str


class Outbox(Answered):
    """Commits that are still to be sent."""

    unsent: int
    oldest_at: datetime | None


class Partition(Answered):
    """Where a consumer goes on."""

    next_offset: int


class Topic(Answered):
    """A topic that a consumer reads."""

    topic: str
    partitions: list[Partition]
    lag: int | None

    @property
    def handled(self) -> int:
        """How many records of it lie behind the consumer."""
        return sum(one.next_offset for one in self.partitions)


class Stop(Answered):
    """Why a consumer has stopped."""

    stopped_at: datetime
    topic: str
    rejected: int
    of: int
    rule: str


class Consumer(Answered):
    """A consumer."""

    name: str
    stopped: Stop | None
    topics: list[Topic]


class Aside(Answered):
    """What one consumer or job has put aside."""

    consumer: str
    status: str
    count: int
    oldest_at: datetime


class Parked(Answered):
    """A stream that waits."""

    consumer: str
    stream: str | None
    waits_for: int
    held: int
    since: datetime
    letter_id: str | None


class Job(Answered):
    """Work that time brings."""

    name: str
    pending: int


class Lease(Answered):
    """What one worker at a time has."""

    name: str
    holder: str
    is_held: bool


class Worker(Answered):
    """A worker, as it has last said of itself."""

    name: str
    version: str
    generation: str
    heard_seconds_ago: float
    is_silent: bool
    checks: dict[str, bool]
    failing: list[str]

    @property
    def bad(self) -> list[str]:
        """The checks that are not as they should be."""
        return [name for name, good in self.checks.items() if not good]


class Loss(Answered):
    """What Kafka has lost of a partition."""

    partition: str
    offsets: int
    at: datetime
    is_made_good: bool


class State(Answered):
    """How one service stands."""

    service: str
    as_of: datetime
    needs: list[Need]
    outbox: Outbox
    consumers: list[Consumer]
    dead_letters: list[Aside]
    parked: list[Parked]
    parked_count: int
    jobs: list[Job]
    leases: list[Lease]
    workers: list[Worker]
    losses: list[Loss]
    software_version: str
    schema_version: int
    generation: str
    models_version: int

    @property
    def lag(self) -> int | None:
        """How many records its consumers have yet to handle; none where that of any is not known."""
        known = [topic.lag for one in self.consumers for topic in one.topics]
        return None if None in known else sum(one for one in known if one)

    @property
    def aside(self) -> int:
        """How many records wait that were put aside."""
        return sum(one.count for one in self.dead_letters)


class Resumed(Answered):
    """What came of letting a consumer go on, at `POST /v1/consumers/{name}:resume`."""

    resumed: bool
    handled: int


@dataclass(frozen=True)
class Urgent:
    """Something that needs a human, and of which service; where it can be dealt with here, at which address."""

    service: str
    need: Need
    address: str = ""
