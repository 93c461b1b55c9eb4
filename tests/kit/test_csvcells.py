"""A text in a CSV file is never run by a spreadsheet, whatever it takes for a separator, and comes back as it was."""

import csv
import io
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.kit.base.csvcells import quoted, unquoted

RUN = re.compile(r"[\s\"]*[=+\-@＝＋－＠]")  # noqa: RUF001
TEXTS = st.text(alphabet=st.sampled_from("=+-@|;%,\t\r\n'\" \xa0＝x1(!"), max_size=12) | st.text(max_size=20)  # noqa: RUF001


@given(TEXTS)
@example("'\"=1")
@example("a;'=1")
def test_a_text_comes_back_as_it_was(text: str) -> None:
    assert unquoted(quoted(text)) == text


@given(TEXTS)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_no_cell_begins_like_a_formula_by_whatever_separator_it_is_read(separator: str, text: str) -> None:
    out = io.StringIO()
    csv.writer(out).writerow(["x", quoted(text), "y"])
    for row in csv.reader(io.StringIO(out.getvalue(), newline=""), delimiter=separator):
        assert not any(RUN.match(cell) for cell in row), (row, out.getvalue())


@pytest.mark.parametrize(
    "text", ["-2+3+cmd|' /C calc'!A0", "|calc", "%0A-3+3", ";=1", "@SUM(1)", "\t=1", "  +62", "-7"]
)
def test_what_looks_like_a_formula_has_an_apostrophe(text: str) -> None:
    assert quoted(text).startswith("'")


@pytest.mark.parametrize("text", ["", "Bagian Umum; Keuangan", "12", "a-b", "'", "baris satu\nbaris dua", "100 %"])
def test_what_looks_like_none_is_left_as_it_is(text: str) -> None:
    assert quoted(text) == text
