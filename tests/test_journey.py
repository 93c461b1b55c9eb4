"""The whole way, all services: people ask, superiors decide, outputs are logged and verified, and fuel is saved."""

import asyncio
from datetime import date
from fractions import Fraction

from demo.checking import Result
from demo.play import Game
from shared.kit.base import tasks
from tests.harness.platform import Platform
from tests.harness.town import open_town

MONDAY, TUESDAY, WEDNESDAY = date(2026, 9, 7), date(2026, 9, 8), date(2026, 9, 9)


async def test_a_request_becomes_a_saved_rupiah(either: Platform) -> None:
    town = await open_town(either)
    asked = await town.submit("ani", [MONDAY])
    await either.settle()
    await town.approve("budi", asked)
    await either.settle()
    town.at(MONDAY, 15)
    await town.log("ani", asked)
    await town.verify("budi", asked)
    await either.settle()
    assert (await town.day("ani", MONDAY))["lacks"] == ["date"]
    town.at(TUESDAY)
    await either.settle()
    day = await town.day("ani", MONDAY)
    fuel = next(entry for entry in day["entries"] if entry["category"] == "fuel")
    assert fuel["amounts"]["microlitres"]["central"] == Fraction(20) / 40 * Fraction(85, 100) * 10**6
    assert fuel["amounts"]["sen"]["central"] == 425_000
    assert {row["kind"] for row in day["postings"]} == {"posting"}
    assert [told["type"] for told in day["events"]] == [
        "mkd.approvals.request-approved.v1",
        "mkd.performance.output-verified.v1",
    ]
    assert (await town.get("ani", "requests", f"/v1/requests/{asked['request_id']}")).json()["status"] == "approved"


async def test_revoked_after_verification_reverses_what_was_posted(either: Platform) -> None:
    town = await open_town(either)
    asked = await town.play_to_verified("ani", MONDAY)
    assert (await town.day("ani", MONDAY))["realised"]
    revoked = await town.decide("budi", asked, "revoke", {"reason": "Ternyata dinas luar.", "days": [str(MONDAY)]})
    assert revoked.status_code == 200
    await either.settle()
    day = await town.day("ani", MONDAY)
    assert not day["realised"]
    kinds = [row["kind"] for row in day["postings"]]
    assert kinds.count("posting") == kinds.count("reversal") == 3
    assert sum(row["amounts"]["sen"]["central"] for row in day["postings"]) == 0
    months = await town.get("citra", "savings", "/v1/unit-months", month="2026-09")
    assert months.json()["items"] == []
    again = await town.ask("ani", [WEDNESDAY])
    assert again.status_code == 201


async def test_a_played_week_matches_the_oracle(either: Platform) -> None:
    result = await _played(either)
    assert result.differences == []
    assert result.nonzero > 10


async def _played(platform: Platform) -> Result:
    """The demo's own play, on this platform."""

    async def settled() -> list[str]:
        await platform.settle()
        return []

    pump = asyncio.create_task(_pump(platform))
    try:
        game = Game(platform.apis, "administrator", platform.set_clock, settled, print)
        return await game.play(employees=24, days=4, seed=3)
    finally:
        await tasks.end(pump)


async def _pump(platform: Platform) -> None:
    while platform.bus:
        await platform.settle()
        await asyncio.sleep(0.02)
