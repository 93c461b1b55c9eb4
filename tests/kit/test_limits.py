"""How much callers may take: each so often, so many at once, and all together so many bytes."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.kit.web import limits
from shared.kit.web.limits import Pace, Room, Turns

WAITS = st.lists(st.floats(min_value=0, max_value=90), min_size=1, max_size=300)


@given(WAITS, st.integers(min_value=1, max_value=120))
def test_nobody_comes_more_often_than_they_may(waits_s: list[float], per_minute: int) -> None:
    pace, now_s, came = Pace(per_minute), 0.0, 0
    for wait_s in waits_s:
        now_s += wait_s
        came += not pace.wait_s("ani", now_s)
        assert came <= per_minute + now_s * per_minute / 60 + 1e-6


@example([4.334154805644893, 0.0], 1)
@given(WAITS, st.integers(min_value=1, max_value=120))
def test_who_waits_as_long_as_they_are_told_is_let_in(waits_s: list[float], per_minute: int) -> None:
    pace, now_s = Pace(per_minute), 0.0
    for wait_s in waits_s:
        now_s += wait_s
        if told_s := pace.wait_s("ani", now_s):
            now_s += told_s
            assert pace.wait_s("ani", now_s) == 0


def test_nobody_is_held_up_by_another_and_few_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "REMEMBERED_MAX", 10)
    pace = Pace(1)
    assert [pace.wait_s(f"{number}", 0) for number in range(1000)] == [0] * 1000
    assert len(pace._buckets) == 10
    assert pace.wait_s("999", 0) == 60


@given(st.lists(st.tuples(st.sampled_from("ab"), st.booleans()), max_size=40))
def test_turns_end_with_the_calls_that_have_them(calls: list[tuple[str, bool]]) -> None:
    turns = Turns(3)
    running: dict[str, list[Any]] = {"a": [], "b": []}
    for who, begins in calls:
        if begins:
            turn = turns.turn(who)
            had_room = turn.__enter__()
            assert had_room == (len(running[who]) < 3)
            if had_room:
                running[who].append(turn)
            else:
                turn.__exit__(None, None, None)
        elif running[who]:
            running[who].pop().__exit__(None, None, None)
    for turn in [*running["a"], *running["b"]]:
        turn.__exit__(None, None, None)
    assert not turns._running


@given(st.lists(st.integers(min_value=0, max_value=50), max_size=50))
def test_no_more_is_held_than_there_is_room_for(sizes: list[int]) -> None:
    room, held = Room(100), []
    for size in sizes:
        if room.take(size):
            held.append(size)
        assert sum(held) <= 100
    for size in held:
        room.give_back(size)
    assert room.take(100)
