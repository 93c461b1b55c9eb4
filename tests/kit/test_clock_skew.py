"""A machine whose clock is wrong says so, instead of refusing every good token in silence."""

import pytest

from shared.kit.base.mongo import CLOCK_MAX_S, clock_skew_s
from shared.kit.process.worker import Worker
from tests.harness.platform import Platform


async def test_this_machines_clock_is_right(memory: Platform) -> None:
    assert abs(await clock_skew_s(memory.databases["requests"])) < CLOCK_MAX_S


@pytest.mark.parametrize("ahead_s", [-600.0, 600.0])
async def test_a_process_with_a_wrong_clock_is_not_ready(
    memory: Platform, monkeypatch: pytest.MonkeyPatch, ahead_s: float
) -> None:
    async def skewed(_: object) -> float:
        return ahead_s

    client = memory.apis.clients["requests"]
    assert (await client.get("/readyz")).status_code == 200
    monkeypatch.setattr("shared.kit.web.app.clock_skew_s", skewed)
    monkeypatch.setattr("shared.kit.process.worker.clock_skew_s", skewed)
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"mongodb": True, "clock": False})
    worker = Worker(memory.services["requests"], memory.settings["requests"])
    checks = await worker.checks()
    assert (checks["mongodb"], checks["clock"]) == (True, False)
    await worker.db.client.close()
