"""Every operation, called with what a fuzzer makes of its OpenAPI document: no 5xx, nothing undocumented."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI

from deploy.base.home import SERVICES, listening
from shared.kit.web import app as http
from tests.harness.parts import free_port_base, wait_for
from tests.harness.platform import Platform
from tests.harness.town import open_town, subject

MONDAY = date(2026, 9, 7)
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
)


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """An app on a port of its own, in a thread with an event loop of its own."""
    port = free_port_base()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(lambda: listening(port), "the API")
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.mark.parametrize("cases", [15, pytest.param(60, marks=pytest.mark.long)])
@pytest.mark.parametrize("service", SERVICES)
async def test_a_fuzzer_finds_no_failure_and_no_undocumented_status(
    service: str, cases: int, memory: Platform, seed: int, tmp_path: Path
) -> None:
    town = await open_town(memory)
    await town.play_to_verified("ani", MONDAY)
    who = "administrator" if service == "organisation" else subject("citra")
    token = memory.token(who)
    its = memory.settings[service].model_copy(update={"operator_subjects": who})
    with served(http.api(memory.services[service], its)) as address:
        command = [sys.executable, "-m", "schemathesis.cli", "run", f"{address}/openapi.json", "--seed", str(seed)]
        command += ["-H", f"Authorization: Bearer {token}", "--checks", ",".join(CHECKS), "--warnings", "off"]
        command += ["--exclude-path", "/v1/changes"]  # which is answered for as long as somebody listens
        command += ["--phases", "examples,coverage,fuzzing", "--max-examples", str(cases), "--no-color"]
        done = await asyncio.to_thread(
            subprocess.run, command, capture_output=True, text=True, check=False, cwd=tmp_path
        )
    assert done.returncode == 0, f"seed {seed}\n{done.stdout[-8000:]}\n{done.stderr[-2000:]}"
