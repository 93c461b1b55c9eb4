"""What organisation answers of sheets, and what a page shows of one."""

from dataclasses import dataclass
from datetime import datetime

from services.portal.person.model import Answered
from shared.spreadsheets.media import CSV, XLSX

KINDS = ("units", "buildings", "positions", "employees", "acting", "absences")
"""In the order in which they are loaded, since each names what is in those before it."""
FILES = {"csv": CSV, "xlsx": XLSX}
FILE_MAX_BYTES = 33 * 1024 * 1024
"""What a form with the largest sheet has."""
WAITING = ("valid", "invalid", "incomplete")
DROPPABLE = (*WAITING, "confirming")


class CellProblem(Answered):
    """A cell that cannot be taken."""

    row: int
    column: str
    rule: str
    source: str
    detail: str


class Listed(Answered):
    """A sheet that was sent, at organisation's `GET /v1/imports`."""

    import_id: str
    kind: str
    status: str
    rows: int
    taken: int
    changes: int
    kept_columns: list[str]
    second_person: bool
    problem_count: int
    sent_at: datetime
    sent_by: str


class Import(Listed):
    """A sheet with its problems, at organisation's `GET /v1/imports/{import_id}`."""

    problems: list[CellProblem]


class Imports(Answered):
    """A page of sheets."""

    items: list[Listed]
    next_cursor: str | None


class Change(Answered):
    """A column in which the record will differ."""

    column: str
    before: str | None
    after: str | None


class Row(Answered):
    """A row as it will be recorded."""

    row: int
    code: str
    becomes: str
    values: dict[str, str | None]
    changes: list[Change]


class Rows(Answered):
    """A page of rows, at organisation's `GET /v1/imports/{import_id}/rows`."""

    items: list[Row]
    next_cursor: str | None


@dataclass(frozen=True)
class Headings:
    """How the headings of a sheet differ from those that are expected."""

    missing: tuple[str, ...]
    """Columns that a sheet must have, and this one has not, by their names."""

    absent: tuple[str, ...]
    """Columns that a sheet may lack, and this one does."""

    unknown: tuple[str, ...]
    """Headings that no sheet of this kind has, as they stand in the file."""

    @property
    def differ(self) -> bool:
        return bool(self.missing or self.unknown)
