"""Sheets to fill in: our headings with a note on each, examples, and lists to choose from."""

import io
from collections.abc import Mapping
from datetime import date

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.styles.numbers import FORMAT_TEXT
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from services.organisation.row.value import ROWS, SheetKind, columns
from services.organisation.sheet.schemas import about, about_column
from shared.contracts.organisation import AbsenceKind, ActingKind, Fuel, Grade, UnitKind, Vehicle

FORMATTED_ROWS = 200
FILLED_ROWS = 2_000
YES_NO = ("ya", "tidak")
DAYS = ("effective_from", "ends_on", "assessed_on")
NUMBERS = ("base_kwh", "per_head_kwh", "zone_load_kwh", "round_trip_km", "km_per_litre", "occupants")
CHOICES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("measurable", "public_contact", "active", "meal_allowance_by_attendance", "public_facing"), YES_NO
    ),
    "time_zone": ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"),
    "vehicle": tuple(Vehicle),
    "fuel": tuple(Fuel),
    "grade": tuple(Grade),
}
KINDS: Mapping[SheetKind, tuple[str, ...]] = {
    SheetKind.UNITS: tuple(UnitKind),
    SheetKind.ACTING: tuple(ActingKind),
    SheetKind.ABSENCES: tuple(AbsenceKind),
}
HEAD, STAFF = "198001012005011001", "199001012015032001"
PERSON = {"unit_code": "contoh-unit", "position_code": "contoh-jabatan", "active": "ya"}
EXAMPLES: Mapping[SheetKind, tuple[Mapping[str, object], ...]] = {
    SheetKind.UNITS: (
        {
            "unit_code": "contoh-unit",
            "name": "Contoh Dinas",
            "time_zone": "Asia/Jakarta",
            "kind": "agency_unit",
            "meal_allowance_by_attendance": "ya",
            "public_facing": "tidak",
        },
    ),
    SheetKind.BUILDINGS: (
        {
            "building_code": "contoh-gedung",
            "name": "Contoh Gedung",
            "base_kwh": 900,
            "per_head_kwh": 1.25,
            "tariff_class": "P-1/TR",
            "zone": "lantai-1",
            "zone_load_kwh": 120.5,
        },
    ),
    SheetKind.POSITIONS: ({"position_code": "contoh-jabatan", "measurable": "ya", "public_contact": "tidak"},),
    SheetKind.EMPLOYEES: (
        PERSON | {"nip": HEAD, "name": "Contoh Atasan", "subject": "contoh-atasan", "grade": "IV"},
        PERSON
        | {
            "nip": STAFF,
            "name": "Contoh Pegawai",
            "subject": "contoh-pegawai",
            "superior_nip": HEAD,
            "grade": "III",
            "round_trip_km": 18.4,
            "vehicle": "motorcycle",
            "fuel": "pertalite",
            "km_per_litre": 40,
            "occupants": 1,
        },
    ),
    SheetKind.ACTING: ({"acting_code": "contoh-surat", "kind": "plh", "for_nip": HEAD, "acting_nip": STAFF},),
    SheetKind.ABSENCES: ({"absence_code": "contoh-cuti", "nip": STAFF, "kind": "leave"},),
}
SINCE, FIRST, LAST = date(2026, 1, 1), date(2026, 1, 5), date(2026, 1, 9)


def template(kind: SheetKind) -> bytes:
    """An XLSX file of which the first sheet loads as it is, and the second says what belongs in it."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = kind.value
    for at, column in enumerate(columns(kind), start=1):
        heading = sheet.cell(1, at, column)
        heading.font = Font(bold=True)
        heading.comment = Comment("\n".join(about_column(column)), "MKD", width=320, height=90)
        letter = get_column_letter(at)
        sheet.column_dimensions[letter].width = 22
        form = "yyyy-mm-dd" if column in DAYS else "General" if column in NUMBERS else FORMAT_TEXT
        for row in range(2, FORMATTED_ROWS):
            sheet.cell(row, at).number_format = form
        for row, example in enumerate(EXAMPLES[kind], start=2):
            sheet.cell(row, at).value = _days(kind).get(column, example.get(column))  # type: ignore[assignment]
        if choices := KINDS.get(kind) if column == "kind" else CHOICES.get(column):
            listed = DataValidation(type="list", formula1=f'"{",".join(choices)}"', allow_blank=True)
            listed.add(f"{letter}2:{letter}{FILLED_ROWS}")
            sheet.add_data_validation(listed)
    sheet.freeze_panes = "A2"
    _explained(book, kind)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _days(kind: SheetKind) -> dict[str, object]:
    short = kind in (SheetKind.ACTING, SheetKind.ABSENCES)
    return {"effective_from": FIRST if short else SINCE, "ends_on": LAST}


def _explained(book: Workbook, kind: SheetKind) -> None:
    sheet = book.create_sheet("petunjuk")
    for line in about(kind):
        sheet.append([line])
    sheet.append([])
    sheet.append(["kolom / column", "wajib / required", "isi", "content"])
    for column in columns(kind):
        required = "ya / yes" if ROWS[kind].model_fields[column].is_required() else ""
        sheet.append([column, required, *about_column(column)])
