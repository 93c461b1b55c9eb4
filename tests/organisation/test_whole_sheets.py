"""What is held over a whole sheet and the record together: subjects, superiors, letters, absences, codes that look
alike; and what has no history."""

from typing import Any

import pytest

from shared.kit.base.mongo import Database
from tests.harness.platform import Platform
from tests.harness.town import HEADING, NIPS, SINCE, Town, open_town, row, subject

ACTING = "acting_code,kind,for_nip,acting_nip,effective_from,ends_on\n"
ABSENCES = "absence_code,nip,kind,effective_from,ends_on\n"
UNITS = "unit_code,name,effective_from\n"
LATER = "2026-09-02"
LEAVE = "C-1,{ani},cuti,2026-09-14,2026-09-18\n"


def people(*rows: str) -> str:
    return "\n".join([HEADING, *rows]) + "\n"


def called(line: str, column: str, cell: str) -> str:
    """A row of the employees' sheet with another cell."""
    cells = line.split(",")
    cells[HEADING.split(",").index(column)] = cell
    return ",".join(cells)


async def rules(town: Town, kind: str, sheet: str) -> list[tuple[int, str, str]]:
    report = (await town.send(kind, sheet)).json()
    return [(problem["row"], problem["column"], problem["rule"]) for problem in report["problems"]]


async def signs_in(town: Town, name: str) -> str | None:
    """Whom a subject speaks for."""
    answer = await town.get(name, "organisation", "/v1/me")
    return answer.json().get("employee_id") if answer.status_code == 200 else None


async def subjects(db: Database) -> dict[str, str]:
    return {one["identity"]["sub"]: one["_id"] async for one in db.employees.find({})}


async def test_two_people_exchange_subjects_in_one_sheet(memory: Platform) -> None:
    town = await open_town(memory)
    swapped = people(row("ani", subject=subject("dedi")), row("dedi", subject=subject("ani")))
    assert (await town.load("employees", swapped))["changes"] == 2
    assert await signs_in(town, "ani") == town.ids["dedi"]
    assert await signs_in(town, "dedi") == town.ids["ani"]


async def test_some_take_the_subjects_that_others_leave(memory: Platform) -> None:
    """A chain: each takes that of the next, the last a new one, and somebody new takes the first."""
    town = await open_town(memory)
    names = list(NIPS)
    moved = [row(name, subject=subject(after)) for name, after in zip(names, [*names[1:], "baru"], strict=True)]
    new = row("ani", nip="199112122015031099", subject=subject(names[0]))
    assert (await town.load("employees", people(new, *reversed(moved))))["changes"] == len(names) + 1
    assert len(await subjects(memory.databases["organisation"])) == len(names) + 1
    assert await signs_in(town, "budi") == town.ids["eka"]


async def test_a_subject_that_somebody_keeps_is_not_given_away(memory: Platform) -> None:
    town = await open_town(memory)
    taken = people(row("ani", subject=subject("dedi")))
    assert await rules(town, "employees", taken) == [(2, "subject", "subject-taken")]
    both = people(row("ani", subject="baru"), row("dedi", subject="baru"))
    assert await rules(town, "employees", both) == [(3, "subject", "subject-taken")]


async def test_sheets_that_are_sent_together_do_not_give_one_subject_twice(memory: Platform) -> None:
    town = await open_town(memory)
    sent = [(await town.send("employees", people(row(name, subject="baru")))).json() for name in ("ani", "dedi")]
    assert [report["status"] for report in sent] == ["valid", "valid"]
    answers = [
        await memory.apis.post("administrator", "organisation", f"/v1/imports/{one['import_id']}:confirm")
        for one in sent
    ]
    assert [answer.status_code for answer in answers] == [200, 409]


@pytest.mark.parametrize("since", ["2020-01-01", "2027-01-01"])
async def test_a_row_of_another_day_does_not_replace_who_somebody_is_today(since: str, memory: Platform) -> None:
    town = await open_town(memory)
    for column in ("subject", "name"):
        found = await rules(town, "employees", people(called(row("ani", since=since), column, "Lain")))
        assert found == [(2, column, "holds-not-today")]
    assert (await town.load("employees", people(row("ani", since=since, unit_code="lain"))))["changes"] == 1
    assert await signs_in(town, "ani") == town.ids["ani"]


