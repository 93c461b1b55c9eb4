"""What people do with plans over HTTP, for tests that tell a story."""

from datetime import date, timedelta
from typing import Any

import httpx

from tests.harness.town import Town


async def open_office(town: Town, name: str, days: list[date], **extra: Any) -> httpx.Response:
    """Somebody plans days at the office, with one output for each."""
    outputs = [
        {"day": str(day), "title": "Rekap surat masuk", "target_quantity": 4, "measure": "letter"} for day in days
    ]
    return await town.post(name, "performance", "/v1/office-plans", {"outputs": outputs}, **extra)


async def opened(town: Town, name: str, days: list[date]) -> dict[str, Any]:
    """The same, accepted."""
    answer = await open_office(town, name, days)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def approved(town: Town, name: str, days: list[date], **changed: Any) -> dict[str, Any]:
    """A request of somebody whom Budi leads, approved, with its plan open."""
    asked = await town.submit(name, days, **changed)
    await town.platform.settle()
    await town.approve("budi", asked)
    await town.platform.settle()
    return asked


async def worked_at_the_office(town: Town, name: str, day: date, quantity: str = "4") -> dict[str, Any]:
    """Somebody works a day at the office as planned, and Budi verifies it; it is the morning after."""
    plan = await opened(town, name, [day])
    town.at(day, 15)
    body = {"quantity": quantity, "note": "Selesai."}
    for answer in await town.on_outputs(name, plan, "log", body):
        assert answer.status_code == 200, answer.text
    await town.verify("budi", plan)
    town.at(day + timedelta(1))
    await town.platform.settle()
    return plan


def rules(answer: httpx.Response) -> list[str]:
    """The rules that a refusal names."""
    return [error["rule"] for error in answer.json()["errors"]]
