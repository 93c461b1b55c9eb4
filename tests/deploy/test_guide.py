"""What pages tell people to type can be typed, and the operator's guide tells of every alert."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from deploy.base.home import ROOT
from deploy.cli.main import app

GUIDES = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("docs/http/*.http")})
OPERATOR = ROOT / "docs" / "panduan" / "operator.md"
TYPED = re.compile(r"(?:^|[\s`(])\./mkd((?: [\w./…\"=+-]+)*)")


def typed(guide: Path) -> list[list[str]]:
    """Every command that a guide names, word by word."""
    return [words[1].split() for words in TYPED.finditer(guide.read_text())]


def known(words: list[str], group: Any) -> bool:
    """Whether the command is there, with each of its options."""
    options = {"--help"} | {name for parameter in group.params for name in (*parameter.opts, *parameter.secondary_opts)}
    for position, word in enumerate(words):
        if word.startswith("-") and word.strip("-") and word not in options:
            return False
        commands = getattr(group, "commands", None)
        if not word.startswith("-") and commands:
            return word in commands and known(words[position + 1 :], commands[word])
    return True


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: str(guide.relative_to(ROOT)))
def test_every_command_of_a_guide_is_there(guide: Path) -> None:
    whole = typer.main.get_command(app)
    assert [words for words in typed(guide) if not known(words, whole)] == []


def test_a_command_that_is_not_there_would_be_noticed() -> None:
    whole = typer.main.get_command(app)
    for wrong in (["logz"], ["up", "--newkafka"], ["dead-letters", "burn", "ID"], ["--demos", "status"]):
        assert not known(wrong, whole)
    assert known(["--demo", "token", "x"], whole)
    assert len(typed(OPERATOR)) > 30


def test_the_operators_guide_tells_of_every_alert_and_of_every_command_of_recovery() -> None:
    text = OPERATOR.read_text()
    alerts = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yaml").read_text())
    names = [rule["alert"] for group in alerts["groups"] for rule in group["rules"]]
    assert [name for name in names if f"`{name}`" not in text] == []
    for command in ("backup", "restore", "resend", "rebuild", "dead-letters", "reset", "status", "demo-day", "samples"):
        assert f"./mkd {command}" in text