async def test_the_row_in_force_today_says_who_somebody_is(memory: Platform) -> None:
    town = await open_town(memory)
    old = called(row("ani", since="2020-01-01"), "name", "Ani Lama")
    new = called(row("ani", since=LATER, subject="baru"), "name", "Ani Baru")
    await town.load("employees", people(old, new))
    shown = (await town.get("citra", "organisation", f"/v1/employees/{town.ids['ani']}")).json()
    assert shown["name"] == "Ani Baru"
    assert (await subjects(memory.databases["organisation"]))["baru"] == town.ids["ani"]
    later = called(row("ani", since="2026-12-01", subject="baru", unit_code="lain"), "name", "Ani Baru")
    assert (await town.load("employees", people(later)))["changes"] == 1


async def test_superiors_are_not_circular_on_any_day_nor_across_sheets(memory: Platform) -> None:
    town = await open_town(memory)
    assert await rules(town, "employees", people(row("budi", superior_nip=NIPS["ani"]))) == [
        (2, "superior_nip", "superior-circle")
    ]
    later = people(row("eka", since="2027-01-01", superior_nip=NIPS["hana"]))
    assert await rules(town, "employees", later) == [(2, "superior_nip", "superior-circle")]
    both = people(
        row("eka", since="2027-01-01", superior_nip=NIPS["hana"]), row("hana", since="2027-01-01", superior_nip="")
    )
    assert await rules(town, "employees", both) == []
    sent = [
        (await town.send("employees", people(sheet))).json()
        for sheet in (row("hana", superior_nip=NIPS["ani"]), row("eka", superior_nip="", since=LATER))
    ]
    assert [report["status"] for report in sent] == ["valid", "valid"]


async def test_a_plt_is_counted_in_months_and_not_in_letters(memory: Platform) -> None:
    town = await open_town(memory)

    def letter(code: str, begins: str, ends: str, acting: str = "dedi") -> str:
        return f"{code},plt,{NIPS['budi']},{NIPS[acting]},{begins},{ends}\n"

    await town.load("acting", ACTING + letter("SP-1", "2026-01-01", "2026-03-31"))
    await town.load("acting", ACTING + letter("SP-2", "2026-04-01", "2026-06-30"))
    third = await rules(town, "acting", ACTING + letter("SP-3", "2026-07-01", "2026-09-30"))
    assert third == [(2, "ends_on", "plt-too-long-in-all")]
    assert await rules(town, "acting", ACTING + letter("SP-3", "2026-07-01", "2026-09-30", "ani")) == []
    assert await rules(town, "acting", ACTING + letter("SP-3", "2026-10-02", "2026-12-31")) == [], "another time"
    four = "".join(letter(f"SL-{n}", f"2027-{3 * n + 1:02}-01", f"2027-{3 * n + 3:02}-28") for n in range(4))
    assert [rule for _, _, rule in await rules(town, "acting", ACTING + four)] == ["plt-too-long-in-all"] * 2
    ended = ACTING + letter("SP-2", "2026-05-01", "2026-04-30")
    assert await rules(town, "acting", ended) == [], "what is unlawful can be ended"


async def test_absences_are_loaded_looked_up_and_cancelled(memory: Platform) -> None:
    town = await open_town(memory)
    sheet = ABSENCES + f"C-1,{NIPS['ani']},Cuti,14/9/2026,18/9/2026\n"
    sheet += f"ST-1,{NIPS['dedi']},dinas luar,2026-09-14,2026-09-14\n"
    assert (await town.load("absences", sheet))["changes"] == 2
    await memory.settle()
    seen = {}
    for name in ("ani", "budi", "citra", "hana", "farah"):
        found = (await town.get(name, "organisation", "/v1/absences")).json()["items"]
        seen[name] = sorted(one["code"] for one in found)
    assert seen == {"ani": ["C-1"], "budi": ["C-1", "ST-1"], "citra": ["C-1", "ST-1"], "hana": [], "farah": []}
    only = (await town.get("citra", "organisation", "/v1/absences", employee_id=town.ids["dedi"])).json()["items"]
    assert [(one["code"], one["history"][0]["kind"]) for one in only] == [("ST-1", "official_trip")]
    assert (await town.get("ani", "organisation", "/v1/absences", employee_id=town.ids["dedi"])).json()["items"] == []
    overlapping = ABSENCES + f"C-2,{NIPS['ani']},cuti,2026-09-18,2026-09-21\n"
    assert await rules(town, "absences", overlapping) == [(2, "effective_from", "absence-overlaps")]
    cancelled = ABSENCES + f"C-1,{NIPS['ani']},cuti,2026-09-16,2026-09-15\n"
    await town.load("absences", cancelled)
    assert await rules(town, "absences", overlapping) == []


