"""The bench runs to its end, and what it measures does exactly what it has to: not how fast."""

import io
import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks import suite
from benchmarks.latency import Pace
from benchmarks.population import Population
from tests.harness.parts import in_memory
from tests.harness.stacks import local_parts_only

FEW = Population(20, 3, 3)
TINY = replace(
    suite.SMALL,
    month=FEW,
    grown=(FEW,),
    read=(FEW,),
    paced=FEW,
    pace=Pace(100, 0.5, 0.1),
    office=20,
    clients=(2,),
    seconds=0.1,
    looped=2,
    looped_at_once=(2,),
    users=2,
    streams=20,
    approvals=1,
    quix=False,
)
"""quixstreams would have to be installed for it."""

OFFICE = ("web", "live", "loops", "pages")


def _run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chosen: Sequence[str]) -> None:
    local_parts_only()
    file, said = tmp_path / "run.json", io.StringIO()
    with in_memory(tmp_path, "bench") as folder:
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
        out = Console(file=said, width=200)
        exact = suite.run(out, chosen, TINY, write=file)
    wrong = [line for line in said.getvalue().splitlines() if "NOT EXACT" in line]
    assert exact, wrong
    written = json.loads(file.read_text())
    assert len(written["samples"]) >= len(chosen)
    assert not written["not_exact"]


def test_of_savings_and_the_drivers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _run(tmp_path, monkeypatch, [name for name in suite.MEASUREMENTS if name not in OFFICE])


def test_of_whole_stacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _run(tmp_path, monkeypatch, OFFICE)
