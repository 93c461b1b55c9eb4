"""The pictures of the guides, taken in Chromium of a month that was played on real parts.

`MKD_WRITE_PICTURES=1 ./mkd test --long tests/portal/test_pictures.py` takes them anew for the guides.
"""

import os
import uuid
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import pytest

from demo import province
from demo.play import play
from demo.stage import WIB
from deploy.base.home import ROOT, SERVICES, Home
from deploy.demo.month import set_clock
from deploy.demo.people import cast
from deploy.local import stack
from tests.harness.browser import chromium
from tests.harness.stacks import addresses, at_rest, bearer, whole_stack

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]
__all__ = ["chromium"]

PICTURES = ROOT / "docs" / "pictures"
SEED, PEOPLE, DAYS, MONTH = 7, 120, 22, "2026-05"
TEAM = 4
FRIDAY, AFTERNOON = (datetime(2026, 6, day, hour, tzinfo=WIB) for day, hour in ((5, 9), (8, 15)))
MONDAY, WEDNESDAY = date(2026, 6, 8), date(2026, 6, 10)
TITLE, REASON, NOTE = "Telaahan staf", "Menyusun telaahan yang sudah disepakati", "Sudah dikirim ke atasan"
PHONE, DESK = (390, 780), (1200, 800)


class Taken(NamedTuple):
    """A picture: its name, who sees it, on what, and where; perhaps what is pressed first."""

    name: str
    role: str
    size: tuple[int, int]
    path: str
    follow: str = ""


TAKEN = (
    Taken("pegawai-hari-ini", "employee", PHONE, "/today"),
    Taken("pegawai-kalender", "employee", PHONE, f"/calendar/{MONTH}"),
    Taken("pegawai-ajukan", "employee", PHONE, "/requests/new?day=2026-06-10"),
    Taken("pegawai-permohonan", "employee", PHONE, "/today", "a[href^='/requests/req-']"),
    Taken("pegawai-penghematan", "employee", PHONE, f"/savings?month={MONTH}"),
    Taken("atasan-meja", "superior", DESK, "/desk"),
    Taken("atasan-verifikasi", "superior", DESK, "/desk/outputs"),
    Taken("atasan-tim", "superior", DESK, "/team"),
    Taken("kepegawaian-pegawai", "personnel agency", DESK, "/people"),
    Taken("kepegawaian-muat", "personnel agency", DESK, "/imports"),
    Taken("kepegawaian-kelengkapan", "personnel agency", DESK, f"/completeness?month={MONTH}"),
    Taken("dasbor", "personnel agency", DESK, f"/dashboard?month={MONTH}"),
    Taken("dasbor-perangkat-daerah", "personnel agency", DESK, f"/dashboard/parts?month={MONTH}"),
    Taken("dasbor-penjelasan", "personnel agency", DESK, f"/dashboard?month={MONTH}", "#units ~ * a[href*='/units/']"),
    Taken("kinerja", "personnel agency", DESK, f"/results?from={MONTH}&to={MONTH}"),
    Taken("terbuka", "", DESK, f"/open?month={MONTH}"),
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with whole_stack(tmp_path_factory.mktemp("pictures")) as home:
        yield home


@pytest.fixture(scope="module")
async def played(home: Home) -> dict[str, str]:
    """A month that was played to its end, and a week that has begun; subjects by role."""
    result = await play(addresses(home), employees=PEOPLE, days=DAYS, seed=SEED, say=print)
    assert result.differences == []
    made = province.make(SEED, PEOPLE)
    roles = {part.role: part.subject for part in cast(made, SEED, DAYS)}
    superior = next(person for person in made.people.values() if person.subject == roles["superior"])
    team = [one.subject for one in made.people.values() if one.history[0].superior == superior.nip]
    await _begin_a_week(home, roles, team[:TEAM])
    return roles


async def _begin_a_week(home: Home, roles: dict[str, str], team: Sequence[str]) -> None:
    """Some of a team have reported on Monday, and ask for Wednesday."""
    at = {name: f"http://127.0.0.1:{home.api_port(name)}/v1" for name in SERVICES}
    async with httpx.AsyncClient(timeout=30) as client:

        async def post(who: str, url: str, body: object, **headers: str) -> Any:
            said = bearer(home, who) | {"Idempotency-Key": str(uuid.uuid4())} | headers
            answer = await client.post(url, json=body, headers=said)
            return answer.json() if answer.is_success else None

        set_clock(stack.clock_file(home), FRIDAY)
        asked = []
        for who in team:
            for day in (MONDAY, WEDNESDAY):
                body = {
                    "days": [str(day)],
                    "place": {"category": "residence"},
                    "outputs": [{"day": str(day), "title": TITLE, "target_quantity": 1, "measure": "document"}],
                    "reason": REASON,
                }
                asked.append((day, who, await post(who, f"{at['requests']}/requests", body)))
        await at_rest(home)
        mondays = [(who, one["request_id"]) for day, who, one in asked if one and day == MONDAY]
        for _, id_ in mondays:
            approve = f"{at['approvals']}/cases/{id_}:approve"
            assert await post(roles["superior"], approve, None, **{"If-Match": '"1"'})
        await at_rest(home)
        set_clock(stack.clock_file(home), AFTERNOON)
        for who, id_ in mondays:
            plan = (await client.get(f"{at['performance']}/plans/{id_}", headers=bearer(home, who))).json()
            log = f"{at['performance']}/plans/{id_}/outputs/{plan['outputs'][0]['output_id']}:log"
            told = {"quantity": 1, "note": NOTE, "link": None}
            assert await post(who, log, told, **{"If-Match": f'"{plan["version"]}"'})
        await at_rest(home)


async def test_the_guides_have_pictures_of_pages_that_are_there(
    home: Home, played: dict[str, str], chromium: "Browser", tmp_path: Path
) -> None:
    folder = PICTURES if os.environ.get("MKD_WRITE_PICTURES") == "1" else tmp_path
    for role in dict.fromkeys(one.role for one in TAKEN):
        for size in (PHONE, DESK):
            wanted = [one for one in TAKEN if (one.role, one.size) == (role, size)]
            if wanted:
                page = await _enter(chromium, home, played.get(role), size)
                for one in wanted:
                    await _take(page, home, one, folder / f"{one.name}.png")
    assert {file.stem for file in folder.glob("*.png")} >= {one.name for one in TAKEN}


async def _enter(chromium: "Browser", home: Home, subject: str | None, size: tuple[int, int]) -> "Page":
    """Somebody signs in, or nobody does."""
    context = await chromium.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme="light", locale="id-ID"
    )
    page = await context.new_page()
    if subject:
        await page.goto(f"{stack.portal_url(home)}/sign-in")
        await page.get_by_role("textbox").fill(subject)
        await page.get_by_role("button").click()
        await page.wait_for_url("**/today")
    return page


async def _take(page: "Page", home: Home, one: Taken, file: Path) -> None:
    await page.goto(stack.portal_url(home) + one.path)
    if one.follow:
        await page.locator(one.follow).first.click()
        await page.wait_for_load_state()
    assert await page.locator("main h1").count() == 1, one.name
    assert not await page.locator(".lacking").count(), one.name
    await page.screenshot(path=file)
