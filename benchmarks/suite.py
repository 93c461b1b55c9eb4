"""`./mkd bench`: what can be measured, at which size, and how it is told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from benchmarks.catchup import catch_up, growth, two_workers
from benchmarks.drivers import drivers
from benchmarks.grounds import Grounds
from benchmarks.latency import Pace, latency
from benchmarks.live import live
from benchmarks.loops import loops
from benchmarks.measuring import Report
from benchmarks.pages import pages
from benchmarks.population import Population
from benchmarks.reads import reads
from benchmarks.rebuilding import rebuilding
from benchmarks.web import web


@dataclass(frozen=True)
class Size:
    """How much is measured. `again` is how often what takes longest is; `quix` whether quixstreams is among the peers,
    which is installed for it; `share` how much of their work the drivers do."""

    rounds: int
    again: int
    month: Population
    grown: tuple[Population, ...]
    read: tuple[Population, ...]
    paced: Population
    pace: Pace
    office: int
    clients: tuple[int, ...]
    seconds: float
    looped: int
    looped_at_once: tuple[int, ...]
    streams: int
    approvals: int
    users: int
    share: float
    quix: bool = True


FULL = Size(
    rounds=2,
    again=1,
    month=Population(),
    grown=(Population(12_500, 225),),
    read=(Population(1200, 30, 4), Population(3600, 90, 4)),
    paced=Population(2500, 45, 1),
    pace=Pace(500, 10, 5),
    office=1200,
    clients=(1, 16, 64),
    seconds=2.5,
    looped=600,
    looped_at_once=(8, 32),
    streams=500,
    approvals=60,
    users=50,
    share=1,
)
"""About a quarter of an hour on two cores that nobody else uses."""

FEW = Population(60, 6, 5)
SMALL = Size(
    rounds=1,
    again=1,
    month=FEW,
    grown=(FEW,),
    read=(FEW,),
    paced=FEW,
    pace=Pace(100, 1, 0.5),
    office=40,
    clients=(1, 4),
    seconds=0.2,
    looped=8,
    looped_at_once=(4, 8),
    streams=40,
    approvals=2,
    users=4,
    share=0.05,
)
"""Shows that everything runs and is exact, and not how fast."""

Measure = Callable[[Report, Grounds, Size], None]
MEASUREMENTS: dict[str, tuple[str, Measure]] = {
    "catch-up": (
        "savings beside quixstreams, FastStream and a loop",
        lambda r, g, s: catch_up(r, g, s.rounds, s.month, quix=s.quix),
    ),
    "workers": ("one worker beside two", lambda r, g, s: two_workers(r, g, s.again, s.month)),
    "rebuild": ("read models filled anew", lambda r, g, s: rebuilding(r, g, s.again, s.month)),
    "growth": ("the last of many events beside the first", lambda r, g, s: growth(r, g, s.grown)),
    "reads": ("totals beside plain FastAPI", lambda r, g, s: reads(r, g, s.rounds, s.read, s.seconds / 2)),
    "latency": ("from Kafka to the read model", lambda r, g, s: latency(r, g, s.rounds, s.paced, s.pace)),
    "web": (
        "commands beside plain FastAPI",
        lambda r, g, s: web(r, g, s.rounds, s.office, s.clients, s.seconds),
    ),
    "live": (
        "submits beside open streams, and from an approval to the page",
        lambda r, g, s: live(r, g, s.rounds, s.office, s.streams, s.seconds, s.approvals),
    ),
    "loops": (
        "submit to saved, for many at once",
        lambda r, g, s: loops(r, g, s.rounds, s.office, s.looped, s.looped_at_once),
    ),
    "pages": (
        "the portal's pages beside the bare calls that they make",
        lambda r, g, s: pages(r, g, s.rounds, s.office, s.users, s.seconds),
    ),
    "drivers": ("PyMongo's async API beside Motor", lambda r, _, s: drivers(r, 2 * s.rounds + 1, s.share)),
}
"""In an order in which those that stand on the same follow each other."""


def run(
    out: Console, chosen: Sequence[str], size: Size, write: Path | None = None, compare: Path | None = None
) -> bool:
    """Measure what is chosen; whether every result was exact."""
    report = Report(out)
    with Grounds() as grounds:
        for name in chosen:
            out.print(f"\n{name}: {MEASUREMENTS[name][0]}")
            MEASUREMENTS[name][1](report, grounds, size)
    if write:
        report.write(write)
    if compare:
        report.compare(compare)
    return report.exact
