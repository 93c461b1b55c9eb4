"""The verbs for what was put aside: of consumers, of jobs, of nobody; and others' words are only ever words."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.table import Table

from deploy.base import console
from deploy.base.failure import Failure
from deploy.recovery import reach
from shared.kit.messaging import deadletters, jobs
from tests.deploy.typed import Mkd, typing
from tests.harness.platform import Platform

HOSTILE = [
    "[/red]",
    "[bold]x[/]",
    "[link=http://x]y",
    "\x1b[2J\x1b]0;title\x07",
    "\\[",
    "[",
    ":smile:",
    "\r\nmkd: \u202ex",
]


@pytest.fixture
def mkd(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], memory: Platform) -> Mkd:
    """Commands about the test's platform."""
    monkeypatch.setattr(reach, "settings_of", lambda name: memory.settings[name])
    return typing(monkeypatch, capsys)


def letter(consumer: str, words: str, **more: Any) -> dict[str, Any]:
    """A record that was put aside, with somebody's words wherever there can be words."""
    return {
        "_id": f"{consumer}|mkd.requests/3/{abs(hash(words))}",
        "consumer": consumer,
        "status": "open",
        "rule": "foreign-source",
        "reason": f"header 'ce_source' is {words}",
        "stream": f"/tests/requests/{words}",
        "n": 1,
        "topic": "mkd.requests",
        "partition": 3,
        "offset": 5,
        "key": words.encode(),
        "value": f'{{"x": "{words}"}}'.encode(),
        "headers": [["ce_source", words.encode()], [words, None]],
        "at": datetime.now(UTC),
        **more,
    }


def harmless(text: str) -> bool:
    """Whether a terminal only shows it."""
    return all(char.isprintable() or char == "\n" for char in text)


@pytest.mark.parametrize("words", HOSTILE)
async def test_others_words_are_printed_as_they_are(memory: Platform, mkd: Mkd, words: str) -> None:
    group = f"{memory.settings['approvals'].topic_prefix}approvals.hears"
    one = letter(group, words)
    await memory.databases["approvals"].dead_letters.insert_one(one)
    for command in (["list", "--all"], ["show", one["_id"]], ["discard", one["_id"], "--because", words]):
        done = await asyncio.to_thread(mkd, "dead-letters", *command)
        assert (done.code, harmless(done.out)) == (0, True), done
        if command[0] == "list" and words.isprintable():
            assert words in done.out.replace("\n", ""), done.out


@pytest.mark.parametrize("words", HOSTILE)
def test_whatever_a_command_says_is_only_words(capsys: pytest.CaptureFixture[str], words: str) -> None:
    table = Table()
    table.add_column("heading")
    console.add(table, words)
    console.say(words)
    console.tell(words)
    console.complain(words, words)
    console.out.print(table)
    said = capsys.readouterr()
    assert harmless(said.out)
    assert harmless(said.err)
    assert len(said.out.splitlines()) == 2 + 5
    if words.isprintable():
        assert said.out.count(words) == 3


def test_no_console_of_ours_takes_words_for_markup() -> None:
    for one in (console.out, console.err):
        with one.capture() as caught:
            one.print("[red]x[/red] :smile:")
        assert caught.get() == "[red]x[/red] :smile:\n"
    assert isinstance(console.out, Console)


async def test_what_a_job_failed_on_is_listed_shown_and_tried_again(memory: Platform, mkd: Mkd) -> None:
    db = memory.databases["savings"]
    await deadletters.set_aside(db, "settle", "day-1", ValueError("[/red]"))
    await deadletters.set_aside(db, "settle", "day-2", ValueError("no"))
    assert await jobs.left_out(db, "settle") == ["day-1", "day-2"]
    assert (await asyncio.to_thread(mkd, "dead-letters", "list", "savings")).out.count("handler-failed") == 2
    shown = (await asyncio.to_thread(mkd, "dead-letters", "show", "settle|day-1")).out
    assert "about          day-1" in shown
    assert "value" not in shown
    assert (await asyncio.to_thread(mkd, "dead-letters", "retry", "settle|day-1")).out == "settle|day-1: handled\n"
    assert await jobs.left_out(db, "settle") == ["day-2"], "the job takes it up again"
    done = await asyncio.to_thread(mkd, "dead-letters", "discard", "settle|day-2", "--because", "of no use")
    assert done.code == 0
    left = await db.dead_letters.find_one({"_id": "settle|day-2"})
    assert left
    assert (left["status"], left["closed_because"]) == ("discarded", "of no use")


