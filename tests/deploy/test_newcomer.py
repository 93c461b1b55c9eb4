"""What somebody finds who has just started: sheets that load, people to be, and a day that moves on."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from demo.stage import WIB
from deploy.base.failure import Failure
from deploy.base.home import Home
from deploy.demo import month as demo
from deploy.demo import samples
from deploy.demo.people import cast
from deploy.local import supervise
from tests.deploy.typed import Mkd, typing
from tests.harness.platform import Platform


@pytest.fixture
def mkd(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Mkd:
    return typing(monkeypatch, capsys)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_the_samples_load_in_their_order_and_everybody_in_the_guide_is_somebody(
    memory: Platform, mkd: Mkd, tmp_path: Path, form: str
) -> None:
    memory.set_clock(datetime(2026, 8, 3, 8, tzinfo=WIB))
    folder = tmp_path / "sheets"
    written = mkd("samples", str(folder), "--as", form).out.splitlines()
    *sheets, guide = sorted(folder.iterdir())
    assert written == [str(file) for file in (*sheets, guide)]
    for file in sheets:
        kind = file.stem.partition("-")[2]
        sent = await memory.apis.post(
            "administrator",
            "organisation",
            f"/v1/imports?kind={kind}",
            content=file.read_bytes(),
            headers={"Content-Type": samples.MEDIA[form]},
        )
        report = sent.json()
        assert (sent.status_code, report.get("status")) == (201, "valid"), sent.text
        confirmed = await memory.apis.post(
            "administrator", "organisation", f"/v1/imports/{report['import_id']}:confirm"
        )
        assert confirmed.status_code == 200, confirmed.text
        await memory.settle()
    told = guide.read_text()
    parts = list(cast(samples.office(), samples.SEED, samples.DAYS))
    assert {"administrator", "operator", "employee", "superior", "personnel agency", "analyst"} <= {
        part.role for part in parts
    }
    for part in parts:
        assert f"./mkd token {part.subject}`" in told
        me = await memory.apis.get(part.subject, "requests", "/v1/me")
        assert (me.status_code == 200) == (part.role not in ("administrator", "operator")), part
    assert mkd("samples", str(folder)).code == 1, "nothing is written over"
    assert "csv, xlsx" in mkd("samples", str(tmp_path / "x"), "--as", "pdf").err


def test_a_demos_day_moves_on_and_never_back(mkd: Mkd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(tmp_path / "home", 20_000)
    monkeypatch.setattr("deploy.cli.main.running_stack", lambda: home)
    start = datetime(2026, 8, 3, 7, 30, tzinfo=WIB)
    demo.set_clock(home.folder("run") / "clock", start)
    assert "Monday 2026-08-03T07:30" in mkd("demo-day").out
    assert "Tuesday 2026-08-04T07:30" in mkd("demo-day", "+1").out
    assert demo.now(home) == start + timedelta(days=1)
    assert "2026-08-05T16:00" in mkd("demo-day", "2026-08-05T16:00").out
    for wrong in ("2026-08-05T15:00", "tomorrow", "+x", "+99999999999", "2026-13-01"):
        done = mkd("demo-day", wrong)
        assert (done.code, done.err.startswith("mkd: ")) == (1, True), done
    assert mkd("demo-day", "+1", MKD_ISSUER="https://sso.example").code == 1, "no demo instance"
    assert demo.now(home) == datetime(2026, 8, 5, 16, tzinfo=WIB)


def test_a_command_is_about_the_stack_that_is_meant(mkd: Mkd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The own stack's before the demo's where both run; the demo's alone when it is named."""
    place = {"MKD_HOME": str(tmp_path / "home"), "MKD_PORT_BASE": "20000"}
    monkeypatch.setenv("MKD_HOME", place["MKD_HOME"])
    own, its_demo = Home.default(), Home.demo()
    monkeypatch.setattr(supervise.Supervisor, "running", lambda self: True)
    assert (supervise.running_stack().path, supervise.meant()) == (own.path, [own, its_demo])
    monkeypatch.setenv("MKD_ONLY_DEMO", "1")
    assert (supervise.running_stack().path, supervise.meant()) == (its_demo.path, [its_demo])
    for home in (own, its_demo):
        (home.folder("logs") / "kafka.log").write_text(f"{home.path}\n")
    read: list[list[str]] = []
    monkeypatch.setattr(os, "execvp", lambda _, command: read.append(command))
    for words in (["logs", "all"], ["logs"], ["--demo", "logs", "kafka"]):
        mkd(*words, **place)
    assert [command[-1] for command in read] == [str(h.path / "logs" / "kafka.log") for h in (own, own, its_demo)]


def test_what_was_not_played_cannot_be_opened(mkd: Mkd, tmp_path: Path) -> None:
    done = mkd("demo", "--keep", MKD_HOME=str(tmp_path / "home"), MKD_PORT_BASE="20000")
    assert (done.code, "No demo is kept" in done.err) == (1, True)


def test_a_demo_that_somebody_has_stopped_elsewhere_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = [False, False, False, True, False, True]
    monkeypatch.setattr(demo, "LOOKS_EVERY_S", 0)
    monkeypatch.setattr(supervise.Supervisor, "running", lambda _: there.pop())
    with pytest.raises(Failure, match="runs no more"):
        demo._serve(Console(), Home(tmp_path, 20_000))
    assert there == []
