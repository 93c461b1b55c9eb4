"""Everybody sees what the system knows of them, and gets all of it."""

import csv
import io

import pytest

from services.portal.own.value import joined
from tests.harness.platform import Platform
from tests.harness.portal import Portal
from tests.harness.town import NIPS, open_town, subject
from tests.portal.test_journey import MONDAY


async def test_somebody_sees_and_takes_along_what_is_known_of_them(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    asked = await town.play_to_verified("ani", MONDAY)
    await memory.settle()
    ani = await portal.signed_in(subject("ani"))
    page = await ani.page("/me")
    for said in (NIPS["ani"], "Atasan langsung Budi", "1 tercatat.", "Atasan Anda, Budi", "Bila ada yang salah"):
        assert said in page.text, said
    assert 'href="/me" aria-current="page"' in page.html
    answer = await ani.open("/me/data.json")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["organisation"]["employee"]["nip"] == NIPS["ani"]
    assert [one["request_id"] for one in told["requests"]] == [asked["request_id"]]
    assert told["plans"][0]["outputs"]
    assert [one["day"] for one in told["savings"] if one["realised"]] == [str(MONDAY)]
    assert told["known_by"].keys() == {"requests", "approvals", "performance", "savings"}
    assert NIPS["budi"] not in answer.text
    for name in ("outputs", "savings", "postings"):
        rows = list(csv.DictReader(io.StringIO((await ani.open(f"/me/{name}.csv")).text)))
        assert rows, name
        assert {row["employee_id"] for row in rows} == {town.ids["ani"]}, name
    assert (await ani.open("/me/anything.csv")).status_code == 404


@pytest.mark.parametrize("name", ["budi", "citra"])
async def test_who_may_read_what_is_others_takes_along_their_own_alone(
    memory: Platform, portal: Portal, name: str
) -> None:
    """Superiors and the personnel agency, who see ani's days elsewhere."""
    town = await open_town(memory)
    await town.play_to_verified("ani", MONDAY)
    town.at(MONDAY.replace(day=9))
    await memory.settle()
    reader = await portal.signed_in(subject(name))
    ani = town.ids["ani"]
    for path in ("/me/data.json", *(f"/me/{file}.csv" for file in ("outputs", "savings", "postings"))):
        answer = await reader.open(path)
        assert (answer.status_code, ani in answer.text) == (200, False), path
    assert ani not in (await reader.page("/savings?month=2026-09")).html


async def test_who_is_on_no_record_is_told_so(memory: Platform, portal: Portal) -> None:
    await open_town(memory)
    administrator = await portal.signed_in("administrator")
    assert "Anda tidak tercatat sebagai pegawai" in (await administrator.page("/me")).text
    page = await administrator.page("/")
    offered = {said["href"] or "" for tag, said in page.tags if tag == "a" and (said.get("href") or "").startswith("/")}
    assert {"/imports", "/units", "/positions", "/accounts", "/me"} <= offered
    for path in sorted(offered):
        assert (await administrator.open(path)).status_code == 200, f"{path} is offered and not theirs"
    assert (await administrator.open("/me/data.json")).status_code in (403, 404)
    assert (await administrator.open("/outputs")).status_code == 403, "nobody is to come again for what is not theirs"


def test_tables_are_joined_under_one_heading() -> None:
    assert joined(["a,b\r\n1,2\r\n", "a,b\r\n3,4\r\n", "a,b\r\n"]) == "a,b\r\n1,2\r\n3,4\r\n"
    assert joined([]) == ""
