"""How a text is put into a cell of a CSV file, so that no spreadsheet runs it, and how it comes back. Pure.

A spreadsheet takes a text that begins like a formula for one (CWE-1236). Where its list separator is the semicolon, as
it is in Indonesia, it splits a file with commas anew at semicolons, tabs and line ends, whatever the quotes around a
cell: a text after one of these may begin like a formula as well. An apostrophe before such a place keeps it a text.
Numbers are not texts: a writer leaves them as they are.
"""

import re

_BEGINS = "=+\\-@＝＋－＠"  # noqa: RUF001  (spreadsheets take the wide forms for the others)
_BEFORE = r"'*[ \xa0\x0b\x0c\"]*"
_AT_START = rf"(?={_BEFORE}[{_BEGINS}|;%\t\r\n])"
_AFTER_BREAK = rf"(?={_BEFORE}[{_BEGINS}])"
_BREAK = r"(?<=[;\t\r\n])"
_PLACES = re.compile(rf"\A{_AT_START}|{_BREAK}{_AFTER_BREAK}")
_MARKS = re.compile(rf"\A'{_AT_START}|{_BREAK}'{_AFTER_BREAK}")


def quoted(cell: str) -> str:
    """A text that no spreadsheet runs, with an apostrophe before every place that looks like a formula."""
    return _PLACES.sub("'", cell)


def unquoted(cell: str) -> str:
    """The text that `quoted` was given."""
    return _MARKS.sub("", cell)
