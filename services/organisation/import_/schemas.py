"""The shapes in which imports are answered, and how documents become them."""

from datetime import datetime
from typing import Any

from services.organisation.import_.model import Status
from services.organisation.row.value import SheetKind
from shared.kit.base.catalogue import KIT, read
from shared.kit.base.reasons import reason as why
from shared.kit.decisions.decider import Document
from shared.kit.web.schemas import Schema

MESSAGES = read("services.organisation")


class CellProblem(Schema):
    """A cell that cannot be taken."""

    row: int
    """Number of the row in the file, from 1; headings count."""

    column: str
    """Column, by its name here."""

    rule: str
    """Name of the rule that it breaks."""

    value: Any = None
    """The limit that the rule sets; null if there is none."""

    source: str = ""
    """Source of the rule; empty for rules of the sheet itself."""

    detail: str
    """A sentence for people, in the language of the answer."""


class ImportListed(Schema):
    """A sheet that was sent, and what became of it, without its problems."""

    import_id: str
    """Id of the import."""

    kind: SheetKind
    """Kind of the sheet."""

    status: Status
    """Status of the import."""

    rows: int
    """Number of rows."""

    taken: int
    """Number of rows that are recorded; it grows while the import is `confirming`."""

    changes: int
    """Number of entries that were added or changed."""

    kept_columns: list[str]
    """Columns that the sheet does not have; what is on record of them stays."""

    second_person: bool
    """True if somebody other than the sender must confirm it."""

    problem_count: int
    """Number of problems."""

    sent_at: datetime
    """Moment at which it was sent, in UTC."""

    sent_by: str
    """Employee who sent it, by id."""


class Import(ImportListed):
    """A sheet that was sent, and what became of it."""

    problems: list[CellProblem]
    """The first 500 problems."""


def response_of(sheet: Document, language: str) -> Import:
    """An import with its problems in the reader's language."""
    problems = [_problem(problem, language) for problem in sheet["problems"]]
    return Import(**_said(sheet), problems=problems)


def listed(sheet: Document) -> ImportListed:
    """An import in a list of several."""
    return ImportListed(**_said(sheet))


def _said(sheet: Document) -> Document:
    fields = ("kind", "status", "rows", "taken", "changes", "problem_count", "sent_at")
    return {name: sheet[name] for name in fields} | {
        "import_id": sheet["_id"],
        "kept_columns": sheet.get("absent", []),
        "second_person": sheet.get("second_person", False),
        "sent_by": sheet["by"],
    }


def _problem(problem: Document, language: str) -> CellProblem:
    """A cell's problem in the reader's language; what pydantic found has no sentence of ours, only a reason."""
    rule, reason = problem["rule"], problem["reason"]
    if rule in MESSAGES:
        detail = MESSAGES.text(language, rule, {"reason": reason, "value": problem["value"]})
    else:
        facts = {"field": problem["column"], "reason": why(rule, reason, language)}
        detail = KIT.text(language, "field-invalid", facts)
    named = {name: problem[name] for name in ("row", "column", "rule", "value", "source")}
    return CellProblem(**named, detail=detail)
