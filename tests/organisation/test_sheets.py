"""How a sheet is read: its heading, and its rows one by one."""

import pytest

from services.organisation.row.value import ROWS, SheetKind, columns
from services.organisation.sheet import value as sheets
from services.organisation.sheet.rules import Headings
from services.organisation.sheet.schemas import about_column, about_sheets
from services.organisation.sheet.value import Read
from tests.organisation.loaded import ANI, read

UNITS = "unit_code,name,effective_from\n"
EMPLOYEES = "nip,name,subject,unit_code,position_code,superior_nip,round_trip_km,vehicle,km_per_litre,effective_from\n"


def problems(reads: list[Read]) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.column, problem.rule) for one in reads for problem in one.problems]


def test_a_sheet_from_a_spreadsheet_with_semicolons_and_a_mark_is_read() -> None:
    (row,) = read(SheetKind.UNITS, "\ufeff" + UNITS.replace(",", ";") + "bkd;Badan;2025-01-01\n")
    assert (row.number, row.cells) == (2, {"unit_code": "bkd", "name": "Badan", "effective_from": "2025-01-01"})


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("123,Ani,s,bkd,analis,,,,,2025-01-01", ("nip", "nip-shape")),
        ("199001012015031001,Ani,199001012015031001,bkd,analis,,,,,2025-01-01", ("subject", "subject-nip")),
        ("199001012015031001,Ani,199001012015031001@bkd,bkd,analis,,,,,2025-01-01", ("subject", "subject-nip")),
        ("199013012015031010,Ani,s,bkd,analis,,,,,2025-01-01", ("nip", "nip-birth-date")),
        (f"{ANI},,s,bkd,analis,,,,,2025-01-01", ("name", "missing")),
        (f"{ANI},A\x07ni,s,bkd,analis,,,,,2025-01-01", ("name", "control-character")),
        (f"{ANI},Ani,s,bkd,analis,,-1,car,,2025-01-01", ("round_trip_km", "greater_than_equal")),
        (f"{ANI},Ani,s,bkd,analis,,NaN,car,,2025-01-01", ("round_trip_km", "finite_number")),
        (f"{ANI},Ani,s,bkd,analis,,12,plane,,2025-01-01", ("vehicle", "enum")),
        (f"{ANI},Ani,s,bkd,analis,,12,car,0,2025-01-01", ("km_per_litre", "greater_than")),
        (f"{ANI},Ani,s,bkd,analis,,,,,01/01/25", ("effective_from", "year-of-two-digits")),
        (f"{ANI},Ani,s,bkd,analis,,,,,12/31/2025", ("effective_from", "date_parsing")),
        (f"{ANI},Ani,s,bkd,analis,,,,,86400", ("effective_from", "date_parsing")),
        (f"{ANI},Ani,s,bkd,analis,,,,,0205-01-01", ("effective_from", "greater_than_equal")),
        (f"{ANI},Ani,s,bkd,analis,,,,", ("", "cell-count")),
        (f"{ANI},Ani,s,bkd,analis,,,,,2025-01-01,more", ("", "cell-count")),
    ],
)
def test_a_cell_that_cannot_be_understood_is_named(row: str, problem: tuple[str, str]) -> None:
    assert problems(read(SheetKind.EMPLOYEES, EMPLOYEES + row + "\n")) == [(2, *problem)]


@pytest.mark.parametrize(
    ("kind", "cells", "problem"),
    [
        (SheetKind.UNITS, {"time_zone": "Asia/Bandung"}, ("time_zone", "unknown-zone")),
        (SheetKind.UNITS, {"kind": "dinas"}, ("kind", "enum")),
        (SheetKind.BUILDINGS, {"base_kwh": "1.2345"}, ("base_kwh", "decimal_max_places")),
        (SheetKind.BUILDINGS, {"zone_load_kwh": "-1"}, ("zone_load_kwh", "greater_than_equal")),
        (SheetKind.BUILDINGS, {"zone": "Lantai 1"}, ("zone", "string_pattern_mismatch")),
        (SheetKind.BUILDINGS, {"tariff_class": "murah"}, ("tariff_class", "string_pattern_mismatch")),
        (SheetKind.POSITIONS, {"measurable": "maybe"}, ("measurable", "bool_parsing")),
        (SheetKind.POSITIONS, {"assessed_by_nip": "budi"}, ("assessed_by_nip", "nip-shape")),
        (SheetKind.EMPLOYEES, {"grade": "V/a"}, ("grade", "enum")),
        (SheetKind.ACTING, {"kind": "pj"}, ("kind", "enum")),
        (SheetKind.ACTING, {"ends_on": "besok"}, ("ends_on", "date_parsing")),
    ],
)
def test_the_cells_of_every_sheet_have_their_limits(
    kind: SheetKind, cells: dict[str, str], problem: tuple[str, str]
) -> None:
    whole = {
        SheetKind.UNITS: {"unit_code": "a", "name": "A"},
        SheetKind.BUILDINGS: {
            "building_code": "g",
            "name": "G",
            "base_kwh": "900",
            "per_head_kwh": "1.2",
            "tariff_class": "P-1/TR",
            "zone": "lantai-1",
            "zone_load_kwh": "120",
        },
        SheetKind.POSITIONS: {"position_code": "analis", "measurable": "ya", "public_contact": "tidak"},
        SheetKind.EMPLOYEES: {
            "nip": ANI,
            "name": "Ani",
            "subject": "s",
            "unit_code": "a",
            "position_code": "analis",
        },
        SheetKind.ACTING: {
            "acting_code": "1",
            "kind": "plh",
            "for_nip": ANI,
            "acting_nip": ANI,
            "ends_on": "2026-01-31",
        },
    }[kind] | {"effective_from": "2026-01-01"}

    def sheet(row: dict[str, str]) -> str:
        return ",".join(row) + "\n" + ",".join(row.values()) + "\n"

    assert problems(read(kind, sheet(whole))) == []
    assert problems(read(kind, sheet(whole | cells))) == [(2, *problem)]


