"""Who somebody is, as a page needs to know it."""

from datetime import date
from typing import Any

from tests.harness.platform import Platform
from tests.harness.town import NIPS, Town, open_town

SHEET = "acting_code,kind,for_nip,acting_nip,effective_from,ends_on\n"


async def profile(town: Town, name: str) -> dict[str, Any]:
    answer = await town.get(name, "organisation", "/v1/profile")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_somebody_is_told_who_they_are_in_one_call(memory: Platform) -> None:
    town = await open_town(memory)
    found = await profile(town, "citra")
    unit, position = found.pop("unit"), found.pop("position")
    assert (unit["name"], position["code"]) == ("Badan Kepegawaian Daerah", "analis")
    assert found == {
        "employee_id": town.ids["citra"],
        "name": "Citra",
        "superior": {"employee_id": town.ids["budi"], "name": "Budi"},
        "roles": ["personnel_agency"],
        "leads": True,
        "mandates_held": [],
        "mandates_given": [],
        "time_zone": "Asia/Jakarta",
        "today": "2026-09-02",
    }, "nobody is above Eka, whom the personnel agency leads"
    assert (await profile(town, "ani"))["leads"] is False
    assert ((await profile(town, "eka"))["superior"], (await profile(town, "eka"))["leads"]) == (None, True)


async def test_mandates_are_told_to_who_gave_and_who_holds_them_while_they_last(memory: Platform) -> None:
    town = await open_town(memory)
    await town.load("acting", f"{SHEET}plh-1,plh,{NIPS['budi']},{NIPS['hana']},2026-09-02,2026-09-03\n")
    hana, budi = await profile(town, "hana"), await profile(town, "budi")
    (held,) = hana["mandates_held"]
    assert (held["kind"], held["official"]["name"], held["acting"]["name"]) == ("plh", "Budi", "Hana")
    assert (held["effective_from"], held["ends_on"]) == ("2026-09-02", "2026-09-03")
    assert (budi["mandates_given"], budi["mandates_held"], hana["mandates_given"]) == ([held], [], [])
    assert hana["leads"]
    assert (await profile(town, "ani"))["mandates_given"] == []
    town.at(date(2026, 9, 4))
    assert ((await profile(town, "hana"))["mandates_held"], (await profile(town, "hana"))["leads"]) == ([], False)


async def test_the_administrator_has_a_profile_before_anybody_is_on_record(memory: Platform) -> None:
    answer = await memory.apis.get("administrator", "organisation", "/v1/profile")
    found = answer.json()
    assert (answer.status_code, found["name"], found["unit"], found["position"]) == (200, None, None, None)
    assert (found["roles"], found["leads"]) == (["organisation_admin"], False)
