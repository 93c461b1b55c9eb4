"""What is written down: lines that a machine can read, with the ids at hand, and never what anybody wrote."""

import asyncio
import io
import json
import logging
import warnings
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from aiokafka.errors import KafkaConnectionError
from pymongo.errors import AutoReconnect, BulkWriteError, DuplicateKeyError
from structlog.typing import Processor

from shared.contracts.organisation import EmployeeRecorded
from shared.kit.base import changes, faults, logs, tracing
from shared.kit.messaging.cloudevents import ReceivedEvent
from tests.harness.platform import Platform
from tests.harness.town import open_town, subject
from tests.kit.served import served

MONDAY, TUESDAY = date(2026, 9, 7), date(2026, 9, 8)
CANARY = "kenari-5e1d"
PROCESS = {"service": "requests", "role": "api", "instance": "jabar"}
DUPLICATE = f'E11000 duplicate key error collection: x index: y dup key: {{ name: "{CANARY}" }}'


def raised(failed: Exception) -> Exception:
    """The same failure, from somewhere."""
    try:
        raise failed
    except Exception as caught:
        return caught


def invalid() -> Exception:
    try:
        EmployeeRecorded.model_validate_json(json.dumps({"employee_id": {"name": CANARY}}))
    except ValueError as wrong:
        return wrong
    raise AssertionError


def chained() -> Exception:
    try:
        raise RuntimeError("cannot go on") from raised(KeyError(CANARY))
    except RuntimeError as caught:
        return caught


def written(event: str, **line: Any) -> dict[str, Any]:
    """A line as one of our own loggers writes it."""
    out = io.StringIO()
    processors: list[Processor] = [*logs.common(PROCESS), structlog.processors.JSONRenderer()]
    structlog.wrap_logger(structlog.PrintLogger(out), processors=processors).error(event, **line)
    return dict(json.loads(out.getvalue()))


def heard_from_a_library(log: logging.Logger, message: str, *args: object, exc_info: Exception | None = None) -> str:
    """A line as another library's logger writes it."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logs.formatter(PROCESS))
    log.addHandler(handler)
    try:
        log.error(message, *args, exc_info=exc_info)
    finally:
        log.removeHandler(handler)
    return out.getvalue()


@pytest.mark.parametrize(
    ("failed", "said"),
    [
        (invalid(), "ValidationError: EmployeeRecorded, missing, string_type"),
        (DuplicateKeyError(DUPLICATE, 11000, {"keyValue": {"name": CANARY}}), "DuplicateKeyError: code 11000"),
        (BulkWriteError({"writeErrors": [{"code": 11000, "op": {"text": CANARY}}]}), "BulkWriteError: codes 11000"),
        (KeyError(CANARY), "KeyError"),
        (ValueError(f"invalid literal for int() with base 10: '{CANARY}'"), "ValueError"),
        (
            AutoReconnect("mongo.example:27017: connection closed"),
            "AutoReconnect: mongo.example:27017: connection closed",
        ),
        (KafkaConnectionError("no broker"), "KafkaConnectionError: KafkaConnectionError: no broker"),
        (FileNotFoundError(2, "No such file", "/run/clock"), "FileNotFoundError: [Errno 2] No such file: '/run/clock'"),
    ],
)
def test_a_failure_is_named_by_its_type_and_quotes_nobody(failed: Exception, said: str) -> None:
    assert faults.named(failed) == said
    for line in (
        written("failed", reason=failed),
        written("failed", exc_info=failed),
        written("f", reason=repr(failed)),
    ):
        assert CANARY not in json.dumps(line)
    assert CANARY not in heard_from_a_library(logging.getLogger("library"), "It failed: \n%s", failed, exc_info=failed)


def test_a_failure_is_written_with_what_led_to_it_and_where() -> None:
    told = written("request-failed", exc_info=chained())["exception"]
    assert [one["type"] for one in told] == ["builtins.RuntimeError", "builtins.KeyError"]
    assert told[0]["at"][-1].startswith("tests/kit/test_logs.py:")
    assert told[0]["at"][-1].endswith(" chained")


def test_a_line_names_its_process_its_trace_and_the_event_at_hand() -> None:
    context = tracing.traceparent(None)
    with structlog.contextvars.bound_contextvars(trace=context, event_id="0199-1", stream="requests/req-1"):
        line = written("handler-failed")
    assert {name: line[name] for name in PROCESS} == PROCESS
    assert (line["trace_id"], line["event_id"], line["stream"]) == (context[3:35], "0199-1", "requests/req-1")
    assert "trace" not in line


async def test_a_task_that_nobody_waits_for_quotes_nobody() -> None:
    """asyncio writes the exception of a forgotten task into the message itself."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logs.formatter(PROCESS))
    logging.getLogger("asyncio").addHandler(handler)

    async def forgotten() -> None:
        raise ValueError(CANARY)

    try:
        asyncio.create_task(forgotten())  # noqa: RUF006
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    finally:
        logging.getLogger("asyncio").removeHandler(handler)
    assert "never retrieved" in out.getvalue()
    assert CANARY not in out.getvalue()


