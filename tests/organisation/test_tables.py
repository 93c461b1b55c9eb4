"""Files become rows of text: CSV and XLSX, as people and spreadsheets write them."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from shared.spreadsheets import workbooks
from shared.spreadsheets.media import CSV, XLSX
from shared.spreadsheets.tables import Unusable, csv_table, xlsx_table
from shared.spreadsheets.workbooks import Broken
from shared.spreadsheets.writers import WRITERS
from tests.organisation.loaded import workbook

MIDNIGHT = datetime.fromisoformat("2026-09-07T00:00:00")


def test_cells_of_a_spreadsheet_are_read_as_it_shows_them() -> None:
    row = ["teks", 3, 18.4, 0.1 + 0.2, 20.0, 1e-7, date(2026, 9, 7), MIDNIGHT, True, None, " spasi "]
    (_, heading), (number, cells) = xlsx_table(workbook([f"c{n}" for n in range(len(row))], row))
    assert heading[0] == "c0"
    assert number == 2
    expected = ["teks", "3", "18.4", "0.3", "20", "0.0000001", "2026-09-07", "2026-09-07", "true", "", "spasi"]
    assert cells == expected


def test_a_moment_is_not_taken_for_a_day() -> None:
    _, (_, cells) = xlsx_table(workbook(["a"], [MIDNIGHT.replace(hour=8, minute=30)]))
    assert cells == ["2026-09-07T08:30:00"]


@pytest.mark.parametrize(
    ("cell", "rule"),
    [("=A1&B1", "formula"), ("#N/A", "error-value"), (199001012015031010, "digits-lost"), (1e15, "digits-lost")],
)
def test_a_cell_without_a_value_of_its_own_is_told_as_such(cell: Any, rule: str) -> None:
    _, (_, cells) = xlsx_table(workbook(["a", "b"], ["x", cell]))
    assert cells == ["x", Unusable(rule)]


def test_rows_are_as_wide_as_the_heading_unless_they_hold_more() -> None:
    table = list(xlsx_table(workbook(["a", "b", None, None], ["1"], [], [None, None, None, "4"])))
    assert [(number, list(cells)) for number, cells in table] == [
        (1, ["a", "b"]),
        (2, ["1", ""]),
        (3, ["", ""]),
        (4, ["", "", "", "4"]),
    ]


def test_the_first_sheet_of_a_workbook_is_read() -> None:
    body = workbook(["a"], ["1"], change=lambda book: book.create_sheet("Lain").append(["b"]))
    assert [cells for _, cells in xlsx_table(body)] == [["a"], ["1"]]


@pytest.mark.parametrize("body", [b"", b"PK\x03\x04", b"nip,name\n", workbook(["a"])[:-200]])
def test_what_is_no_workbook_is_told_as_such(body: bytes) -> None:
    with pytest.raises(Broken) as broken:
        list(xlsx_table(body))
    assert broken.value.rule == "not-xlsx"


def test_a_workbook_with_a_damaged_part_is_told_from_which_row_on() -> None:
    whole, out = zipfile.ZipFile(io.BytesIO(workbook(["a"], ["1"], ["2"]))), io.BytesIO()
    with zipfile.ZipFile(out, "w") as damaged:
        for part in whole.infolist():
            content = whole.read(part)
            if part.filename.endswith("sheet1.xml"):
                content = content[: content.rindex(b"<row")]
            damaged.writestr(part.filename, content)
    with pytest.raises(Broken) as broken:
        list(xlsx_table(out.getvalue()))
    assert (broken.value.rule, broken.value.row) == ("not-xlsx", 3)


def test_a_workbook_that_unpacks_to_too_much_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "UNPACKED_MAX_BYTES", 1_000_000)
    body = workbook(["a"], ["x" * 30_000])
    list(xlsx_table(body))
    bomb = io.BytesIO(body)
    with zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/bomb.xml", b" " * 1_000_000)
    with pytest.raises(Broken) as broken:
        list(xlsx_table(bomb.getvalue()))
    assert broken.value.rule == "too-large-unpacked"


def test_csv_is_read_with_its_quotes_its_mark_and_either_separator() -> None:
    body = '\ufeffa;b\r\n"x;y";"Kata ""dia"""\r\n'.encode()
    assert [cells for _, cells in csv_table(body)] == [["a", "b"], ["x;y", 'Kata "dia"']]


CELLS = {"text": "=1+1", "name": "Ani, \"A\" 'a'", "long": "baris\nbaris", "none": None, "empty": ""}
VALUES = {"day": date(2026, 9, 7), "number": Decimal("18.40"), "count": 3, "nip": "199001012015031010"}


@pytest.mark.parametrize(("kind", "read"), [(CSV, csv_table), (XLSX, xlsx_table)])
def test_what_is_written_is_read_again_as_it_was(kind: str, read: Callable[[bytes], Any]) -> None:
    file, row = io.BytesIO(), CELLS | VALUES
    writer = WRITERS[kind](file, list(row))
    writer.write([row, {"text": "@x"}])
    writer.finish()
    assert file.tell() == len(file.getvalue())
    (_, heading), (_, first), (_, second) = read(file.getvalue())
    assert heading == list(row)
    expected = ["=1+1", "Ani, \"A\" 'a'", "baris\nbaris", "", "", "2026-09-07", "18.4", "3", "199001012015031010"]
    assert first == expected
    assert second == ["@x", *[""] * 8]
