"""Files are read as they look, or refused with the reason; and what reading one takes is bounded, whatever it holds."""

import io
import re
import time
import tracemalloc
import zipfile
from collections import deque
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from services.organisation.row.value import ROWS, SheetKind
from services.organisation.sheet.rules import INDONESIAN, Headings
from services.organisation.sheet.value import Read, read_sheet
from shared.spreadsheets.numbers import Ambiguous, Plain, as_shown, plain
from shared.spreadsheets.tables import Unusable, csv_table, xlsx_table
from shared.spreadsheets.workbooks import Broken
from tests.organisation.loaded import ANI, workbook

UNITS = ["unit_code", "name", "effective_from"]


def rewritten(body: bytes, change: Callable[[str, str], str]) -> bytes:
    """A workbook with its parts changed by name."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as whole, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in whole.infolist():
            packed.writestr(part.filename, change(part.filename, whole.read(part).decode()))
    return out.getvalue()


def in_sheet(body: bytes, old: str, new: str) -> bytes:
    def change(name: str, text: str) -> str:
        assert "sheet1.xml" not in name or re.search(old, text), name
        return re.sub(old, new, text, count=1) if name.endswith("sheet1.xml") else text

    return rewritten(body, change)


def rule(body: bytes) -> str:
    with pytest.raises(Broken) as broken:
        list(xlsx_table(body))
    return broken.value.rule


def read(kind: SheetKind, body: bytes) -> list[Read]:
    table = xlsx_table if body.startswith(b"PK") else csv_table
    return list(read_sheet(kind, table(body, partial(Headings().likeness, kind)), Headings()))


def problems(reads: list[Read]) -> list[tuple[int, str, str]]:
    return [(one.row, one.column, one.rule) for each in reads for one in each.problems]


@pytest.mark.parametrize("said", ["A1:B1", "A1:XFD1048576", "A1", "B2:A1"])
def test_what_a_sheet_says_of_its_size_is_not_believed(said: str) -> None:
    body = in_sheet(workbook(["a", "b", "c"], ["1", "2", "3"]), r'<dimension ref="[^"]*"', f'<dimension ref="{said}"')
    assert [list(cells) for _, cells in xlsx_table(body)] == [["a", "b", "c"], ["1", "2", "3"]]


def test_the_first_sheet_that_can_be_seen_is_read() -> None:
    def hide(book: Workbook) -> None:
        book.create_sheet("Terlihat").append(["b"])
        book.worksheets[0].sheet_state = "hidden"
        book.active = 1

    assert [list(cells) for _, cells in xlsx_table(workbook(["a"], change=hide))] == [["b"]]


def test_a_workbook_of_hidden_sheets_is_refused() -> None:
    hidden = rewritten(workbook(["a"]), lambda _, text: text.replace('state="visible"', 'state="hidden"'))
    assert rule(hidden) == "no-visible-sheet"


@pytest.mark.parametrize("hide", ["row", "column"])
def test_what_is_hidden_is_not_read_without_a_word(hide: str) -> None:
    def change(book: Workbook) -> None:
        sheet = book.worksheets[0]
        if hide == "row":
            sheet.row_dimensions[2].hidden = True
        else:
            sheet.column_dimensions["B"].hidden = True

    assert rule(workbook(["a", "b"], ["1", "2"], change=change)) == f"hidden-{hide}"
    assert list(xlsx_table(workbook(["a"], [], ["1"], change=change))), "nothing in it hides nothing"


def test_a_merged_cell_is_not_taken_for_an_empty_one() -> None:
    def merge(book: Workbook) -> None:
        book.worksheets[0].merge_cells("A1:C1")
        book.worksheets[0].merge_cells("B4:B5")

    rows: list[list[Any]] = [
        ["DAFTAR UNIT", None, None],
        [],
        UNITS,
        ["a", "Satu", "2025-01-01"],
        ["b", None, "2025-01-01"],
    ]
    assert problems(read(SheetKind.UNITS, workbook(*rows, change=merge))) == [(5, "name", "merged-cell")]


@pytest.mark.parametrize(
    ("number", "form", "shown"),
    [
        (7, "000", "007"),
        (7, "0", "7"),
        (5.1, "0.00", "5.10"),
        (1250, "#,##0", "1250"),
        (1250.5, "#,##0.00", "1250.50"),
        (0.5, "#.##", "0.5"),
        (-3, "#,##0_);(#,##0)", "-3"),
        (-3, "0;0", None),
        (-3, "0.0;-0.0", "-3.0"),
        (0, '0;-0;"nihil"', None),
        (18.4, "General", "18.4"),
        (3, "@", "3"),
        (5.1, "0", None),
        (0.25, "0%", None),
        (7, '"UPT-"0', None),
        (1250000, "0,", None),
        (1250, '"Rp"#,##0', None),
        (12, "# ?/?", None),
        (12345, "0.00E+00", None),
    ],
)
def test_a_number_is_read_as_its_cell_shows_it_or_refused(number: float, form: str, shown: str | None) -> None:
    book = workbook(["a"], [number], change=lambda book: setattr(book.worksheets[0]["A2"], "number_format", form))
    _, (_, (cell,)) = xlsx_table(book)
    assert cell == (shown if shown is not None else Unusable("shown-otherwise", form))


@given(st.decimals(-(10**9), 10**9, places=3), st.sampled_from(["General", "0.000", "#,##0.000", "000.000", "0.0##"]))
def test_what_is_shown_is_the_number_that_is_kept(number: Decimal, form: str) -> None:
    shown = as_shown(float(number), form)
    assert shown is not None
    assert Decimal(shown) == number


@pytest.mark.parametrize(
    ("form", "seen"), [("dd/mm/yyyy", True), ("mm-dd-yy", True), ("mmm-yy", False), ("yyyy", False)]
)
def test_a_day_that_is_not_shown_is_not_read(form: str, seen: bool) -> None:
    def shape(book: Workbook) -> None:
        book.worksheets[0]["A2"].number_format = form

    _, (_, (cell,)) = xlsx_table(workbook(["a"], [datetime.fromisoformat("2025-01-31T00:00")], change=shape))
    assert (cell == "2025-01-31") is seen


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1250", "1250"),
        ("18,4", "18.4"),
        ("18.4", "18.4"),
        ("0,125", "0.125"),
        ("0.125", "0.125"),
        ("1.250,5", "1250.5"),
        ("1,250.5", "1250.5"),
        ("1.250.000", "1250000"),
        ("1 250", "1250"),
        ("1250,125", "1250.125"),
        (Plain("1.250"), "1.250"),
        ("-3,5", "-3.5"),
        ("12 km", "12 km"),
        ("1,25,0", "1,25,0"),
    ],
)
def test_numbers_are_read_as_offices_write_them(text: str, meant: str) -> None:
    assert plain(text) == meant


@pytest.mark.parametrize("text", ["1.250", "1,250", "12.500", "-999.999"])
def test_what_can_be_two_numbers_is_none(text: str) -> None:
    with pytest.raises(Ambiguous):
        plain(text)


@given(st.decimals(0, 10**9, places=2))
def test_every_number_comes_back_from_the_form_of_an_indonesian_office(number: Decimal) -> None:
    written = f"{number:,.2f}".translate(str.maketrans(",.", ".,"))
    assert Decimal(plain(written)) == number


def employees(cells: str, separator: str = ";", encoding: str = "utf-8") -> bytes:
    heading = "NIP;Nama;Identitas;Kode Unit;Kode Jabatan;Km Pulang Pergi;Kendaraan;Aktif;TMT".replace(";", separator)
    return f"{heading}\n{cells}\n".encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_sheet_as_an_office_makes_it_is_read(separator: str, encoding: str) -> None:
    nip = f"'{ANI[:8]} {ANI[8:14]} {ANI[14]} {ANI[15:]}"
    row = separator.join([nip, "Ani", "s", "bkd", "analis", "18,4", "sepeda motor", "T", "31/12/2025"])
    _, one = read(SheetKind.EMPLOYEES, employees(row, separator, encoding))
    assert one.row, one.problems
    said: dict[str, Any] = one.row.model_dump()
    assert (said["nip"], said["active"], said["effective_from"]) == (ANI, False, date(2025, 12, 31))
    assert (said["round_trip_km"], said["vehicle"]) == (Decimal("18.4"), "motorcycle")


def test_a_thousand_that_may_be_a_fraction_is_refused_where_commas_are_no_separators() -> None:
    text = f"{ANI};Ani;s;bkd;analis;1.250;car;Y;2025-01-01"
    assert problems(read(SheetKind.EMPLOYEES, employees(text))) == [(2, "round_trip_km", "number-ambiguous")]


@pytest.mark.parametrize("title", ["DAFTAR UNIT KERJA", "sep=;", "Unit, Bidang, dan Seksi; keadaan 1 Januari 2025", ""])
def test_a_title_above_the_heading_is_not_a_heading(title: str) -> None:
    reads = read(SheetKind.UNITS, f"{title}\n\nKode Unit;Nama;TMT\nbkd;Badan, dan lain;2025-01-01\n".encode())
    assert [one.number for one in reads] == [3, 4]
    assert reads[1].cells == {"unit_code": "bkd", "name": "Badan, dan lain", "effective_from": "2025-01-01"}


def test_every_column_has_indonesian_names_and_no_name_is_of_two_columns_of_a_sheet() -> None:
    for kind in SheetKind:
        for column in ROWS[kind].model_fields:
            for name in (column, column.upper(), *INDONESIAN[column]):
                assert Headings().columns(kind).get(name.casefold().replace("_", " ")) == column, (kind, name)


@pytest.mark.parametrize(("cell", "yes"), [("Y", True), ("ya", True), ("T", False), ("t", False), ("Tidak", False)])
def test_t_is_tidak(cell: str, yes: bool) -> None:
    _, one = read(SheetKind.POSITIONS, f"position_code,measurable,effective_from\na,{cell},2025-01-01\n".encode())
    assert one.row
    assert one.row.model_dump()["measurable"] is yes


@pytest.mark.parametrize("sign", ["\u200b", "\u200d", "\ufeff", "\u00ad", "\u202e", "\u2060", "\u00a0"])
def test_a_code_holds_nothing_that_is_not_seen(sign: str) -> None:
    reads = read(SheetKind.UNITS, f"unit_code,name,effective_from\nb{sign}kd,Badan,2025-01-01\n".encode())
    assert problems(reads) == [(2, "unit_code", "hidden-character")]


def test_a_whole_file_that_is_not_read_says_why() -> None:
    strict = rewritten(
        workbook(UNITS),
        lambda _, text: text.replace(
            "http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main"
        ),
    )
    assert rule(strict) == "strict-xlsx"
    assert rule(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600) == "old-workbook"
    typed = rewritten(
        workbook(UNITS),
        lambda name, text: f'<!DOCTYPE x [<!ENTITY a "b">]>{text}' if name == "xl/workbook.xml" else text,
    )
    assert rule(typed) == "document-type"


WHOLE = workbook(UNITS, ["a", "Satu", "2025-01-01"], ["b", 7, 1.5])


@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_a_damaged_workbook_is_read_or_refused_and_nothing_else(damage: list[tuple[int, int]]) -> None:
    body = bytearray(WHOLE)
    for at, byte in damage:
        body[at] = byte
    assert all(one.row or one.problems or one.absent is not None for one in read_as(bytes(body), xlsx_table))


@given(st.text(st.characters(codec="utf-8"), max_size=200), st.sampled_from(["utf-8", "utf-16"]))
def test_any_text_is_read_or_refused_and_nothing_else(text: str, encoding: str) -> None:
    for body in (text.encode(encoding), f"unit_code;name;effective_from\n{text}".encode(encoding)):
        assert all(one.row or one.problems or one.absent is not None for one in read_as(body, csv_table))


PARTS = st.sampled_from(
    ["xl/workbook.xml", "sheet1.xml", "styles.xml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels"]
)
SNIPPETS = [
    "",
    "<",
    "</row>",
    'r="A0"',
    't="s"',
    "<v>999</v>",
    's="77"',
    "&#0;",
    "\ud7ff",
    "<row/>",
    'xmlns="x"',
    "9" * 400,
]


@given(PARTS, st.integers(0, 5_000), st.integers(0, 60), st.sampled_from(SNIPPETS))
def test_a_workbook_with_a_part_changed_is_read_or_refused_and_nothing_else(
    part: str, at: int, length: int, snippet: str
) -> None:
    def change(name: str, text: str) -> str:
        place = at % (len(text) + 1)
        return text[:place] + snippet + text[place + length :] if name.endswith(part) else text

    body = rewritten(WHOLE, change)
    assert all(one.row or one.problems or one.absent is not None for one in read_as(body, xlsx_table))


def read_as(body: bytes, table: Callable[..., Any]) -> list[Read]:
    rows = table(body, partial(Headings().likeness, SheetKind.UNITS))
    return list(read_sheet(SheetKind.UNITS, rows, Headings()))


# What follows is made to be read for ever.

XMLNS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def attack(part: str, content: str) -> bytes:
    """A workbook with a part of somebody's own making."""
    return rewritten(workbook(["a", "b"], ["x", "y"]), lambda name, text: content if name.endswith(part) else text)


