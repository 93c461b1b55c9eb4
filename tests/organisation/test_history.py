"""Who changed a record, when, and from what to what."""

from datetime import date
from typing import Any

from services.organisation.history.value import Difference, differences
from shared.contracts.organisation import UnitTerms
from tests.harness.platform import Platform
from tests.harness.town import HEADING, NIPS, Town, open_town, row
from tests.organisation.test_erasure import erase, leave

A, B, C = date(2025, 1, 1), date(2025, 6, 1), date(2026, 1, 1)


def terms(day: date, name: str) -> UnitTerms:
    return UnitTerms(effective_from=day, name=name, time_zone="Asia/Jakarta")


def test_terms_that_are_added_say_what_held_until_then() -> None:
    first, second = terms(A, "x"), terms(B, "y")
    assert differences((), (first,)) == [Difference(A, None, first)]
    assert differences((first,), (first, second)) == [Difference(B, first, second)]
    assert differences((first, second), (first, terms(B, "z"))) == [Difference(B, second, terms(B, "z"))]
    assert differences((first, second), (second,)) == [Difference(A, first, None)]
    assert differences((first, second), (first, second, terms(C, "z"))) == [Difference(C, second, terms(C, "z"))]


async def changes(town: Town, path: str, who: str = "citra") -> list[dict[str, Any]]:
    answer = await town.get(who, "organisation", f"/v1/{path}/changes")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def test_a_change_tells_the_values_before_and_after(memory: Platform) -> None:
    town = await open_town(memory)
    await town.load("employees", f"{HEADING}\n{row('ani', since='2026-10-01', unit_code='lain')}\n")
    first, second = await changes(town, f"employees/{town.ids['ani']}")
    assert [(one["number"], one["actor"]) for one in (first, second)] == [
        (1, "sys-administrator"),
        (2, "sys-administrator"),
    ]
    assert [one["before"] for one in first["terms"]] == [None]
    (moved,) = second["terms"]
    assert moved["effective_from"] == "2026-10-01"
    differ = {name for name, value in moved["after"].items() if value != moved["before"][name]}
    assert differ == {"effective_from", "unit_id"}
    assert (second["identity_changed"], second["name_before"]) == (False, None)


async def test_a_sheet_that_changes_a_name_or_a_subject_leaves_its_trace(memory: Platform) -> None:
    town = await open_town(memory)
    path = f"employees/{town.ids['ani']}"
    await town.load("employees", f"{HEADING}\n{row('ani', name='Ani Lestari')}\n")
    await town.load("employees", f"{HEADING}\n{row('ani', name='Ani Lestari')}\n")
    _, renamed = await changes(town, path)
    assert (renamed["type"], renamed["number"], renamed["name_before"]) == ("employee-renamed", None, "Ani")
    assert (renamed["actor"], renamed["terms"]) == ("sys-administrator", [])
    sent = (await town.send("employees", f"{HEADING}\n{row('ani', name='Ani Lestari', subject='other')}\n")).json()
    confirmed = await town.post("citra", "organisation", f"/v1/imports/{sent['import_id']}:confirm")
    assert confirmed.status_code == 200, confirmed.text
    told = await changes(town, path)
    (last,) = [one for one in told if one["identity_changed"]]
    assert (last["actor"], "other" in str(told)) == (town.ids["citra"], False)


async def test_of_somebody_whose_data_are_erased_nothing_personal_is_told(memory: Platform) -> None:
    town = await open_town(memory)
    for name in ("Dedi Mulya", "Dedi"):
        await town.load("employees", f"{HEADING}\n{row('dedi', name=name)}\n")
    await leave(town, "dedi")
    assert "Dedi" in str(await changes(town, f"employees/{town.ids['dedi']}"))
    assert (await erase(town, "dedi")).status_code == 200
    told = await changes(town, f"employees/{town.ids['dedi']}")
    assert not {"Dedi", "motorcycle", NIPS["dedi"]} & set(str(told).replace("'", " ").split())
    assert all(one["after"]["commute"] is None for change in told for one in change["terms"])


async def test_units_positions_and_mandates_have_their_history_too(memory: Platform) -> None:
    town = await open_town(memory)
    await town.load("units", "unit_code,name,effective_from\nlain,Bidang Lain,2026-08-01\n")
    mandate = f"SP-1,plh,{NIPS['budi']},{NIPS['hana']},2026-09-07,"
    for until in ("2026-09-11", "2026-09-09"):
        await town.load("acting", f"acting_code,kind,for_nip,acting_nip,effective_from,ends_on\n{mandate}{until}\n")
    units = (await town.get("citra", "organisation", "/v1/units", search="lain")).json()["items"]
    position = (await town.get("citra", "organisation", "/v1/positions")).json()["items"][0]
    given = (await town.get("citra", "organisation", "/v1/acting-assignments")).json()["items"][0]
    paths = {
        f"units/{units[0]['unit_id']}": 2,
        f"positions/{position['position_id']}": 1,
        f"acting-assignments/{given['acting_assignment_id']}": 2,
    }
    for path, count in paths.items():
        told = await changes(town, path)
        assert len(told) == count
        assert (await town.get("ani", "organisation", f"/v1/{path}/changes")).status_code == 403
    (renamed,) = (await changes(town, next(iter(paths))))[1]["terms"]
    assert [renamed[side]["name"] for side in ("before", "after")] == ["Lain", "Bidang Lain"]
    (shorter,) = told[1]["terms"]
    assert [shorter[side]["ends_on"] for side in ("before", "after")] == ["2026-09-11", "2026-09-09"]
    for path in ("employees/emp-none", "units/unit-none", f"units/{town.ids['ani']}", "positions/pos-none"):
        assert (await town.get("citra", "organisation", f"/v1/{path}/changes")).status_code == 404
    assert (await town.get("budi", "organisation", f"/v1/employees/{town.ids['ani']}/changes")).status_code == 403