@pytest.mark.parametrize(
    ("rows", "problems"),
    [
        (LEAVE + "C-1,{dedi},cuti,2026-09-21,2026-09-22\n", [(3, "nip", "absence-of-another")]),
        ("C-1,{ani},cuti,2026-09-14,2036-09-18\n", [(2, "ends_on", "absence-too-long")]),
        ("C-1,{ani},cuti,2024-09-14,2024-09-18\n", [(2, "nip", "not-active-then")]),
        (LEAVE + "C-2,{ani},dl,2026-09-01,2026-09-14\n", [(2, "effective_from", "absence-overlaps")]),
        (LEAVE + "C-2,{dedi},dl,2026-09-01,2026-09-14\n", []),
    ],
)
async def test_an_absence_that_may_not_be_is_named(
    rows: str, problems: list[tuple[int, str, str]], memory: Platform
) -> None:
    town = await open_town(memory)
    assert await rules(town, "absences", ABSENCES + rows.format(**NIPS)) == problems


async def test_a_code_that_a_spreadsheet_changed_is_not_taken_for_a_new_one(memory: Platform) -> None:
    town = await open_town(memory)
    await town.load("units", f"{UNITS}001,Satu,{SINCE}\n")
    for code in ("1", "01", " 0 01"):
        (problem,) = (await town.send("units", f"{UNITS}{code},Satu,{SINCE}\n")).json()["problems"]
        assert (problem["rule"], problem["value"]) == ("code-alike", "001")
    assert await rules(town, "units", f"{UNITS}BKD,Badan,{SINCE}\n") == [(2, "unit_code", "code-alike")]
    assert await rules(town, "units", f"{UNITS}7,A,{SINCE}\n007,B,{SINCE}\n") == [(3, "unit_code", "code-alike")]
    assert await rules(town, "units", f"{UNITS}bkd\u200b,Badan,{SINCE}\n") == [(2, "unit_code", "hidden-character")]
    assert await rules(town, "units", f"{UNITS}001,Satu,2026-01-01\n10,Sepuluh,{SINCE}\n") == []


async def test_a_column_that_is_not_there_leaves_what_is_on_record_and_an_empty_cell_empties(memory: Platform) -> None:
    town = await open_town(memory)
    await town.load("employees", f"{HEADING},grade\n{row('ani', since=LATER)},III\n")
    few = "nip,name,subject,unit_code,position_code,effective_from\n"
    moved = f"{few}{NIPS['ani']},Ani,{subject('ani')},lain,analis,2026-10-01\n"
    sent = (await town.send("employees", moved)).json()
    assert {"superior_nip", "grade", "round_trip_km", "vehicle", "roles", "active"} <= set(sent["kept_columns"])
    await town.load("employees", moved)

    async def newest() -> dict[str, Any]:
        shown = await town.get("citra", "organisation", f"/v1/employees/{town.ids['ani']}")
        return dict(shown.json()["history"][-1])

    kept = await newest()
    assert (kept["superior_id"], kept["grade"]) == (town.ids["budi"], "III")
    assert (kept["commute"]["vehicle"], kept["commute"]["fuel"]) == ("motorcycle", "pertalite")
    emptied = f"{few.strip()},superior_nip,grade\n{NIPS['ani']},Ani,{subject('ani')},lain,analis,2026-10-01,,\n"
    await town.load("employees", emptied)
    left = await newest()
    assert (left["superior_id"], left["grade"], left["commute"]["vehicle"]) == (None, None, "motorcycle")


