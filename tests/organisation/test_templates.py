"""Sheets to fill in load as they are, one after another, into an instance in which nothing is."""

import io

import pytest
from openpyxl import load_workbook

from services.organisation.row.value import SheetKind, columns, optional
from services.organisation.sheet.rules import Headings
from services.organisation.sheet.value import read_sheet
from services.organisation.template.document import CHOICES, template
from shared.spreadsheets.media import XLSX
from shared.spreadsheets.tables import xlsx_table
from tests.harness.platform import Platform


@pytest.mark.parametrize("kind", SheetKind)
def test_a_template_has_every_column_with_a_note_in_both_languages(kind: SheetKind) -> None:
    sheet = load_workbook(io.BytesIO(template(kind))).worksheets[0]
    headings = [cell.value for cell in sheet[1]]
    assert headings == list(columns(kind))
    assert all(cell.comment and cell.comment.text.count("\n") == 1 for cell in sheet[1])
    listed = {str(choice.sqref).split(":")[0][:-1] for choice in sheet.data_validations.dataValidation}
    assert len(listed) == len([column for column in headings if column in CHOICES]) + (
        kind in ("units", "acting", "absences")
    )


@pytest.mark.parametrize("kind", SheetKind)
def test_a_template_is_read_as_it_is(kind: SheetKind) -> None:
    heading, *rows = read_sheet(kind, xlsx_table(template(kind)), Headings())
    assert rows
    assert all(one.row and not one.problems for one in [*rows])
    assert (heading.problems, heading.absent) == ((), frozenset())
    assert optional(kind) <= set(columns(kind))


async def test_templates_load_one_after_another_and_say_nothing_new_when_they_come_again(memory: Platform) -> None:
    for kind in SheetKind:
        got = await memory.apis.get("administrator", "organisation", f"/v1/templates/{kind}")
        assert (got.status_code, got.headers["content-type"]) == (200, XLSX)
        for becomes in ("new", "unchanged"):
            sent = await memory.apis.post(
                "administrator",
                "organisation",
                f"/v1/imports?kind={kind}",
                content=got.content,
                headers={"Content-Type": XLSX},
            )
            assert sent.json()["problems"] == []
            path = f"/v1/imports/{sent.json()['import_id']}"
            shown = (await memory.apis.get("administrator", "organisation", f"{path}/rows")).json()["items"]
            assert {row["becomes"] for row in shown} == {becomes}, shown
            done = (await memory.apis.post("administrator", "organisation", f"{path}:confirm")).json()
            changes = len(shown) if becomes == "new" else 0
            assert (done["status"], done["changes"]) == ("confirmed", changes)
