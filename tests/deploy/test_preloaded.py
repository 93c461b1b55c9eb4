"""The supervisor's copies of itself: what is one, and what is started as ever."""

import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from supervisor import options

from deploy.local import preloaded
from deploy.local.preloaded import Preloaded
from deploy.local.stack import SERVING

OURS = (*SERVING, "--port", "1", "services.savings.app:api")
OTHERS = ((sys.executable, "-m", "shared.kit.web.serving"), (sys.executable, "-m", "http.server"), ("java", "Kafka"))


class Started(Exception):
    """What was started, and as what."""


@pytest.fixture
def supervisor(monkeypatch: pytest.MonkeyPatch) -> Preloaded:
    def begun(name: str) -> Any:
        def begin(*said: Any) -> None:
            raise Started(name, *said)

        return begin

    monkeypatch.setattr(options.ServerOptions, "execve", begun("anew"))
    monkeypatch.setattr(preloaded, "_become", begun("copy"))
    monkeypatch.setattr(preloaded, "READ", ("services.savings.app",))
    monkeypatch.setattr(gc, "freeze", lambda: None)
    return Preloaded()


def _started(supervisor: Preloaded, argv: Sequence[str]) -> tuple[Any, ...]:
    supervisor.check_execv_args(sys.executable, argv, os.stat(sys.executable))
    with pytest.raises(Started) as started:
        supervisor.execve(sys.executable, argv, {"MKD_INSTANCE": "jabar"})
    return started.value.args


@pytest.mark.skipif(not preloaded.COPIES, reason="nothing is copied here")
def test_our_processes_are_copies(supervisor: Preloaded) -> None:
    assert _started(supervisor, OURS) == ("copy", OURS[2:], {"MKD_INSTANCE": "jabar"})


@pytest.mark.parametrize("argv", OTHERS)
def test_others_are_not(supervisor: Preloaded, argv: Sequence[str]) -> None:
    assert _started(supervisor, argv)[0] == "anew"


def test_where_the_code_cannot_be_read_the_process_says_why_itself(
    supervisor: Preloaded, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "not_python.py").write_text("def")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(preloaded, "READ", ("not_python",))
    assert _started(supervisor, OURS)[0] == "anew"
