"""A service's workers as a stack runs them, and how far they have come: by what their metrics tell, and by what they
have noted in the transactions of their batches."""

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import pairwise

import httpx
import psutil
import pymongo

from benchmarks.parts import Parts, last_words, started, wait_for_port
from deploy.local import stack

LOOKS_EVERY_S = 0.2
AT_REST = re.compile(r"^mkd_(?:consumer_lag|outbox_unsent|jobs_pending|dead_letters)(?:\{(.*)\})? (\S+)$", re.MULTILINE)
OVER = ('status="handled"', 'status="discarded"')
NOTED_IN = ("checkpoints", "progress")
"""What a worker notes its next offsets in; the second is what that was called before."""

OF_DAYS = {"_id": {"$regex": r"^savings\.days"}}
Place = tuple[str, int]


@dataclass(frozen=True)
class Workers:
    """Running workers of savings."""

    at: Parts
    pids: tuple[int, ...]
    ports: tuple[int, ...]

    def rss_mib(self) -> float:
        """What the largest holds in memory."""
        return max(float(psutil.Process(pid).memory_info().rss) for pid in self.pids) / 2**20

    def settled(self, within_s: float = 1800) -> list[tuple[float, int]]:
        """Wait until nothing is unsent, unheard or due. Returns the way there: seconds since the call, and how many
        records of people's days were durable. Raises `RuntimeError`."""
        begun, way, quiet = time.perf_counter(), [(0.0, heard(self.at))], 0
        with httpx.Client(timeout=60) as client:
            while quiet < 2:
                quiet = quiet + 1 if self._at_rest(client) else 0
                took = time.perf_counter() - begun
                if took > within_s:
                    raise RuntimeError(f"savings is not at rest: {last_words(self.at.home, 'savings-worker-1')}")
                if quiet < 2:
                    way.append((took, heard(self.at)))
                    time.sleep(LOOKS_EVERY_S)
        return way

    def _at_rest(self, client: httpx.Client) -> bool:
        return all(_is_zero(client, port) for port in self.ports)


def _is_zero(client: httpx.Client, port: int) -> bool:
    try:
        told = client.get(f"http://127.0.0.1:{port}/metrics").raise_for_status().text
    except httpx.HTTPError:
        return False
    waiting = [float(value) for labels, value in AT_REST.findall(told) if not labels.endswith(OVER)]
    return bool(waiting) and not any(waiting)


@contextmanager
def working(at: Parts, count: int = 1) -> Iterator[Workers]:
    """So many workers of savings, of which the first listens."""
    ports = tuple(at.home.worker_port("savings", number) for number in range(1, count + 1))
    with ExitStack() as all_of_them:
        pids = []
        for number, port in enumerate(ports, 1):
            command = [*stack.SERVING, *stack.QUIET, "--port", str(port), "services.savings.app:work"]
            one = started(at.home, f"savings-worker-{number}", command, at.environment("savings", number))
            pids.append(all_of_them.enter_context(one).pid)
        wait_for_port(ports[0], at.home, "savings-worker-1")
        yield Workers(at, tuple(pids), ports)


def heard(at: Parts) -> int:
    """How many records of people's days savings has made durable."""
    with pymongo.MongoClient[dict[str, object]](at.admin_url) as client:
        return sum(next_offsets(client).values())


def next_offsets(client: pymongo.MongoClient[dict[str, object]]) -> dict[Place, int]:
    """Before which offset all is durable, by topic and partition, as far as savings' days go."""
    found: dict[Place, int] = {}
    for name in NOTED_IN:
        for one in client["mkd_savings"][name].find(OF_DAYS):
            place = place_of(str(one["_id"]))
            found[place] = max(found.get(place, 0), int(str(one["next"])))
    return found


def place_of(id_: str) -> Place:
    """The topic and partition of a checkpoint, which may begin with its group's name."""
    topic, _, partition = id_.rpartition("|")[2].rpartition("/")
    return topic, int(partition)


def tenths(way: list[tuple[float, int]]) -> list[float]:
    """Records a second in each tenth of the way, from when the first of them was durable; none where it was too short
    to tell."""
    moving = [(took, done) for took, done in way if done > way[0][1]]
    if len(moving) < 2 or moving[0][1] == moving[-1][1]:
        return []
    (begun, least), most = moving[0], moving[-1][1]
    marks = [begun, *(_reached(moving, least + (most - least) * tenth / 10) for tenth in range(1, 11))]
    spans = [after - before for before, after in pairwise(marks)]
    return [(most - least) / 10 / span if span else 0.0 for span in spans]


def _reached(way: list[tuple[float, int]], goal: float) -> float:
    """When so many were durable, on a straight line between two looks."""
    (since, before), last = way[0], way[-1]
    for took, done in way:
        if done >= goal:
            return since + (took - since) * (goal - before) / (done - before) if done > before else took
        since, before = took, done
    return last[0]