def in_cells(rows: str, before: str = "", after: str = "") -> bytes:
    return attack("sheet1.xml", f"<worksheet {XMLNS}>{before}<sheetData>{rows}</sheetData>{after}</worksheet>")


def far() -> bytes:
    return in_cells('<row r="12000"><c r="A12000"><v>1</v></c></row>', '<dimension ref="A1:XFD12000"/>')


def wide() -> bytes:
    return in_cells('<row r="1"><c r="XFD1"><v>1</v></c></row>')


def deep() -> bytes:
    empty = "".join(f'<row r="{n}"/>' for n in range(1, 200_000))
    return in_cells(f'{empty}<row r="1048576"><c r="A1048576"><v>1</v></c></row>')


def many_strings() -> bytes:
    """Its strings lie in a part of any name; the list of contents says which."""
    media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    named = f'<Override PartName="/xl/any.bin" ContentType="{media}"/></Types>'
    body = rewritten(workbook(["a"]), lambda _, text: text.replace("</Types>", named))
    out = io.BytesIO(body)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/any.bin", f"<sst {XMLNS}>{'<si/>' * 2_000_000}</sst>")
    return out.getvalue()


def many_cells_in_a_row() -> bytes:
    return in_cells(f'<row r="1">{"<c/>" * 3_000_000}</row>')