def test_an_empty_cell_is_what_is_usual() -> None:
    (row,) = read(SheetKind.UNITS, "unit_code,name,time_zone,kind,public_facing,effective_from\na,A,,,,2025-01-01\n")
    assert row.row
    assert row.row.model_dump()["time_zone"] == "Asia/Jakarta"
    assert row.row.model_dump(include={"kind", "public_facing"}) == {"kind": "agency_unit", "public_facing": False}


def test_yes_and_no_are_read_in_both_languages() -> None:
    heading = "position_code,measurable,public_contact,effective_from\n"
    rows = read(SheetKind.POSITIONS, heading + "a,Ya,tidak,2025-01-01\nb,yes,no,2025-01-01\n")
    assert [one.row.model_dump()["measurable"] for one in rows if one.row] == [True, True]


@pytest.mark.parametrize(("said", "meant"), [("III", "III"), ("iii/a", "III"), ("IV/b", "IV"), ("I/d", "I")])
def test_a_golongan_is_read_as_its_group(said: str, meant: str) -> None:
    text = f"nip,name,subject,unit_code,position_code,grade,effective_from\n{ANI},Ani,s,bkd,analis,{said},2025-01-01\n"
    (row,) = read(SheetKind.EMPLOYEES, text)
    assert row.row
    assert row.row.model_dump()["grade"] == meant


def test_a_missing_column_is_one_problem_not_one_a_row() -> None:
    assert problems(read(SheetKind.UNITS, "unit_code,name\na,A\nb,B\n")) == [(1, "effective_from", "column-missing")]


def test_an_unknown_column_is_one_problem_unless_it_is_to_be_left_out() -> None:
    text = "unit_code,name,effective_from,colour\nbkd,Badan,2025-01-01,red\nlain,Lain,2025-01-01,blue\n"
    assert problems(read(SheetKind.UNITS, text)) == [(1, "colour", "column-unknown")]
    rows = read(SheetKind.UNITS, text, Headings(ignore_unknown=True))
    assert problems(rows) == []
    assert "colour" not in rows[0].cells


def test_a_column_without_a_heading_may_only_be_empty() -> None:
    assert problems(read(SheetKind.UNITS, "unit_code,name,effective_from,\nbkd,Badan,2025-01-01,\n")) == []
    assert problems(read(SheetKind.UNITS, "unit_code,name,effective_from,\nbkd,Badan,2025-01-01,x\n")) == [
        (2, "", "cell-count")
    ]


def test_a_sheet_with_its_own_headings_is_read_by_them() -> None:
    text = "Kode,Nama Unit,TMT\nbkd,Badan,2025-01-01\n"
    called = {"unit_code": "Kode", "name": "Nama Unit", "effective_from": "TMT"}
    (row,) = read(SheetKind.UNITS, text, Headings(called))
    assert row.row
    assert (row.row.code, row.problems) == ("bkd", ())


def test_a_heading_that_was_announced_must_be_there() -> None:
    rows = read(SheetKind.UNITS, UNITS + "bkd,Badan,2025-01-01\n", Headings({"parent_code": "Induk"}))
    assert problems(rows) == [(1, "parent_code", "column-missing")]


def test_two_columns_of_one_heading_are_refused() -> None:
    text = "unit_code,name,name,effective_from\nbkd,Badan,Lain,2025-01-01\n"
    assert (1, "name", "column-twice") in problems(read(SheetKind.UNITS, text))


@pytest.mark.parametrize("text", ["", "\n", "nonsense", '"unclosed'])
def test_what_is_no_sheet_lacks_its_columns(text: str) -> None:
    assert {rule for _, _, rule in problems(read(SheetKind.UNITS, text))} <= {
        "column-missing",
        "column-unknown",
        "not-csv",
    }
    assert read(SheetKind.UNITS, text)


def test_a_broken_quote_is_named_with_its_line() -> None:
    assert problems(read(SheetKind.UNITS, UNITS + 'bkd,"Badan"x,2025-01-01\n')) == [(2, "", "not-csv")]


def test_empty_rows_count_as_a_spreadsheet_shows_them_and_say_nothing() -> None:
    rows = read(SheetKind.UNITS, UNITS + "a,A,2025-01-01\n\n,,\nb,B,2025\n")
    assert [one.number for one in rows] == [2, 5]


def test_a_sheet_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "ROWS_MAX", 2)
    rows = "".join(f"unit{n},Unit,2025-01-01\n" for n in range(3))
    (problem,) = read(SheetKind.UNITS, UNITS + rows)[-1].problems
    assert (problem.row, problem.rule, problem.value) == (4, "too-many-rows", 2)


def test_the_guide_names_every_column_of_every_sheet_in_both_languages() -> None:
    guide = about_sheets()
    for kind in SheetKind:
        assert set(columns(kind)) == set(ROWS[kind].model_fields)
        for column in columns(kind):
            assert f"| {column} |" in guide
            assert all(about_column(column))
