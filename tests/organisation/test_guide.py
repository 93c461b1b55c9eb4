"""The administrator's guide names what there is."""

import re
from pathlib import Path

from deploy.base.home import ROOT
from services.organisation.import_.model import Status
from services.organisation.row.value import SheetKind
from tests.harness.platform import Platform

GUIDE = Path(ROOT) / "docs" / "panduan" / "administrator.md"


async def test_every_endpoint_that_the_guide_names_is_there(memory: Platform) -> None:
    text = GUIDE.read_text()
    named = set(re.findall(r"`(GET|POST) (/v1/[^`\s]*)`", text))
    paths = memory.apps["organisation"].openapi()["paths"]
    there = {(method.upper(), path) for path, operations in paths.items() for method in operations}
    assert len(named) > 12
    assert named <= there, named - there


def test_the_guide_names_every_kind_of_sheet_and_every_state_that_needs_somebody() -> None:
    text = GUIDE.read_text()
    assert all(f"`{kind}`" in text for kind in SheetKind)
    assert all(f"`{status}`" in text for status in (Status.INVALID, Status.INCOMPLETE, Status.CONFIRMING))
