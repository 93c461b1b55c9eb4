"""Which rows fit each other and what is on record, and the changes that they amount to."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.organisation.entity.decide import Record
from services.organisation.entry.rules import SHOWN_MAX, Findings, RowProblem
from services.organisation.row.value import SheetKind
from shared.contracts import organisation
from shared.contracts.organisation import (
    ActingKind,
    BuildingTerms,
    Grade,
    Seat,
    UnitKind,
    UnitTerms,
    Vehicle,
)
from tests.organisation.loaded import ANI, BUDI, CITRA, ISSUER, Loaded, load

DAY = date(2025, 1, 1)
UNITS = "unit_code,name,parent_code,building_code,zone,effective_from\n"
BUILDINGS = "building_code,name,base_kwh,per_head_kwh,tariff_class,zone,zone_load_kwh,effective_from\n"
POSITIONS = "position_code,measurable,public_contact,assessed_by_nip,assessed_on,reason,effective_from\n"
EMPLOYEES = "nip,name,subject,unit_code,position_code,superior_nip,round_trip_km,vehicle,grade,effective_from\n"
ACTING = "acting_code,kind,for_nip,acting_nip,effective_from,ends_on\n"
PLACES = {"unit:bkd": "unit-0001", "pos:analis": "pos-0001", "bld:gedung": "bld-0001"}
PEOPLE = {f"emp:{ANI}": "emp-ani0", f"emp:{BUDI}": "emp-budi"}


def gedung(*days: str) -> dict[str, Any]:
    """A building with one zone, surveyed on some days."""
    terms = {"name": "G", "base_watt_hours": 1, "per_head_watt_hours": 1, "tariff_class": "P-1/TR"}
    zones = [{"zone": "lantai-1", "load_watt_hours": 1}]
    return {"bld-0001": {"history": [terms | {"zones": zones, "effective_from": day} for day in days]}}


def employed(*terms: tuple[str, bool]) -> dict[str, Any]:
    history = [
        {"effective_from": day, "active": active, "unit_id": "unit-0001", "position_id": "pos-0001"}
        for day, active in terms
    ]
    return {id_: {"history": history} for id_ in PEOPLE.values()}


def units(text: str, **known: Any) -> Loaded:
    return load(SheetKind.UNITS, UNITS + text, PLACES, **known)


def employees(text: str, **known: Any) -> Loaded:
    return load(SheetKind.EMPLOYEES, EMPLOYEES + text, PLACES, **known)


def acting(text: str, **known: Any) -> Loaded:
    known = {"employees": employed(("2020-01-01", True))} | known
    return load(SheetKind.ACTING, ACTING + text, PEOPLE, **known)


def test_the_rows_of_one_code_are_one_change_by_day() -> None:
    loaded = units("dinkes,Dinkes,,,,2026-01-01\ndinkes,Dinas Kesehatan,,,,2025-01-01\n")
    (command,) = loaded.commands
    assert command.id == "unit-new-dinkes"
    assert [terms.name for terms in command.terms] == ["Dinas Kesehatan", "Dinkes"]


def test_a_unit_that_is_known_keeps_its_id_and_the_old_columns_are_enough() -> None:
    text = "unit_code,name,effective_from\nbkd,Badan Kepegawaian,2025-01-01\n"
    terms = UnitTerms(effective_from=DAY, name="Badan Kepegawaian", time_zone="Asia/Jakarta")
    assert load(SheetKind.UNITS, text, PLACES).commands == [Record("unit-0001", (terms,))]


def test_a_unit_is_read_whole() -> None:
    heading = "unit_code,name,time_zone,kind,parent_code,building_code,zone,meal_allowance_by_attendance,public_facing"
    text = f"{heading},effective_from\nloket,Loket,Asia/Jakarta,org_unit,bkd,gedung,Lantai-1,ya,ya,2025-01-01\n"
    loaded = load(SheetKind.UNITS, text, PLACES, buildings=gedung("2025-01-01"))
    assert not loaded.problems
    assert loaded.commands[0].terms == (
        UnitTerms(
            effective_from=DAY,
            name="Loket",
            time_zone="Asia/Jakarta",
            kind=UnitKind.ORG_UNIT,
            parent_id="unit-0001",
            seat=Seat(building_id="bld-0001", zone="lantai-1"),
            meal_allowance_by_attendance=True,
            public_facing=True,
        ),
    )


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("a,A,nowhere,,,2025-01-01", ("parent_code", "unknown-code")),
        ("a,A,a,,,2025-01-01", ("parent_code", "parent-circle")),
        ("a,A,,gedung,,2025-01-01", ("zone", "seat-incomplete")),
        ("a,A,,,lantai-1,2025-01-01", ("building_code", "seat-incomplete")),
        ("a,A,,tower,lantai-1,2025-01-01", ("building_code", "unknown-code")),
        ("a,A,,gedung,lantai-9,2025-01-01", ("zone", "zone-not-there")),
        ("a,A,,gedung,lantai-1,2024-12-31", ("zone", "zone-not-there")),
    ],
)
def test_a_unit_that_fits_nothing_is_named(row: str, problem: tuple[str, str]) -> None:
    assert units(row + "\n", buildings=gedung("2025-01-01")).problems == [(2, *problem)]


def test_a_unit_may_belong_to_one_that_the_same_sheet_brings_later() -> None:
    loaded = units("bagian,Bagian,dinas,,,2025-01-01\ndinas,Dinas,,,,2025-01-01\n")
    assert not loaded.problems
    assert loaded.commands[0].terms[0].parent_id == "unit-new-dinas"


def test_the_rows_of_a_building_become_terms_with_its_zones_in_watt_hours() -> None:
    loaded = load(
        SheetKind.BUILDINGS,
        BUILDINGS
        + "g,Gedung,900,1.2,P-1/TR,lantai-1,120.125,2025-01-01\ng,Gedung,900,1.2,P-1/TR,lantai-2,0,2025-01-01\n",
    )
    zones = tuple(organisation.Zone(zone=z, load_watt_hours=w) for z, w in (("lantai-1", 120_125), ("lantai-2", 0)))
    terms = BuildingTerms(
        effective_from=DAY,
        name="Gedung",
        base_watt_hours=900_000,
        per_head_watt_hours=1_200,
        tariff_class="P-1/TR",
        zones=zones,
    )
    assert loaded.commands == [Record("bld-new-g", (terms,))]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("g,Lain,900,1.2,P-1/TR,lantai-2,1,2025-01-01", ("name", "building-disagrees")),
        ("g,Gedung,901,1.2,P-1/TR,lantai-2,1,2025-01-01", ("base_kwh", "building-disagrees")),
        ("g,Gedung,900,1.3,P-1/TR,lantai-2,1,2025-01-01", ("per_head_kwh", "building-disagrees")),
        ("g,Gedung,900,1.2,P-2/TM,lantai-2,1,2025-01-01", ("tariff_class", "building-disagrees")),
        ("g,Gedung,900,1.2,P-1/TR,lantai-1,2,2025-01-01", ("zone", "row-twice")),
    ],
)
def test_the_rows_of_a_building_and_day_agree(row: str, problem: tuple[str, str]) -> None:
    text = BUILDINGS + f"g,Gedung,900.0,1.2,P-1/TR,lantai-1,1,2025-01-01\n{row}\n"
    assert load(SheetKind.BUILDINGS, text).problems == [(3, *problem)]
    another_day = text.replace("1,2025-01-01\n" + row, "1,2024-01-01\n" + row)
    assert load(SheetKind.BUILDINGS, another_day).problems == []


def test_a_building_has_not_more_zones_than_an_event_can_carry() -> None:
    rows = "".join(f"g,Gedung,900,1.2,P-1/TR,z{n},1,2025-01-01\n" for n in range(201))
    assert load(SheetKind.BUILDINGS, BUILDINGS + rows).problems == [(202, "zone", "too-many-zones")]


def test_a_position_is_assessed_by_somebody_on_a_day_for_a_reason() -> None:
    text = POSITIONS + f"analis,ya,tidak,{ANI},2025-01-02,Terukur.,2025-01-01\n"
    loaded = load(SheetKind.POSITIONS, text, PLACES | PEOPLE, {"Terukur.": "txt-0001"})
    (terms,) = loaded.commands[0].terms
    assert (terms.measurable, terms.public_contact) == (True, False)
    assert (terms.assessed_by, terms.assessed_on, terms.reason_text_id) == ("emp-ani0", date(2025, 1, 2), "txt-0001")


def test_a_position_without_criteria_is_known_and_not_assessed() -> None:
    loaded = load(SheetKind.POSITIONS, POSITIONS + "arsiparis,,,,,,2025-01-01\n")
    assert (loaded.problems, loaded.commands) == ([], [None])


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("a,ya,,,,,2025-01-01", ("public_contact", "half-assessed")),
        ("a,,ya,,,,2025-01-01", ("measurable", "half-assessed")),
        (f"a,,,{ANI},,,2025-01-01", ("measurable", "half-assessed")),
        ("a,,,,2025-01-01,,2025-01-01", ("measurable", "half-assessed")),
        ("a,,,,,Belum.,2025-01-01", ("measurable", "half-assessed")),
        (f"a,ya,tidak,{CITRA},,,2025-01-01", ("assessed_by_nip", "unknown-code")),
    ],
)
def test_an_assessment_is_whole_and_by_somebody_known(row: str, problem: tuple[str, str]) -> None:
    assert load(SheetKind.POSITIONS, POSITIONS + row + "\n", PEOPLE).problems == [(2, *problem)]


def test_an_assessment_cannot_be_emptied_but_may_have_been_missing_before() -> None:
    terms = {"effective_from": "2025-06-01", "measurable": True, "public_contact": False}
    assessed = {"pos-0001": {"position_id": "pos-0001", "history": [terms]}}
    for day, found in (("2025-07-01", [(2, "measurable", "assessed-before")]), ("2025-01-01", [])):
        loaded = load(SheetKind.POSITIONS, POSITIONS + f"analis,,,,,,{day}\n", PLACES, own=assessed)
        assert loaded.problems == found
    text = POSITIONS + "a,ya,tidak,,,,2025-01-01\na,,,,,,2025-06-01\n"
    assert load(SheetKind.POSITIONS, text).problems == [(3, "measurable", "assessed-before")]


def test_an_employee_is_read_whole() -> None:
    text = f"{BUDI},Budi,sub-budi,bkd,analis,,,,,2025-01-01\n"
    text += f"{ANI},Ani,sub-ani,bkd,analis,{BUDI},18.4,motorcycle,III/a,2025-01-01\n"
    loaded = employees(text)
    assert not loaded.problems
    budi, ani = loaded.commands
    assert (ani.identity.iss, ani.identity.sub) == (ISSUER, "sub-ani")
    (terms,) = ani.terms
    assert (terms.superior_id, terms.grade) == (budi.id, Grade.III)
    assert (terms.commute.round_trip_km, terms.commute.vehicle) == (Decimal("18.4"), Vehicle.MOTORCYCLE)
    assert budi.terms[0].commute is None


def test_no_command_tells_a_nip_or_a_name() -> None:
    loaded = employees(f"{ANI},Ani Wijaya,sub-ani,bkd,analis,,,,,2025-01-01\n")
    loaded.commands[0] = [loaded.commands[0].identity, loaded.commands[0].terms]
    assert ANI not in repr(loaded.commands)
    assert "Wijaya" not in repr(loaded.commands)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (f"{ANI},Ani,s,dinkes,analis,,,,,2025-01-01", ("unit_code", "unknown-code")),
        (f"{ANI},Ani,s,bkd,dokter,,,,,2025-01-01", ("position_code", "unknown-code")),
        (f"{ANI},Ani,s,bkd,analis,{BUDI},,,,2025-01-01", ("superior_nip", "unknown-code")),
        (f"{ANI},Ani,s,bkd,analis,emp-gone,,,,2025-01-01", ("superior_nip", "unknown-code")),
        (f"{ANI},Ani,s,bkd,analis,{ANI},,,,2025-01-01", ("superior_nip", "own-superior")),
        (f"{ANI},Ani,s,bkd,analis,,12,,,2025-01-01", ("round_trip_km", "commute-incomplete")),
    ],
)
def test_an_employee_who_fits_nothing_is_named(row: str, problem: tuple[str, str]) -> None:
    assert employees(row + "\n").problems == [(2, *problem)]


def test_the_same_code_and_day_twice_is_refused() -> None:
    assert units("bkd,Badan,,,,2025-01-01\nbkd,Badan Lain,,,,2025-01-01\n").problems == [(3, "unit_code", "row-twice")]


def test_a_history_is_not_longer_than_an_event_can_carry() -> None:
    rows = "".join(f"bkd,Badan {n},,,,{date.fromordinal(DAY.toordinal() + n)}\n" for n in range(100))
    assert not units(rows).problems
    terms = {"effective_from": "2020-01-01", "name": "Badan", "time_zone": "Asia/Jakarta"}
    known = {"unit-0001": {"unit_id": "unit-0001", "history": [terms]}}
    assert units(rows, own=known).problems == [(101, "unit_code", "history-too-long")]


def test_a_mandate_is_read_whole() -> None:
    loaded = acting(f"SP-1,PLH,{ANI},{BUDI},2026-01-05,2026-01-09\n")
    assert not loaded.problems
    (terms,) = loaded.commands[0].terms
    assert (terms.kind, terms.for_id, terms.acting_id) == (ActingKind.PLH, "emp-ani0", "emp-budi")
    assert (terms.effective_from, terms.ends_on) == (date(2026, 1, 5), date(2026, 1, 9))


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (f"1,plh,{ANI},{ANI},2026-01-05,2026-01-09", (2, "acting_nip", "acts-for-self")),
        (f"1,plh,{ANI},{CITRA},2026-01-05,2026-01-09", (2, "acting_nip", "unknown-code")),
        (f"1,plh,{ANI},{BUDI},2019-12-31,2026-01-09", (2, "for_nip", "not-active-then")),
        (f"1,plt,{ANI},{BUDI},2026-01-05,2026-04-05", (2, "ends_on", "plt-too-long")),
        (
            f"1,plt,{ANI},{BUDI},2026-01-05,2026-04-04\n1,plt,{ANI},{BUDI},2026-04-20,2026-07-05",
            (3, "ends_on", "plt-too-long-in-all"),
        ),
    ],
)
def test_a_mandate_that_may_not_be_is_named(rows: str, problem: tuple[int, str, str]) -> None:
    assert problem in acting(rows + "\n").problems


def test_a_mandate_may_be_ended_after_somebody_has_left() -> None:
    left = {"employees": employed(("2020-01-01", True), ("2026-02-01", False))}
    assert acting(f"1,plh,{ANI},{BUDI},2026-02-01,2026-01-31\n", **left).problems == []
    assert len(acting(f"1,plh,{ANI},{BUDI},2026-02-01,2026-02-28\n", **left).problems) == 2


def test_a_rule_of_a_mandate_names_its_value_and_its_source() -> None:
    loaded = acting(f"1,plt,{ANI},{BUDI},2026-01-05,2026-12-31\n")
    (problem,) = loaded.findings.shown()
    assert (problem.value, problem.source) == (3, "UU 30/2014 Ps. 14; SE BKN 1/SE/I/2021")


def test_an_extension_counts_with_what_is_on_record() -> None:
    terms = {"kind": "plt", "for_id": "emp-ani0", "acting_id": "emp-budi"}
    first = terms | {"effective_from": "2026-01-05", "ends_on": "2026-04-04"}
    known = {"act-0001": {"acting_assignment_id": "act-0001", "history": [first]}}
    ids = PEOPLE | {"act:1": "act-0001"}
    for until, found in (("2026-07-04", []), ("2026-07-05", ["plt-too-long"])):
        text = ACTING + f"1,plt,{ANI},{BUDI},2026-04-05,{until}\n"
        loaded = load(SheetKind.ACTING, text, ids, own=known, employees=employed(("2020-01-01", True)))
        assert [rule for _, _, rule in loaded.problems] == found


def test_the_first_problems_are_kept_and_all_are_counted() -> None:
    findings = Findings()
    findings.add(RowProblem(number, "name", "missing") for number in range(5_000, 0, -1))
    assert findings.count == 5_000
    assert [problem.row for problem in findings.shown()] == list(range(1, SHOWN_MAX + 1))
