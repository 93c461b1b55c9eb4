"""`./mkd` as somebody types it, in the process of the test; what it says, and with which code it ends."""

import os
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from deploy.base import console
from deploy.cli import main as cli


@dataclass(frozen=True)
class Said:
    """What a command has said."""

    code: int
    out: str
    err: str


Mkd = Callable[..., Said]


def typing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Mkd:
    """Runs a command in an environment that says of MKD only what is given. No command ever shows a traceback."""

    def typed(*words: str, **environment: str) -> Said:
        with monkeypatch.context() as told:
            for name in [name for name in os.environ if name.startswith("MKD_")]:
                told.delenv(name)
            for name, value in environment.items():
                told.setenv(name, value)
            code = 0
            try:
                console.run(cli.app, "./mkd", words)
            except SystemExit as ended:
                code = int(ended.code or 0)
            os.environ.pop("MKD_ONLY_DEMO", None)
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return Said(code, said.out, said.err)

    return typed
