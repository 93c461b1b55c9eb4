"""What a run has cost: seconds, CPU time by process, and what else the machine did meanwhile."""

import json
import os
import statistics
import subprocess
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
    """Measure what happens inside: `parts` are the ids of the processes that take part, by name. What neither they nor
    this process nor those that it has begun and waited for have used counts as foreign."""
    cost = Cost()
    known = {pid for pids in parts.values() for pid in pids}
    whole = {**parts, **({} if os.getpid() in known else {"": [os.getpid()]})}
    before, waited, machine = _cpu(whole), _cpu_of_children(), psutil.cpu_times()
    started = time.perf_counter()
    yield cost
    cost.seconds = time.perf_counter() - started
    after, now = _cpu(whole), psutil.cpu_times()
    used = {name: after[name] - before[name] for name in whole}
    taking_part = sum(used.values()) + _cpu_of_children() - waited
    cost.cpu_s = {name: used[name] for name in parts}
    cost.foreign_cores = max(0.0, (_busy(now) - _busy(machine) - taking_part) / cost.seconds)
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


def _cpu_of_children() -> float:
    """What processes have used that this one has begun and waited for."""
    times = psutil.Process().cpu_times()
    return float(times.children_user + times.children_system)


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


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which a share (0 to 1) of all lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


@dataclass
class Report:
    """All samples of a run, told as they come, as a table and as JSON; and what was found not to be exact."""

    out: Console
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def add(self, what: str, sample: Sample) -> None:
        """Note a sample of a measurement, and say it."""
        self.samples.setdefault(what, []).append(sample)
        noted = "".join(f"  {name} {_told(value)}" for name, value in sample.noted.items())
        self.out.print(
            f"  {sample.name}: {_told(sample.rate)}/s in {sample.cost.seconds:.1f} s{noted}"
            f"  (foreign {sample.cost.foreign_cores:.2f} cores, steal {sample.cost.steal:.1%})"
        )
        self.check(f"{what}: {sample.name}", sample.exact)

    def check(self, claim: str, exact: bool) -> None:
        """Note whether something is as it has to be."""
        if not exact:
            self.wrong.append(claim)
            self.out.print(f"  NOT EXACT: {claim}")

    def table(self, what: str, beside: str | None = None, by: str | None = None) -> None:
        """Medians and ranges of a measurement, and ratios to one contestant, round by round: of the rate, or `by` what
        was noted."""
        table = Table(box=None, pad_edge=False, title=what, title_justify="left")
        headings = ("", "runs", "a second: median (least to most)", "CPU, µs each", "noted: medians", "foreign, steal")
        ratio = f"{by or 'rate'}, ratio to {beside}"
        for heading in (*headings, *([ratio] if beside else [])):
            table.add_column(heading, justify="right" if heading else "left")
        for name, samples in self._by_name(what).items():
            row = [name, str(len(samples)), _spread([sample.rate for sample in samples]), _cpu_each(samples)]
            row += [_noted(samples), _others(samples)]
            ratios = self.ratios(what, name, beside, by) if beside and name != beside else []
            table.add_row(*row, *([_spread(ratios)] if ratios else []))
        self.out.print(table)

    def ratios(self, what: str, name: str, beside: str, by: str | None = None) -> list[float]:
        """How many times as fast one was as another, or as much by what was noted, in each round that both have run."""
        both = self._by_name(what)
        pairs = zip(both.get(name, []), both.get(beside, []), strict=False)
        return [one.noted[by] / other.noted[by] if by else one.rate / other.rate for one, other in pairs]

    @property
    def exact(self) -> bool:
        """Whether every result was what it has to be."""
        return not self.wrong

    def write(self, file: Path) -> None:
        """All samples with where and when they were taken, to be compared with another run's."""
        said = {
            "taken_at": datetime.now(UTC).isoformat(),
            "commit": _commit(),
            "cores": os.cpu_count(),
            "not_exact": self.wrong,
            "samples": {what: [asdict(sample) for sample in samples] for what, samples in self.samples.items()},
        }
        file.write_text(json.dumps(said, indent=1) + "\n")

    def compare(self, file: Path) -> None:
        """This run's medians beside another's, which `write` has written."""
        other = json.loads(file.read_text())
        table = Table(box=None, pad_edge=False, title=f"Beside {other['commit']}", title_justify="left")
        for heading in ("", "", "then", "now", "times"):
            table.add_column(heading, justify="right" if heading else "left")
        for what in self.samples:
            then: dict[str, list[Sample]] = {}
            for one in other["samples"].get(what, []):
                then.setdefault(one["name"], []).append(_read(one))
            for name, samples in self._by_name(what).items():
                for measure, was, is_ in _both(then.get(name, []), samples):
                    table.add_row(f"{what}: {name}", measure, _told(was), _told(is_), f"{is_ / was:.2f}")
        self.out.print(table)

    def _by_name(self, what: str) -> dict[str, list[Sample]]:
        found: dict[str, list[Sample]] = {}
        for sample in self.samples.get(what, []):
            found.setdefault(sample.name, []).append(sample)
        return found


def _read(one: dict[str, Any]) -> Sample:
    """A sample as `write` has written it."""
    return Sample(**{**one, "cost": Cost(**one["cost"])})


def _both(then: Sequence[Sample], now: Sequence[Sample]) -> Iterator[tuple[str, float, float]]:
    """What both runs have measured of one contestant, with the medians."""
    were, are = _medians(then), _medians(now)
    return ((measure, were[measure], is_) for measure, is_ in are.items() if were.get(measure))


def _medians(samples: Sequence[Sample]) -> dict[str, float]:
    """By what is measured: how many a second, what was noted, CPU."""
    told: dict[str, list[float]] = {}
    for sample in samples:
        cpu = {f"CPU, {part}, µs each": used / sample.count * 1e6 for part, used in sample.cost.cpu_s.items()}
        for measure, value in {"a second": sample.rate, **sample.noted, **cpu}.items():
            told.setdefault(measure, []).append(value)
    return {measure: statistics.median(values) for measure, values in told.items()}


def _told(value: float) -> str:
    """Short, with two places where it is small."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}"


def _spread(values: Sequence[float]) -> str:
    return f"{_told(statistics.median(values))} ({_told(min(values))} to {_told(max(values))})"


def _noted(samples: Sequence[Sample]) -> str:
    names = {name: None for sample in samples for name in sample.noted}
    found = _medians(samples)
    return ", ".join(f"{name} {_told(found[name])}" for name in names)


def _others(samples: Sequence[Sample]) -> str:
    """What else the machine did meanwhile: cores that others used, and the share that its host kept."""
    foreign = statistics.median(sample.cost.foreign_cores for sample in samples)
    return f"{foreign:.2f}, {statistics.median(sample.cost.steal for sample in samples):.1%}"


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
