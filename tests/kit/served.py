"""An API as a process of its own, as it is served: what it prints and sends is what an operator gets."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.base.home import ROOT, listening
from deploy.local.stack import environment
from shared.kit.base.settings import Settings
from tests.harness.parts import free_port_base, wait_for


@contextmanager
def served(service: str, settings: Settings, log: Path, told: dict[str, str] | None = None) -> Iterator[str]:
    """The address of a service's API while it runs, with more told by its environment; ended as an operator ends it."""
    port = free_port_base()
    command = [sys.executable, "-m", "shared.kit.web.serving", "--factory", "--port", str(port)]
    command += [f"services.{service}.app:api"]
    with log.open("wb") as out:
        its = os.environ | environment(settings) | (told or {})
        process = subprocess.Popen(command, cwd=ROOT, env=its, stdout=out, stderr=out)
    try:
        wait_for(lambda: listening(port), "the API")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)
