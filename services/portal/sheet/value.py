"""What a report says of a sheet as a whole. Pure."""

import re

from services.portal.sheet.model import CellProblem, Headings, Import
from shared.spreadsheets.media import CSV, XLSX

OF_HEADING = ("column-missing", "column-unknown")
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""What files of today's Excel and of the old one begin with."""
DATA = re.compile(r"[0-9]{6}")


def headings(sheet: Import) -> Headings:
    """How its headings differ. What looks like data, as where a file has no headings, is nothing to choose from: it
    would stand in an address."""
    found = [one for one in sheet.problems if one.rule in OF_HEADING]
    missing = tuple(one.column for one in found if one.rule == "column-missing")
    unknown = tuple(one.column for one in found if one.rule == "column-unknown" and not DATA.search(one.column))
    return Headings(missing, tuple(name for name in sheet.kept_columns if name not in missing), unknown)


def in_rows(sheet: Import) -> list[CellProblem]:
    """Its problems but for those of its headings, which are told together."""
    return [one for one in sheet.problems if one.rule not in OF_HEADING]


def media_type(filename: str, body: bytes) -> str:
    """What a file is, by how it begins and what it is called."""
    is_workbook = body.startswith(WORKBOOKS) or filename.lower().endswith((".xlsx", ".xls", ".xlsm"))
    return XLSX if is_workbook else CSV


def percent(sheet: Import) -> int:
    """How much of a sheet is taken."""
    return 100 * sheet.taken // sheet.rows if sheet.rows else 0
