"""When a consumer has rejected so much that it stops, and when not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import requests
from shared.contracts.event import Rejected
from shared.kit.messaging.admission import Item, Verdict
from shared.kit.messaging.cloudevents import Record
from shared.kit.messaging.rejections import Counted, Limit, Limits, about, count
from tests.harness.made import ANI, heard, submitted

LIMITS = Limits(in_a_row=20, share_percent=50, of_last=80)
GOOD, BAD = True, False
TOPIC = "mkd.requests"


def record(at: int, key: str | None, topic: str = TOPIC) -> Record:
    return Record(topic, 0, at, key.encode() if key else None, b"{", [])


def item(at: int, key: str | None, *, good: bool, topic: str = TOPIC) -> tuple[Item, Verdict]:
    fault = None if good else Rejected("not-json", "broken")
    return Item(record(at, key, topic), False, fault=fault), Verdict.APPLY if good else Verdict.FAULT


def counted(*batches: list[tuple[Item, Verdict]], again: tuple[str, ...] = ()) -> Counted:
    found = Counted(0, {})
    for batch in batches:
        items, verdicts = [one for one, _ in batch], [verdict for _, verdict in batch]
        found = count(found.tallies, items, verdicts, again, LIMITS)
    return found


def people(number: int, *, good: bool, start: int = 0) -> list[tuple[Item, Verdict]]:
    """Records, each about somebody else."""
    return [item(start + at, f"emp-{start + at}", good=good) for at in range(number)]


def test_as_many_rejections_in_a_row_as_the_limit_stop_at_just_that_record() -> None:
    assert counted(people(19, good=BAD)).exceeded is None
    found = counted(people(30, good=BAD))
    assert (found.taken, found.exceeded and found.exceeded.limit) == (20, Limit.IN_A_ROW)
    assert found.exceeded
    assert (found.exceeded.rejected, found.exceeded.of) == (20, 20)
    assert (found.exceeded.topic, found.exceeded.place, found.exceeded.rule) == (TOPIC, f"{TOPIC}/0/19", "not-json")


def test_a_row_goes_on_over_batches_and_ends_with_a_good_record() -> None:
    halves = people(10, good=BAD), people(10, good=BAD, start=10)
    assert counted(*halves).exceeded
    assert counted(halves[0], people(1, good=GOOD), halves[1]).exceeded is None


def test_a_share_of_the_last_records_stops_also_where_some_are_good() -> None:
    found = counted(*(people(1, good=at % 2 == 0, start=at) for at in range(79)))
    assert found.exceeded is None, "39 of 79"
    mixed = [one for at in range(80) for one in people(1, good=at % 2 == 0, start=at)]
    found = counted(mixed)
    assert found.exceeded
    assert (found.exceeded.limit, found.exceeded.rejected, found.exceeded.of) == (Limit.SHARE, 40, 80)


def test_a_few_bad_ones_among_many_good_stop_nothing() -> None:
    assert counted(*([*people(1, good=BAD, start=at), *people(2, good=GOOD)] for at in range(1000))).exceeded is None


def test_of_one_person_no_more_than_a_tenth_of_a_limit_counts() -> None:
    """Whatever is wrong with one person's rows stops nobody else's; ten people's do."""
    ani = [item(at, "emp-ani", good=BAD) for at in range(500)]
    assert counted(ani).exceeded is None
    ten = [item(at, f"emp-{at % 10}", good=BAD) for at in range(40)]
    assert counted(ten).taken == 20
    nine = [item(at, f"emp-{at % 9}", good=BAD) for at in range(500)]
    assert counted(nine).exceeded is None


def test_what_has_no_key_is_counted_record_by_record() -> None:
    assert counted([item(at, None, good=BAD) for at in range(20)]).exceeded


def test_topics_are_counted_apart() -> None:
    """A publisher all of whose events are unreadable is not hidden by another's."""
    mixed = [
        one for at in range(60) for one in (*people(1, good=BAD, start=at), item(at, None, good=GOOD, topic="other"))
    ]
    assert counted(mixed).taken == 39
    apart = [item(at, f"emp-{at}", good=BAD, topic=f"topic-{at % 2}") for at in range(38)]
    assert counted(apart).exceeded is None


@pytest.mark.parametrize("verdict", [Verdict.GAP, Verdict.DUPLICATE, Verdict.NOTHING])
def test_what_waits_or_is_known_is_no_rejection_and_hides_none(verdict: Verdict) -> None:
    bad = people(10, good=BAD), people(10, good=BAD, start=10)
    broken = Rejected("not-json", "broken") if verdict is Verdict.DUPLICATE else None
    between = [(Item(record(at, f"emp-x{at}"), False, fault=broken), verdict) for at in range(100)]
    assert counted(between).exceeded is None
    assert counted(bad[0], between, bad[1]).exceeded


def test_what_was_put_aside_before_is_not_counted_again() -> None:
    """As when Kafka is filled anew, and all that was ever rejected comes once more."""
    places = tuple(f"{TOPIC}/0/{at}" for at in range(40))
    assert counted(people(40, good=BAD), again=places).exceeded is None
    assert counted(people(60, good=BAD), again=places).taken == 60


def test_a_readable_record_is_about_its_person() -> None:
    one = Item(record(0, "key"), False, heard=heard(requests.PUBLISHER, submitted(), 1))
    assert about(one) == ANI
    assert about(item(0, "key", good=BAD)[0]) == "key"


@given(st.lists(st.booleans(), max_size=200), st.integers(1, 30))
def test_it_does_not_matter_how_records_come_in_batches(good: list[bool], size: int) -> None:
    records = [one for at, is_good in enumerate(good) for one in people(1, good=is_good, start=at)]
    whole = counted(records)
    taken, tallies = 0, whole.tallies.__class__()
    for first in range(0, len(records), size):
        batch = records[first : first + size]
        found = count(tallies, [one for one, _ in batch], [verdict for _, verdict in batch], (), LIMITS)
        taken, tallies = taken + found.taken, found.tallies
        if found.exceeded:
            break
    assert (taken, tallies) == (whole.taken, whole.tallies)
