"""How events are read: today's version, older ones by upcast, and everything else named and left alone."""

from datetime import date, timedelta
from typing import Any, ClassVar

import pytest

from shared.contracts.event import Event, Publisher, Rejected


def _days_from_ends(body: dict[str, Any]) -> dict[str, Any]:
    """v1 carried a first and a last day; v2 lists the days."""
    first, last = (date.fromisoformat(body[name]) for name in ("first_day", "last_day"))
    return body | {"days": [str(first + timedelta(n)) for n in range((last - first).days + 1)]}


class LeaveTaken(Event):
    """An event of two versions."""

    keyed_by = about = "leave_id"
    version = 2
    upcasts: ClassVar = {1: _days_from_ends}

    leave_id: str
    days: tuple[date, ...]


LEAVE = Publisher("leave", (LeaveTaken,))
TYPE = "mkd.leave.leave-taken.v"


def test_a_type_is_named_after_its_class_and_version() -> None:
    assert LEAVE.type_of(LeaveTaken) == f"{TYPE}2"


def test_an_older_version_is_read_as_todays() -> None:
    body = '{"leave_id": "lev-1", "first_day": "2026-09-07", "last_day": "2026-09-08"}'
    expected = LeaveTaken(leave_id="lev-1", days=(date(2026, 9, 7), date(2026, 9, 8)))
    assert LEAVE.read(f"{TYPE}1", body) == expected


def test_fields_that_a_newer_writer_added_are_ignored() -> None:
    assert LEAVE.read(f"{TYPE}2", '{"leave_id": "lev-1", "days": [], "mood": "good"}') == LeaveTaken(
        leave_id="lev-1", days=()
    )


@pytest.mark.parametrize(
    ("type_", "body", "rule", "said"),
    [
        (f"{TYPE}3", "{}", "unknown-version", "newer than version 2"),
        ("mkd.leave.leave-lost.v1", "{}", "unknown-type", "not an event that leave publishes"),
        ("mkd.other.leave-taken.v1", "{}", "unknown-type", "not an event"),
        ("leave-taken", "{}", "unknown-type", "not an event"),
        (f"{TYPE}0", "{}", "unknown-type", "not an event"),
        (f"{TYPE}2", "{", "not-json", "body"),
        (f"{TYPE}2", "[" * 5000, "not-json", "recursion"),
        (f"{TYPE}2", '{"days": []}', "bad-field", "leave_id: Field required"),
        (f"{TYPE}2", '{"leave_id": 7, "days": [20260907]}', "bad-field", "(and 1 more)"),
        (f"{TYPE}1", "{}", "not-json", "first_day"),
        (f"{TYPE}1", "[", "not-json", "version 1"),
    ],
)
def test_what_cannot_be_read_names_its_rule(type_: str, body: str, rule: str, said: str) -> None:
    with pytest.raises(Rejected) as unreadable:
        LEAVE.read(type_, body)
    assert unreadable.value.rule == rule
    assert said in unreadable.value.detail
