"""How a sheet is read: rows in, commands or problems out."""

import itertools
from datetime import date
from decimal import Decimal

import pytest

from services.organisation import sheets
from services.organisation.decide import RecordUnit, amended
from services.organisation.rows import SheetKind
from services.organisation.sheets import Codes, RowProblem, Sheet, read_sheet
from shared.contracts.organisation import UnitTerms, Vehicle

ANI, BUDI = "199001012015031010", "198501012010032001"
UNITS = "unit_code,name,effective_from\n"
EMPLOYEES = "nip,name,subject,unit_code,position_code,superior_nip,round_trip_km,vehicle,km_per_litre,effective_from\n"


def read(kind: SheetKind, text: str, **known: dict[str, str]) -> Sheet:
    numbers = itertools.count(1)
    usual: dict[str, dict[str, str]] = {
        "units": {"bkd": "unit-0001"},
        "positions": {"analis": "pos-0001"},
        "people": {},
        "subjects": {},
    }
    return read_sheet(
        kind,
        text,
        Codes(**usual | known, issuer="https://issuer.example", make_id=lambda prefix: f"{prefix}-new-{next(numbers)}"),
    )


def problems(sheet: Sheet) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.column, problem.rule) for problem in sheet.problems]


def test_a_unit_that_is_not_known_gets_an_id_and_keeps_it() -> None:
    sheet = read(SheetKind.UNITS, UNITS + "dinkes,Dinas Kesehatan,2025-01-01\ndinkes,Dinkes,2026-01-01\n")
    assert sheet.new_codes == {"unit:dinkes": "unit-new-1"}
    assert [command.unit_id for _, command in sheet.commands] == ["unit-new-1", "unit-new-1"]


def test_a_unit_that_is_known_keeps_its_id_and_wib_is_usual() -> None:
    sheet = read(SheetKind.UNITS, UNITS + "bkd,Badan Kepegawaian,2025-01-01\n")
    terms = UnitTerms(effective_from=date(2025, 1, 1), name="Badan Kepegawaian", time_zone="Asia/Jakarta")
    assert sheet.commands == [("unit-0001", RecordUnit("unit-0001", terms))]


def test_a_sheet_from_a_spreadsheet_with_semicolons_and_a_mark_is_read() -> None:
    assert not read(SheetKind.UNITS, "\ufeff" + UNITS.replace(",", ";") + "bkd;Badan;2025-01-01\n").problems


def test_an_employee_is_read_whole() -> None:
    text = EMPLOYEES + f"{BUDI},Budi,sub-budi,bkd,analis,,,,,2025-01-01\n"
    text += f"{ANI},Ani,sub-ani,bkd,analis,{BUDI},18.4,motorcycle,42.5,2025-01-01\n"
    sheet = read(SheetKind.EMPLOYEES, text)
    assert not sheet.problems
    (_, budi), (_, ani) = sheet.commands
    assert ani.terms.superior_id == budi.employee_id
    assert (ani.terms.commute.round_trip_km, ani.terms.commute.vehicle) == (Decimal("18.4"), Vehicle.MOTORCYCLE)
    assert budi.terms.commute is None
    assert sheet.names[ani.employee_id] == (ANI, "Ani")


def test_ids_tell_nothing_of_the_nip() -> None:
    sheet = read(SheetKind.EMPLOYEES, EMPLOYEES + f"{ANI},Ani,sub-ani,bkd,analis,,,,,2025-01-01\n")
    assert ANI not in repr(sheet.commands)
    assert "Ani" not in repr(sheet.commands)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("123,Ani,s,bkd,analis,,,,,2025-01-01", ("nip", "nip-shape")),
        ("199013012015031010,Ani,s,bkd,analis,,,,,2025-01-01", ("nip", "nip-birth-date")),
        (f"{ANI},,s,bkd,analis,,,,,2025-01-01", ("name", "string_too_short")),
        (f"{ANI},Ani,s,dinkes,analis,,,,,2025-01-01", ("unit_code", "unknown-code")),
        (f"{ANI},Ani,s,bkd,dokter,,,,,2025-01-01", ("position_code", "unknown-code")),
        (f"{ANI},Ani,s,bkd,analis,{BUDI},,,,2025-01-01", ("superior_nip", "unknown-code")),
        (f"{ANI},Ani,s,bkd,analis,{ANI},,,,2025-01-01", ("superior_nip", "own-superior")),
        (f"{ANI},Ani,s,bkd,analis,,12,,,2025-01-01", ("round_trip_km", "commute-incomplete")),
        (f"{ANI},Ani,s,bkd,analis,,-1,car,,2025-01-01", ("round_trip_km", "greater_than_equal")),
        (f"{ANI},Ani,s,bkd,analis,,NaN,car,,2025-01-01", ("round_trip_km", "finite_number")),
        (f"{ANI},Ani,s,bkd,analis,,12,plane,,2025-01-01", ("vehicle", "enum")),
        (f"{ANI},Ani,s,bkd,analis,,12,car,0,2025-01-01", ("km_per_litre", "greater_than")),
        (f"{ANI},Ani,s,bkd,analis,,,,,01/01/2025", ("effective_from", "date_from_datetime_parsing")),
        (f"{ANI},Ani,s,bkd,analis,,,,", ("", "cell-count")),
        (f"{ANI},Ani,s,bkd,analis,,,,,2025-01-01,more", ("", "cell-count")),
    ],
)
def test_a_cell_that_cannot_be_taken_is_named(row: str, problem: tuple[str, str]) -> None:
    assert problems(read(SheetKind.EMPLOYEES, EMPLOYEES + row + "\n")) == [(2, *problem)]


