"""`./mkd bench`: what can be measured, at which size, and how it is told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from benchmarks import drivers
from benchmarks.catchup import catch_up, growth, two_workers
from benchmarks.latency import latency
from benchmarks.loops import loops
from benchmarks.measuring import Report
from benchmarks.population import Population
from benchmarks.rebuilding import rebuilding
from benchmarks.web import web


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    rounds: int
    month: Population
    grown: tuple[Population, ...]
    office: int
    clients: tuple[int, ...]
    seconds: float
    rate: int


FULL = Size(
    3,
    Population(),
    (Population(250), Population(2500), Population(12_500)),
    1200,
    (1, 16, 64),
    4.0,
    500,
)
SMALL = Size(1, Population(60, 6, 5), (Population(40, 4, 5), Population(80, 4, 5)), 80, (1, 4), 0.5, 100)
"""Shows that everything runs and is exact, and not how fast."""

MEASUREMENTS: dict[str, tuple[str, Callable[[Report, Size], None]]] = {
    "catch-up": ("savings beside quixstreams, FastStream and a loop", lambda r, s: catch_up(r, s.rounds, s.month)),
    "latency": ("from Kafka to the read model", lambda r, s: latency(r, s.rounds, s.month, s.rate, 4 * s.seconds)),
    "web": ("commands and reads beside plain FastAPI", lambda r, s: web(r, s.rounds, s.office, s.clients, s.seconds)),
    "loops": ("submit to saved, for many at once", lambda r, s: loops(r, s.office * 3 // 8)),
    "workers": ("one worker beside two", lambda r, s: two_workers(r, s.rounds, s.month)),
    "growth": ("ever more events", lambda r, s: growth(r, s.grown)),
    "rebuild": ("read models filled anew", lambda r, s: rebuilding(r, s.rounds, s.month)),
    "drivers": ("PyMongo's async API beside Motor", lambda r, s: drivers.main(r.out, 2 * s.rounds + 1)),
}


def run(
    out: Console, chosen: Sequence[str], size: Size, write: Path | None = None, compare: Path | None = None
) -> bool:
    """Measure what is chosen; whether every result was exact."""
    report = Report(out)
    for name in chosen:
        out.print(f"\n{name}: {MEASUREMENTS[name][0]}")
        MEASUREMENTS[name][1](report, size)
    if write:
        report.write(write)
    if compare:
        report.compare(compare)
    return report.exact
