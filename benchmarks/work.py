"""A service's worker, as it is, until it has taken in all that the topics hold: `python -m benchmarks.work SERVICE`.

Says as JSON what that has cost. The environment tells it what it tells a worker, and in MKD_BENCH_PARTS the ids of the
processes of Kafka and MongoDB.
"""

import asyncio
import json
import os
import sys
from dataclasses import asdict
from importlib import import_module
from itertools import pairwise

import psutil
import uvloop

from benchmarks.measuring import Cost, costing
from shared.kit.base.settings import Settings
from shared.kit.process.service import Service
from shared.kit.process.worker import Worker

LOOKS_EVERY_S = 0.02
RESTS_S = 0.3


async def work(service: Service, settings: Settings) -> dict[str, object]:
    """Run it until nothing waits any more."""
    worker = Worker(service, settings)
    parts = json.loads(os.environ["MKD_BENCH_PARTS"]) | {"own": [os.getpid()]}
    caught_up_s = 0.0
    progress: list[tuple[float, int]] = []
    with costing(parts) as cost:
        async with worker.running():
            started = asyncio.get_running_loop().time()
            ends = await _ends(worker)
            while (done := await _done(worker)) < ends:
                progress.append((asyncio.get_running_loop().time() - started, done))
                await asyncio.sleep(LOOKS_EVERY_S)
            caught_up_s = asyncio.get_running_loop().time() - started
            while await _pending(worker):
                await asyncio.sleep(LOOKS_EVERY_S)
            settled_s = asyncio.get_running_loop().time() - started
    progress.append((caught_up_s, ends))
    return {
        "cost": asdict(_only(cost, caught_up_s, settled_s)),
        "caught_up_s": caught_up_s,
        "settled_s": settled_s,
        "rss_mib": psutil.Process().memory_info().rss / 2**20,
        "tenths": _tenths(progress, ends),
    }


def _only(cost: Cost, caught_up_s: float, settled_s: float) -> Cost:
    """Starting and stopping are not what is measured."""
    return Cost(max(caught_up_s, settled_s), cost.cpu_s, cost.foreign_cores, cost.steal)


async def _ends(worker: Worker) -> int:
    """How many records the topics hold for this worker, in all."""
    while True:
        try:
            return sum((await worker.lag()).values()) + await _done(worker)
        except Exception:
            await asyncio.sleep(LOOKS_EVERY_S)


async def _done(worker: Worker) -> int:
    """How many of them are durable."""
    offsets = await asyncio.gather(*(runner.checkpoint.offsets() for runner in worker.runners))
    return sum(sum(each.values()) for each in offsets)


async def _pending(worker: Worker) -> bool:
    """Whether any job has something to do."""
    return any((await worker.service.pending(worker.db, worker.generation, worker.clock)).values())


def _tenths(progress: list[tuple[float, int]], ends: int) -> list[float]:
    """Records a second in each tenth of the way."""
    marks, begun = [], progress[0][1]
    for tenth in range(11):
        goal = begun + (ends - begun) * tenth // 10
        marks.append(next((at, done) for at, done in progress if done >= goal))
    return [(done - before) / (at - since) if at > since else 0.0 for (since, before), (at, done) in pairwise(marks)]


def main() -> None:
    """Work, and say what it has cost."""
    service: Service = import_module(f"services.{sys.argv[1]}.app").SERVICE
    print(json.dumps(uvloop.run(work(service, Settings()))))


if __name__ == "__main__":
    main()