def test_a_warning_of_pydantics_does_not_show_the_value() -> None:
    wrong: dict[str, Any] = {"employee_id": [CANARY]}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        EmployeeRecorded.model_construct(**wrong).model_dump_json()
    text = warnings.formatwarning(caught[0].message, caught[0].category, caught[0].filename, caught[0].lineno)
    assert CANARY in text
    assert CANARY not in heard_from_a_library(logging.getLogger("py.warnings"), "%s", text)


async def test_an_event_that_our_code_fails_on_is_logged_by_its_ids(
    memory: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    runner = memory.runners["approvals.cases"]

    async def failing(session: Any, at: Any, events: Sequence[ReceivedEvent], now: Any) -> None:
        if events:
            raise ValueError(CANARY)

    with monkeypatch.context() as patch, structlog.testing.capture_logs() as captured:
        patch.setattr(runner, "consumer", type(runner.consumer)(**{**vars(runner.consumer), "apply": failing}))
        await memory.settle()
    lines = [written(line.pop("event"), **line) for line in captured]
    (line,) = [line for line in lines if line.get("stream") == f"/tests/requests/{asked['request_id']}"]
    commit = await memory.databases["requests"].commits.find_one({"aggregate": asked["request_id"]})
    assert commit
    assert (line["event"], line["event_id"]) == ("handler-failed", commit["events"][0]["id"])
    assert line["trace_id"] == commit["trace"][3:35]
    assert line["reason"] == "ValueError"
    assert CANARY not in json.dumps(lines)


async def test_what_people_send_never_reaches_a_line_of_the_process(memory: Platform, tmp_path: Path) -> None:
    """Canaries in every place of a call, answered well and badly, by an API that runs as it is served."""
    await open_town(memory)
    db = memory.databases["requests"]
    index = await db.texts.create_index("text", unique=True)
    bearer = f"Bearer {memory.token(subject('ani'))}"
    with served("requests", memory.settings["requests"], tmp_path / "log") as api:
        async with httpx.AsyncClient(base_url=api, headers={"Authorization": bearer}, timeout=30) as client:
            await _say_canaries(client)
            where = {"identity.sub": subject("ani")}
            await db.employees.update_one(where, {"$set": {"employee_id": {"name": CANARY}}})
            await changes.count(None, db, "people")
            failed = await client.get("/v1/me")
    await db.texts.drop_index(index)
    assert failed.status_code == 500
    text = (tmp_path / "log").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert all(line.items() >= {"service": "requests", "role": "api", "instance": "tests"}.items() for line in lines)
    events = {line["event"]: line for line in lines}
    assert events["not-reachable"]["reason"].startswith("BulkWriteError")
    assert events["request-failed"]["trace_id"] == failed.json()["trace"][3:35]
    assert events["request-failed"]["exception"][0]["type"].startswith("pydantic_core")
    assert "Exception in ASGI application" in events
    assert CANARY not in text
    assert "Pegawai" not in text


async def _say_canaries(client: httpx.AsyncClient) -> None:
    output = {"day": str(MONDAY), "title": CANARY, "target_quantity": 1, "measure": "document"}
    ask = {"days": [str(MONDAY)], "place": {"category": "residence"}, "reason": CANARY, "outputs": [output]}
    twice = await client.post("/v1/requests", json=ask, headers={"Idempotency-Key": CANARY})
    assert twice.status_code == 503, "the test lets the database refuse the second text"
    for content in (json.dumps({CANARY: CANARY}), f'{{"{CANARY}', json.dumps(ask | {"days": [CANARY]})):
        refused = await client.post("/v1/requests", content=content, headers={"Idempotency-Key": "1"})
        assert refused.status_code == 422
    seen = {"Idempotency-Key": "2", "If-Match": CANARY, "traceparent": CANARY, "Accept-Language": CANARY}
    for path in (f"/v1/requests/{CANARY}:withdraw?{CANARY}={CANARY}", f"/{CANARY}"):
        assert (await client.post(path, headers=seen)).status_code in (404, 422)
    for path in (f"/v1/requests?cursor={CANARY}&limit={CANARY}", f"/v1/requests?cursor={CANARY}"):
        assert (await client.get(path)).status_code in (400, 422)
    strange = {"Authorization": f"Bearer {CANARY}", "User-Agent": CANARY, CANARY: CANARY}
    assert (await client.get("/v1/me", headers=strange)).status_code == 401
