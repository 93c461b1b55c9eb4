"""How fast read models are filled anew from the beginning of the topics."""

import asyncio
import time

from benchmarks.catchup import work
from benchmarks.measuring import Report, Sample, costing
from benchmarks.parts import parts
from benchmarks.population import Population, tell, tell_worked
from deploy.local import stack
from deploy.recovery import rebuild
from services.savings.app import SERVICE


def rebuilding(report: Report, rounds: int, of: Population) -> None:
    """Take all in, then fill another generation while nobody works, and switch."""
    what = f"rebuild, {of.events:,} events"
    for _ in range(rounds):
        with parts() as at:
            tell(at, of)
            tell_worked(at, of)
            work(at)
            started = time.perf_counter()
            with costing(at.of()) as cost:
                asyncio.run(rebuild.rebuild(SERVICE, stack.settings(at.home, "savings"), lambda _: None))
            cost.seconds = time.perf_counter() - started
            report.add(what, Sample("savings", of.events, cost))
    report.table(what)
