"""How fast read models are filled anew from the beginning of the topics."""

import asyncio
import os

from benchmarks.exact import digest
from benchmarks.grounds import Grounds, Told
from benchmarks.measuring import Report, Sample, costing
from benchmarks.population import Population
from benchmarks.workers import working
from deploy.local import stack
from deploy.recovery import rebuild
from services.savings.app import SERVICE


def rebuilding(report: Report, grounds: Grounds, rounds: int, of: Population) -> None:
    """Have all taken in, then fill another generation while nobody works, and switch."""
    what = f"rebuild, {of.events:,} events"
    ground = grounds.told(of)
    with working(ground.at) as there:
        there.settled()
    for _ in range(rounds):
        report.add(what, _rebuilt(ground))
    report.table(what)


def _rebuilt(ground: Told) -> Sample:
    before = digest(ground.at)
    with costing(ground.at.of(os.getpid())) as cost:
        asyncio.run(rebuild.rebuild(SERVICE, stack.settings(ground.at.home, "savings"), lambda _: None))
    same = digest(ground.at) == before
    return Sample("savings", ground.of.events, cost, exact=ground.is_exact() and same)