def test_a_unit_in_no_time_zone_is_refused() -> None:
    text = "unit_code,name,time_zone,effective_from\nx,X,Asia/Bandung,2025-01-01\n"
    assert problems(read(SheetKind.UNITS, text)) == [(2, "time_zone", "unknown-zone")]


def test_yes_and_no_are_read_in_both_languages() -> None:
    heading = "position_code,measurable,public_contact,effective_from\n"
    sheet = read(SheetKind.POSITIONS, heading + "a,Ya,tidak,2025-01-01\nb,yes,no,2025-01-01\nc,maybe,no,2025-01-01\n")
    assert [command.terms.measurable for _, command in sheet.commands] == [True, True]
    assert problems(sheet) == [(4, "measurable", "bool_parsing")]


def test_the_same_code_and_day_twice_is_refused() -> None:
    text = UNITS + "bkd,Badan,2025-01-01\nbkd,Badan Lain,2025-01-01\n"
    assert problems(read(SheetKind.UNITS, text)) == [(3, "unit_code", "row-twice")]


def test_one_identity_is_one_person() -> None:
    text = EMPLOYEES + f"{ANI},Ani,same,bkd,analis,,,,,2025-01-01\n{BUDI},Budi,same,bkd,analis,,,,,2025-01-01\n"
    assert problems(read(SheetKind.EMPLOYEES, text)) == [(3, "subject", "subject-taken")]
    taken = read(
        SheetKind.EMPLOYEES, EMPLOYEES + f"{ANI},Ani,s,bkd,analis,,,,,2025-01-01\n", subjects={"s": "emp-other"}
    )
    assert problems(taken) == [(2, "subject", "subject-taken")]


def test_a_missing_column_is_one_problem_not_one_a_row() -> None:
    assert problems(read(SheetKind.UNITS, "unit_code,name\na,A\nb,B\n")) == [(1, "effective_from", "column-missing")]


def test_an_unknown_column_is_a_problem() -> None:
    text = "unit_code,name,effective_from,colour\nbkd,Badan,2025-01-01,red\n"
    assert problems(read(SheetKind.UNITS, text)) == [(2, "colour", "extra_forbidden")]


@pytest.mark.parametrize("text", ["", "\n", "nonsense", '"unclosed'])
def test_what_is_no_sheet_lacks_its_columns(text: str) -> None:
    assert {problem.rule for problem in read(SheetKind.UNITS, text).problems} <= {"column-missing", "not-csv"}
    assert read(SheetKind.UNITS, text).problems


def test_a_broken_quote_is_named_with_its_line() -> None:
    sheet = read(SheetKind.UNITS, UNITS + 'bkd,"Badan"x,2025-01-01\n')
    assert [(problem.row, problem.rule) for problem in sheet.problems] == [(2, "not-csv")]


def test_a_sheet_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "ROWS_MAX", 2)
    rows = "".join(f"unit{n},Unit,2025-01-01\n" for n in range(3))
    assert read(SheetKind.UNITS, UNITS + rows).problems == [RowProblem(4, "", "too-many-rows")]


def terms(day: date, name: str) -> UnitTerms:
    return UnitTerms(effective_from=day, name=name, time_zone="Asia/Jakarta")


A, B, C = date(2025, 1, 1), date(2025, 6, 1), date(2026, 1, 1)


def test_terms_are_added_in_order() -> None:
    assert amended((terms(A, "x"), terms(C, "z")), terms(B, "y")) == (terms(A, "x"), terms(B, "y"), terms(C, "z"))


def test_terms_of_the_same_day_are_corrected() -> None:
    assert amended((terms(A, "x"),), terms(A, "y")) == (terms(A, "y"),)


def test_terms_that_say_nothing_new_change_nothing() -> None:
    history = (terms(A, "x"), terms(C, "z"))
    assert amended(history, terms(B, "x")) == history
    assert amended(history, terms(C, "z")) == history


def test_terms_before_all_others_are_added_though_alike() -> None:
    assert amended((terms(B, "x"),), terms(A, "x")) == (terms(A, "x"), terms(B, "x"))