async def test_a_preview_shows_rows_as_they_will_be_taken(memory: Platform) -> None:
    town = await open_town(memory)
    sheet = "DAFTAR PEGAWAI\n\nNIP;Nama;Identitas;Kode Unit;Kode Jabatan;NIP Atasan;Km Pulang Pergi;Kendaraan;TMT\n"
    spaced = f"{NIPS['ani'][:8]} {NIPS['ani'][8:14]} {NIPS['ani'][14]} {NIPS['ani'][15:]}"
    sheet += f"'{spaced};Ani;{subject('ani')};bkd;analis;{NIPS['budi']};18,4;Sepeda Motor;1 Oktober 2026\n"
    sheet += f"199112122015031099;Indra;s-indra;lain;analis;{NIPS['ani']};;;05/10/2026\n"
    report = (await town.send("employees", sheet)).json()
    assert (report["status"], report["problems"], report["rows"]) == ("valid", [], 2)
    path = f"/v1/imports/{report['import_id']}/rows"
    first, second = (await memory.apis.get("administrator", "organisation", path)).json()["items"]
    assert (first["row"], first["becomes"], first["code"]) == (4, "changed", NIPS["ani"])
    assert first["values"]["effective_from"] == "2026-10-01"
    assert first["changes"] == [{"column": "round_trip_km", "before": "20", "after": "18.4"}]
    assert (second["becomes"], second["values"]["superior_nip"], second["values"]["effective_from"]) == (
        "new",
        NIPS["ani"],
        "2026-10-05",
    )
    page = (await memory.apis.get("administrator", "organisation", path, limit=1)).json()
    assert len(page["items"]) == 1
    rest = await memory.apis.get("administrator", "organisation", path, limit=1, cursor=page["next_cursor"])
    assert [one["row"] for one in rest.json()["items"]] == [5]
    assert (await town.get("ani", "organisation", path)).status_code == 403
    confirmed = await memory.apis.post("administrator", "organisation", f"{path.removesuffix('/rows')}:confirm")
    assert confirmed.json()["changes"] == 2


async def test_a_preview_of_what_is_refused_shows_it_as_it_is_read(memory: Platform) -> None:
    town = await open_town(memory)
    sheet = people(row("ani", since=LATER, unit_code="tidak-ada"), row("dedi", since=LATER, unit_code="lain"))
    report = (await town.send("employees", sheet)).json()
    shown = await memory.apis.get("administrator", "organisation", f"/v1/imports/{report['import_id']}/rows")
    assert [(one["becomes"], one["values"]["unit_code"]) for one in shown.json()["items"]] == [
        ("refused", "tidak-ada"),
        ("changed", "lain"),
    ]


async def test_a_report_stays_small_whatever_a_file_says(memory: Platform) -> None:
    town = await open_town(memory)
    heading = ",".join([UNITS.strip(), *(f"{n}{'x' * 30_000}" for n in range(8))])
    report = (await town.send("units", f"{heading}\n")).json()
    assert [problem["rule"] for problem in report["problems"]] == ["column-unknown"] * 8
    assert all(len(problem["column"]) == 200 for problem in report["problems"])


async def test_exports_are_in_the_order_in_which_people_count(memory: Platform) -> None:
    town = await open_town(memory)
    codes = ["unit-10", "unit-2", "unit-1", "unit-11"]
    await town.load("units", UNITS + "".join(f"{code},U,{SINCE}\n" for code in codes))
    exported = (await town.get("citra", "organisation", "/v1/exports/units")).text.splitlines()
    assert [line.split(",")[0] for line in exported[1:]] == ["bkd", "lain", "unit-1", "unit-2", "unit-10", "unit-11"]


async def test_what_looks_like_an_expression_is_only_a_value(memory: Platform) -> None:
    town = await open_town(memory)
    for hostile in ("$$ROOT", "$history", "$$foo", "\u0000", "{}", "$ne"):
        for path in ("employees", "absences"):
            name = "unit_id" if path == "employees" else "employee_id"
            answer = await town.get("citra", "organisation", f"/v1/{path}", **{name: hostile})
            assert answer.status_code in (200, 422), (hostile, answer.text)
            assert answer.json().get("items", []) == []