def many_styles() -> bytes:
    return attack("styles.xml", f"<styleSheet {XMLNS}><cellXfs>{'<xf/>' * 2_000_000}</cellXfs></styleSheet>")


def long_text() -> bytes:
    return in_cells(f'<row r="1"><c t="inlineStr"><is><t>{"x" * 50_000_000}</t></is></c></row>')


def entities() -> bytes:
    inner = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    cells = '<sheetData><row><c t="str"><v>&l11;</v></c></row></sheetData>'
    typed = f'<!DOCTYPE x [<!ENTITY l0 "lol">{inner}]>'
    return attack("sheet1.xml", f"{typed}<worksheet {XMLNS}>{cells}</worksheet>")


def many_merged() -> bytes:
    merged = '<mergeCell ref="A1:XFD1048576"/>' * 200_000
    return in_cells('<row r="1"><c r="A1"><v>1</v></c></row>', after=f"<mergeCells>{merged}</mergeCells>")


def commas() -> bytes:
    return b"," * 16_000_000


def commas_in_lines() -> bytes:
    return b'"\n' + (b"," * 900 + b'"a\nb"') * 17_000


def line_ends() -> bytes:
    return b"unit_code,name,effective_from\n" + b"\n" * 16_000_000


def open_quote() -> bytes:
    return b'unit_code,"' + b"x" * 16_000_000


