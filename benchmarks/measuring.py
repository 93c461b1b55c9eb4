"""What a run has cost: seconds, CPU time by process, and what else the machine did meanwhile."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from deploy.base.home import ROOT


@dataclass
class Cost:
    """What a span of time has cost. `cpu_s` is by part, such as `mongod`; `foreign_cores` is what processes used that
    did not take part, `steal` the share that the host kept for others."""

    seconds: float = 0.0
    cpu_s: dict[str, float] = field(default_factory=dict)
    foreign_cores: float = 0.0
    steal: float = 0.0


@contextmanager
def costing(parts: Mapping[str, Sequence[int]]) -> Iterator[Cost]:
    """Measure what happens inside: `parts` are the ids of the processes that take part, by name. What they and this
    process did not use counts as foreign."""
    cost = Cost()
    known = {pid for pids in parts.values() for pid in pids}
    whole = {**parts, **({} if os.getpid() in known else {"": [os.getpid()]})}
    before, machine = _cpu(whole), psutil.cpu_times()
    started = time.perf_counter()
    yield cost
    cost.seconds = time.perf_counter() - started
    after, now = _cpu(whole), psutil.cpu_times()
    used = {name: after[name] - before[name] for name in whole}
    cost.cpu_s = {name: used[name] for name in parts}
    cost.foreign_cores = max(0.0, (_busy(now) - _busy(machine) - sum(used.values())) / cost.seconds)
    stolen = getattr(now, "steal", 0.0) - getattr(machine, "steal", 0.0)
    cost.steal = stolen / (cost.seconds * (os.cpu_count() or 1))


def _cpu(parts: Mapping[str, Sequence[int]]) -> dict[str, float]:
    return {name: sum(_cpu_of(pid) for pid in pids) for name, pids in parts.items()}


def _cpu_of(pid: int) -> float:
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def _busy(times: Any) -> float:
    return float(times.user + times.nice + times.system + getattr(times, "irq", 0) + getattr(times, "softirq", 0))


@dataclass(frozen=True)
class Sample:
    """One run of one contestant: how many things it did in a span, what that cost, and what else was noted, such as
    latencies in milliseconds. `exact` says whether the result was what it has to be."""

    name: str
    count: int
    cost: Cost
    noted: Mapping[str, float] = field(default_factory=dict)
    exact: bool = True

    @property
    def rate(self) -> float:
        """Things a second."""
        return self.count / self.cost.seconds


def child(module: str, *arguments: str, environment: Mapping[str, str] | None = None, within_s: float = 900) -> Any:
    """Run a module of the benchmarks in a process of its own; what it says last, as JSON. Raises `RuntimeError` with
    the end of its log when it fails."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **(environment or {})}, capture_output=True, text=True, timeout=within_s
    )
    if done.returncode:
        raise RuntimeError(f"{module} ended with {done.returncode}: {done.stderr[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which a share (0 to 1) of all lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


@dataclass
class Report:
    """All samples of a run, told as they come, as a table and as JSON."""

    out: Console
    samples: dict[str, list[Sample]] = field(default_factory=dict)

    def add(self, what: str, sample: Sample) -> None:
        """Note a sample of a measurement, and say it."""
        self.samples.setdefault(what, []).append(sample)
        exact = "" if sample.exact else "  NOT EXACT"
        noted = "".join(f"  {name} {value:,.1f}" for name, value in sample.noted.items())
        self.out.print(
            f"  {sample.name}: {sample.rate:,.0f}/s in {sample.cost.seconds:.1f} s{noted}"
            f"  (foreign {sample.cost.foreign_cores:.2f} cores, steal {sample.cost.steal:.1%}){exact}"
        )

    def table(self, what: str, beside: str | None = None) -> None:
        """Medians and ranges of a measurement, and ratios to one contestant, round by round."""
        table = Table(box=None, pad_edge=False, title=what, title_justify="left")
        for heading in ("", "runs", "a second: median (least to most)", "CPU, µs each", f"ratio to {beside or '-'}"):
            table.add_column(heading, justify="left" if not heading else "right")
        for name, samples in self._by_name(what).items():
            rates = [sample.rate for sample in samples]
            spread = f"{statistics.median(rates):,.0f} ({min(rates):,.0f} to {max(rates):,.0f})"
            ratios = self.ratios(what, name, beside) if beside and name != beside else []
            ratio = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})" if ratios else ""
            table.add_row(name, str(len(samples)), spread, _cpu_each(samples), ratio)
        self.out.print(table)

    def ratios(self, what: str, name: str, beside: str) -> list[float]:
        """How many times as fast one was as another, in each round that both have run."""
        both = self._by_name(what)
        return [one.rate / other.rate for one, other in zip(both.get(name, []), both.get(beside, []), strict=False)]

    @property
    def exact(self) -> bool:
        """Whether every result was what it has to be."""
        return all(sample.exact for samples in self.samples.values() for sample in samples)

    def write(self, file: Path) -> None:
        """All samples with where and when they were taken, to be compared with another run's."""
        said = {
            "taken_at": datetime.now(UTC).isoformat(),
            "commit": _commit(),
            "cores": os.cpu_count(),
            "samples": {what: [asdict(sample) for sample in samples] for what, samples in self.samples.items()},
        }
        file.write_text(json.dumps(said, indent=1) + "\n")

    def compare(self, file: Path) -> None:
        """This run's medians beside another's, which `write` has written."""
        other = json.loads(file.read_text())
        table = Table(box=None, pad_edge=False, title=f"Beside {other['commit']}", title_justify="left")
        for heading in ("", "then, a second", "now, a second", "times"):
            table.add_column(heading, justify="left" if not heading else "right")
        for what in self.samples:
            then: dict[str, list[float]] = {}
            for one in other["samples"].get(what, []):
                then.setdefault(one["name"], []).append(one["count"] / one["cost"]["seconds"])
            for name, samples in self._by_name(what).items():
                if name in then:
                    was, is_ = statistics.median(then[name]), statistics.median(sample.rate for sample in samples)
                    table.add_row(f"{what}: {name}", f"{was:,.0f}", f"{is_:,.0f}", f"{is_ / was:.2f}")
        self.out.print(table)

    def _by_name(self, what: str) -> dict[str, list[Sample]]:
        found: dict[str, list[Sample]] = {}
        for sample in self.samples.get(what, []):
            found.setdefault(sample.name, []).append(sample)
        return found


def _cpu_each(samples: Sequence[Sample]) -> str:
    parts = {part for sample in samples for part in sample.cost.cpu_s}
    each = {
        part: statistics.median(sample.cost.cpu_s.get(part, 0.0) / sample.count * 1e6 for sample in samples)
        for part in sorted(parts)
    }
    return ", ".join(f"{part} {value:,.0f}" for part, value in each.items())


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"