async def test_a_letter_of_a_consumer_that_is_gone_is_listed_and_can_be_given_up(memory: Platform, mkd: Mkd) -> None:
    one = letter("requests.of-old", "x")
    await memory.databases["requests"].dead_letters.insert_one(one)
    assert one["_id"] in (await asyncio.to_thread(mkd, "dead-letters", "list")).out.replace("\n", "")
    refused = await asyncio.to_thread(mkd, "dead-letters", "retry", one["_id"])
    assert (refused.code, "discard it" in refused.err) == (1, True)
    assert (await asyncio.to_thread(mkd, "dead-letters", "discard", one["_id"], "--because", "x")).code == 0
    assert "Nothing" in (await asyncio.to_thread(mkd, "dead-letters", "list", "requests")).out


@pytest.mark.parametrize("verb", [["show"], ["retry"], ["discard", "--because", "x"]])
async def test_a_letter_that_there_is_none_of_is_said(mkd: Mkd, verb: list[str]) -> None:
    done = await asyncio.to_thread(mkd, "dead-letters", verb[0], "[/red]|x", *verb[1:])
    assert (done.code, "There is no record '[/red]|x'" in done.err) == (1, True), done.err


async def test_a_service_that_there_is_none_of_is_said(mkd: Mkd) -> None:
    done = await asyncio.to_thread(mkd, "dead-letters", "list", "payroll")
    assert (done.code, "There is no service 'payroll'" in done.err) == (1, True)


@pytest.mark.parametrize(
    ("failed", "said"),
    [
        (OSError(28, "No space left on device", "/x"), "Make room"),
        (PermissionError(13, "Permission denied", "/x"), "Permission denied (/x)"),
        (Failure("[/red]", "[red]"), "[/red]"),
        (RuntimeError("[/red]"), "RuntimeError: [/red]"),
    ],
)
def test_what_nobody_foresaw_is_a_cause_and_a_remedy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], failed: Exception, said: str
) -> None:
    def fails(**_: object) -> None:
        raise failed

    monkeypatch.setattr("deploy.cli.main.folder.forget", fails)
    monkeypatch.setattr("deploy.cli.main.bring_down", lambda *_: (_ for _ in ()).throw(failed))
    done = typing(monkeypatch, capsys)("reset", "--yes")
    assert (done.code, said in done.err) == (1, True), done.err


async def test_who_was_erased_is_kept_beside_a_backup_and_held_against_what_it_brings_back(
    memory: Platform, mkd: Mkd, tmp_path: Path
) -> None:
    gone = [{"_id": f"ers-{id_}", "employee_id": id_, "n": 1} for id_ in ("emp-2", "emp-1")]
    await memory.databases["organisation"].erasures.insert_many(gone)
    kept = tmp_path / "erased.txt"
    kept.write_text((await asyncio.to_thread(mkd, "erased")).out)
    assert kept.read_text() == "emp-1\nemp-2\n"
    assert (await asyncio.to_thread(mkd, "erased", "--again", str(kept))).code == 0
    await memory.databases["organisation"].erasures.delete_one({"employee_id": "emp-2"})
    done = await asyncio.to_thread(mkd, "erased", "--again", str(kept))
    assert (done.code, done.out) == (1, "emp-2\n")
    missing = await asyncio.to_thread(mkd, "erased", "--again", str(tmp_path / "nowhere"))
    assert (missing.code, "No such file" in missing.err) == (1, True)