ATTACKS = (
    far,
    wide,
    deep,
    many_strings,
    many_cells_in_a_row,
    many_styles,
    long_text,
    entities,
    many_merged,
    commas,
    commas_in_lines,
    line_ends,
    open_quote,
)


@pytest.mark.parametrize(
    ("row", "before", "named"),
    [
        ('ht="0"', "", "hidden-row"),
        ("", '<sheetFormatPr defaultRowHeight="15" zeroHeight="1"/>', "hidden-row"),
        ("", '<cols><col min="1" max="1" width="0"/></cols>', "hidden-column"),
    ],
)
def test_what_is_drawn_with_no_size_is_hidden(row: str, before: str, named: str) -> None:
    assert rule(in_cells(f'<row r="1" {row}><c r="A1"><v>1</v></c></row>', before)) == named


def test_rows_that_are_out_of_order_are_not_dropped() -> None:
    rows = '<row r="2"><c r="A2"><v>2</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>'
    assert rule(in_cells(rows)) == "not-xlsx"
    cells = '<row r="1"><c r="B1"><v>2</v></c><c r="A1"><v>1</v></c></row>'
    assert rule(in_cells(cells)) == "not-xlsx"


@pytest.mark.parametrize("made", ATTACKS)
def test_a_small_file_does_not_take_long_to_refuse(made: Callable[[], bytes]) -> None:
    body = made()
    started = time.process_time()
    refused(body)
    took = time.process_time() - started
    assert took < 12, f"{took:.1f} s for {len(body)} bytes"


@pytest.mark.parametrize("made", [far, many_strings, many_cells_in_a_row, long_text, commas, line_ends])
def test_refusing_a_small_file_takes_little_memory(made: Callable[[], bytes]) -> None:
    body = made()
    tracemalloc.start()
    try:
        refused(body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 64 * 1024 * 1024, f"{peak >> 20} MiB for {len(body)} bytes"


def refused(body: bytes) -> None:
    """Read a file to where it is refused."""
    table = xlsx_table if body.startswith(b"PK") else csv_table
    with pytest.raises(Broken):
        deque(table(body, partial(Headings().likeness, SheetKind.UNITS)), maxlen=0)
