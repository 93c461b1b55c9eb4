"""Which events of a batch may take effect."""

from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import requests
from shared.contracts.event import Rejected
from shared.kit.messaging.admission import Item, Verdict, admit
from shared.kit.messaging.cloudevents import Record
from tests.harness.made import REQUEST, heard, submitted

NOTHING = Record("mkd.requests", 0, 0, None, None, [])
STREAM = f"/tests/requests/{REQUEST}"


def item(n: int, *, whole: bool = False) -> Item:
    return Item(NOTHING, whole, STREAM, n, heard=heard(requests.PUBLISHER, submitted(), n))


def fault(n: int | None) -> Item:
    return Item(NOTHING, False, STREAM if n else None, n, fault=Rejected("not-json", "broken"))


def verdicts(items: list[Item], known: int = 0) -> list[Verdict]:
    return admit(items, {STREAM: known} if known else {}).verdicts


def test_a_stream_is_applied_in_order() -> None:
    assert verdicts([item(1), item(2), item(3)]) == [Verdict.APPLY] * 3


def test_what_is_known_is_a_duplicate() -> None:
    assert verdicts([item(2), item(3), item(3)], known=2) == [Verdict.DUPLICATE, Verdict.APPLY, Verdict.DUPLICATE]


def test_behind_a_gap_everything_waits() -> None:
    assert verdicts([item(1), item(3), item(4)]) == [Verdict.APPLY, Verdict.GAP, Verdict.GAP]


def test_behind_a_fault_its_stream_waits() -> None:
    assert verdicts([fault(1), item(2)]) == [Verdict.FAULT, Verdict.GAP]


def test_a_fault_without_a_stream_holds_nothing_up() -> None:
    assert verdicts([fault(None), item(1)]) == [Verdict.FAULT, Verdict.APPLY]


def test_a_fault_that_was_passed_over_is_a_duplicate() -> None:
    assert verdicts([fault(1)], known=1) == [Verdict.DUPLICATE]


def test_an_event_that_tells_the_whole_needs_none_before_it() -> None:
    assert verdicts([item(3, whole=True), item(2, whole=True)]) == [Verdict.APPLY, Verdict.DUPLICATE]


@given(st.lists(st.integers(1, 6), max_size=30))
def test_whatever_comes_only_the_next_is_applied(numbers: list[int]) -> None:
    admission = admit([item(n) for n in numbers], {})
    applied = [one.n for one in admission.apply]
    assert applied == list(range(1, len(applied) + 1))
    assert admission.positions.get(STREAM, 0) == len(applied)
    assert all(aside.item.n > 1 for aside in admission.aside if aside.item.n)
