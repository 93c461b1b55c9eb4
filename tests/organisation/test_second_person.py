"""Nobody gives themselves more by a sheet: a second person confirms what changes roles, subjects, superiors or mandates
in the sender's favour."""

import httpx
import pytest

from tests.harness.platform import Platform
from tests.harness.town import HEADING, NIPS, SINCE, Town, open_town, row

ACTING = "acting_code,kind,for_nip,acting_nip,effective_from,ends_on\n"
LATER = "2026-09-02"


async def send(town: Town, name: str, kind: str, sheet: str) -> str:
    """Somebody sends a sheet. Returns its path."""
    sent = await town.post(
        name, "organisation", f"/v1/imports?kind={kind}", content=sheet.encode(), headers={"Content-Type": "text/csv"}
    )
    assert sent.json()["status"] == "valid", sent.text
    return f"/v1/imports/{sent.json()['import_id']}"


async def confirm(town: Town, name: str, path: str) -> httpx.Response:
    return await town.post(name, "organisation", f"{path}:confirm")


@pytest.fixture
async def town(memory: Platform) -> Town:
    """Hana has the organisation's role besides Citra of the personnel agency; the settings' administrator has brought
    her on record, and is none any more."""
    opened = await open_town(memory)
    await opened.load("employees", f"{HEADING}\n{row('hana', since=LATER, roles='organisation_admin')}\n")
    await memory.settle()
    return opened


@pytest.mark.parametrize(
    ("kind", "sheet"),
    [
        ("employees", f"{HEADING}\n{row('citra', since=LATER, roles='organisation_admin personnel_agency')}\n"),
        ("employees", f"{HEADING}\n{row('dedi', since=LATER, roles='personnel_agency')}\n"),
        ("employees", f"{HEADING}\n{row('ani', nip='199112122015031099', subject='s-9', roles='analyst')}\n"),
        ("employees", f"{HEADING}\n{row('hana', since='2026-10-01', roles='')}\n"),
        ("employees", f"{HEADING}\n{row('dedi', since=LATER, subject='account-of-citra')}\n"),
        ("employees", f"{HEADING}\n{row('citra', since=LATER, superior_nip=NIPS['eka'])}\n"),
        ("employees", f"{HEADING}\n{row('ani', since=LATER, superior_nip=NIPS['citra'])}\n"),
        ("acting", f"{ACTING}S,plh,{NIPS['eka']},{NIPS['citra']},2026-09-07,2026-09-08\n"),
        ("acting", f"{ACTING}S,plh,{NIPS['budi']},{NIPS['ani']},2026-09-07,2026-09-08\n"),
    ],
)
async def test_the_sender_does_not_confirm_what_favours_them(kind: str, sheet: str, town: Town) -> None:
    path = await send(town, "citra", kind, sheet)
    assert (await town.get("citra", "organisation", path)).json()["second_person"] is True
    refused = await confirm(town, "citra", path)
    assert (refused.status_code, refused.json()["errors"][0]["rule"]) == (403, "second-person")
    done = await confirm(town, "hana", path)
    assert (done.status_code, done.json()["status"]) == (200, "confirmed")


@pytest.mark.parametrize(
    ("kind", "sheet"),
    [
        ("employees", f"{HEADING}\n{row('ani', since=LATER, unit_code='lain')}\n"),
        ("employees", f"{HEADING}\n{row('ani', nip='199112122015031099', subject='s-9')}\n"),
        ("employees", f"{HEADING}\n{row('citra', since=LATER, unit_code='lain')}\n"),
        ("acting", f"{ACTING}S,plh,{NIPS['eka']},{NIPS['ani']},2026-09-07,2026-09-08\n"),
        ("units", f"unit_code,name,effective_from\nbaru,Baru,{SINCE}\n"),
    ],
)
async def test_what_favours_nobody_is_confirmed_by_its_sender(kind: str, sheet: str, town: Town) -> None:
    path = await send(town, "citra", kind, sheet)
    assert (await confirm(town, "citra", path)).json()["status"] == "confirmed"


async def test_what_comes_to_favour_the_sender_meanwhile_is_seen_when_it_is_confirmed(town: Town) -> None:
    """The sheet says that Dedi has no role; until it is confirmed he gets one."""
    path = await send(town, "citra", "employees", f"{HEADING}\n{row('dedi', since='2026-09-03')}\n")
    given = await send(town, "citra", "employees", f"{HEADING}\n{row('dedi', since=LATER, roles='analyst')}\n")
    assert (await confirm(town, "hana", given)).status_code == 200
    assert (await confirm(town, "citra", path)).status_code == 403


async def test_one_alone_has_the_settings_administrator_as_the_second_person(memory: Platform, town: Town) -> None:
    """Otherwise whoever is left could give nobody a right, and nobody could give them a second."""
    path = await sent(town, "hana", "employees", f"{HEADING}\n{row('citra', since='2026-09-02', roles='')}\n")
    assert (await confirm(town, "citra", path)).status_code == 200
    await memory.settle()
    path = await sent(town, "hana", "employees", f"{HEADING}\n{row('dedi', since=LATER, roles='personnel_agency')}\n")
    assert (await confirm(town, "hana", path)).status_code == 403
    confirmed = await memory.apis.post("administrator", "organisation", f"{path}:confirm")
    assert confirmed.status_code == 200, confirmed.text


async def test_the_settings_administrator_is_none_once_two_on_record_are(memory: Platform, town: Town) -> None:
    for service in ("organisation", "requests", "savings"):
        refused = await memory.apis.get("administrator", service, "/v1/me")
        assert (refused.status_code, refused.json()["errors"][0]["rule"]) == (403, "unknown-person"), service


async def test_somebody_who_has_left_is_no_administrator_by_the_settings(memory: Platform) -> None:
    town = await open_town(memory)
    gone = row("dedi", since=LATER, subject="administrator")
    await town.load("employees", f"{HEADING},active\n{gone},tidak\n")
    refused = await memory.apis.get("administrator", "organisation", "/v1/units")
    assert (refused.status_code, refused.json()["errors"][0]["rule"]) == (403, "unknown-person")
