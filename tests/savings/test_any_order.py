"""Every event twice, topics interleaved at random, batches cut at random: the same net positions and the same hash."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.savings.unit_month.document import months_of
from shared.contracts import approvals, organisation, performance, requests
from shared.contracts.approvals import ApprovalRevoked
from shared.contracts.event import Event, Publisher
from shared.contracts.organisation import Grade
from shared.contracts.performance import OutputLogged, OutputVerified, VerificationWithdrawn
from shared.contracts.requests import NamedDay, PolicyPublished, RequestWithdrawn, WorkCalendar
from shared.kit.messaging.cloudevents import ReceivedEvent
from tests.harness.examples import examples
from tests.harness.factors import factors, first_shipped
from tests.harness.fold import ReadModels
from tests.harness.made import (
    BUDI,
    MONDAY,
    absences,
    approved,
    building,
    commute,
    employee,
    heard,
    opened,
    output,
    plan,
    policy,
    submitted,
    unit,
)

FIRST, CORRECTION = first_shipped(), factors()
WEEK = [MONDAY + timedelta(n) for n in range(7)]
DURING = datetime(2026, 9, 8, 3, tzinfo=UTC)
AFTER = datetime(2026, 9, 20, tzinfo=UTC)
Topic = list[ReceivedEvent]
OF_DAYS = ("rules", "absences")
"""What says which days are worked: parts of two topics, on other partitions than the days themselves."""
TOPICS = ("organisation", "requests", "approvals", "performance", *OF_DAYS)


@st.composite
def histories(draw: st.DrawFn) -> list[Topic]:
    """What each of four topics holds, in the order in which it was published."""
    topics: dict[str, Topic] = {name: [] for name in TOPICS}
    chance = draw(st.randoms(use_true_random=True))
    seats = draw(st.lists(st.sampled_from(["lantai-1", "lantai-2", "lantai-1", None]), min_size=2, max_size=2))
    for number, zone in enumerate(seats, 1):
        moves: list[Event] = [
            unit(f"unit-{number:04}", zone="lantai-2"),
            unit(f"unit-{number:04}", zone=zone, meals=True),
        ]
        topics["organisation"] += _told(organisation.PUBLISHER, moves[draw(st.integers(0, 1)) :])
    if not _seldom(draw):
        topics["organisation"] += _told(organisation.PUBLISHER, [building(zones=("lantai-1", "lantai-2"))])
    for number in range(draw(st.sampled_from([2, 1, 3, 0]))):
        rules = _told(requests.PUBLISHER, [_policy(draw, number)])
        topics["rules"] = _merged(chance, topics["rules"], rules)
    for person in range(draw(st.sampled_from([2, 3, 1]))):
        whose = f"emp-{person:08}"
        topics["organisation"] += _told(organisation.PUBLISHER, _recorded(draw, whose))
        topics["absences"] += _told(organisation.PUBLISHER, _absent(draw, whose))
        for number in range(draw(st.sampled_from([2, 1, 3, 0]))):
            days = [MONDAY + timedelta(number * 2 + k) for k in range(draw(st.integers(1, 2)))]
            about = {"request_id": f"req-{person:04}{number:04}", "employee_id": whose}
            for name, publisher, events in (
                ("requests", requests.PUBLISHER, _asked(draw, days, about)),
                ("approvals", approvals.PUBLISHER, _decided(draw, days, about)),
                ("performance", performance.PUBLISHER, _done(draw, days, about)),
            ):
                topics[name] = _merged(chance, topics[name], _told(publisher, events))
    return list(topics.values())


def _told(publisher: Publisher, events: list[Event]) -> Topic:
    return [heard(publisher, event, n) for n, event in enumerate(events, 1)]


def _recorded(draw: st.DrawFn, whose: str) -> list[Event]:
    ways = draw(st.lists(st.sampled_from([Decimal(10), Decimal(20), Decimal("33.3")]), min_size=1, max_size=3))
    units = [draw(st.sampled_from(["unit-0001", "unit-0002"])) for _ in ways]
    grade = draw(st.sampled_from([Grade.III, Grade.IV, None]))
    left = {"effective_from": draw(st.sampled_from(WEEK)), "active": False}
    return [
        employee(whose, {}, *([left] if _seldom(draw) else []), **terms, unit_id=of, grade=grade)
        for terms, of in zip(({"commute": commute(round_trip_km=km)} for km in ways), units, strict=True)
    ]


def _absent(draw: st.DrawFn, whose: str) -> list[Event]:
    """Leave that is told of, and perhaps changed; the last terms may end it."""
    ranges = st.tuples(st.sampled_from(WEEK), st.integers(-1, 3)).map(lambda at: (at[0], at[0] + timedelta(at[1])))
    terms = draw(st.lists(ranges, min_size=1, max_size=2)) if draw(st.booleans()) else []
    return [absences(*terms[: n + 1], employee_id=whose) for n in range(len(terms))]


def _policy(draw: st.DrawFn, number: int) -> PolicyPublished:
    """Rules with a day off of their own: of two days, or correcting the first of them."""
    off = (NamedDay(day=draw(st.sampled_from(WEEK[:4])), name="Libur uji"),)
    calendar = WorkCalendar(weekdays=(1, 2, 3, 4, 5, 6), country="ID", extra_days_off=off, source="uji")
    about = ({}, {"effective_from": MONDAY + timedelta(2)}, {"corrects": "pol-0000"})[number]
    return policy(policy_id=f"pol-{number:04}", calendar=calendar, **about)


def _asked(draw: st.DrawFn, days: list[date], about: dict[str, Any]) -> list[Event]:
    withdrawn = RequestWithdrawn(**about, days=_some(draw, days))
    return [submitted(*days, **about), *([withdrawn] if _seldom(draw) else [])]


def _seldom(draw: st.DrawFn) -> bool:
    """In one of six, and not oftener: the ends of a range come up more often than what lies between."""
    return draw(st.integers(0, 5)) == 3


def _some(draw: st.DrawFn, days: list[date]) -> tuple[date, ...]:
    """All of the days, or one."""
    return tuple(days) if draw(st.booleans()) else (draw(st.sampled_from(days)),)


def _decided(draw: st.DrawFn, days: list[date], about: dict[str, Any]) -> list[Event]:
    revoked = ApprovalRevoked(**about, days=_some(draw, days), revoked_by=BUDI, reason_text_id="txt-0009")
    agreed = {"quantity_counts": draw(st.booleans()), "verified_share_min_percent": draw(st.sampled_from([60, 100]))}
    events: list[Event] = [opened(*days, **about), approved(*days, **about, **agreed), revoked]
    return events[: 3 if _seldom(draw) else 1 if _seldom(draw) else 2]


def _done(draw: st.DrawFn, days: list[date], about: dict[str, Any]) -> list[Event]:
    events: list[Event] = [plan(*days).model_copy(update=about)]
    for day in days:
        at: dict[str, Any] = {**about, "output_id": output(day).output_id, "day": day}
        logged = OutputLogged(**at, quantity=Decimal(1), days_late=0, evidence_text_id="txt-0009")
        attained = draw(st.sampled_from([None, 1_000_000, 700_000, 100_000, None]))
        verified = OutputVerified(**at, verified_by=BUDI, attained_ppm=attained)
        doubted = VerificationWithdrawn(**at, withdrawn_by=BUDI, reason_text_id="txt-0009")
        events += [logged, verified, doubted, verified][: draw(st.sampled_from([2, 4, 2, 3, 2, 0, 1, 2]))]
    return events


def _merged(chance: Random, one: Topic, other: Topic) -> Topic:
    """Two sequences in one, each in its own order."""
    sides = [0] * len(one) + [1] * len(other)
    chance.shuffle(sides)
    left = (iter(one), iter(other))
    return [next(left[side]) for side in sides]


def _twice(chance: Random, topic: Topic) -> Topic:
    """Each event again, somewhere behind itself."""
    told = list(topic)
    for event in topic:
        told.insert(chance.randint(told.index(event) + 1, len(told)), event)
    return told


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Topic], list[Topic]]:
    """What the topics hold, and batches in which a consumer may hear it: also what says late which days are worked."""
    topics = draw(histories())
    chance = draw(st.randoms(use_true_random=True))
    stream: Topic = []
    for topic, late in zip(topics, [False] * 4 + [chance.random() < 0.5 for _ in OF_DAYS], strict=True):
        twice = _twice(chance, topic)
        stream = [*stream, *twice] if late else _merged(chance, stream, twice)
    cuts = sorted(chance.sample(range(len(stream)), min(len(stream), chance.randint(0, 12))))
    return topics, [part for first, last in pairwise([0, *cuts, len(stream)]) if (part := stream[first:last])]


def in_order(topics: list[Topic]) -> ReadModels:
    """Each event once, topic by topic, in one batch, when all is over."""
    models = ReadModels(FIRST, CORRECTION)
    models.hear([event for topic in topics for event in topic], AFTER)
    models.settle_all(AFTER)
    return models


@examples(200)
@given(deliveries(), st.integers(0, 3))
def test_any_delivery_comes_to_the_same_net_positions(
    delivery: tuple[list[Topic], list[Topic]], corrected_after: int
) -> None:
    """Holidays decreed late, leave told of afterwards, days taken back one by one, and a factor set corrected in the
    middle; in the end only what is marked or due is settled."""
    topics, batches = delivery
    models = ReadModels(FIRST)
    for number, batch in enumerate(batches):
        if number == corrected_after % len(batches):
            models.publish(CORRECTION)
            models.settle(AFTER)
        models.hear(batch, DURING if number < len(batches) / 2 else AFTER)
        if number % 2 or number == len(batches) - 1:
            models.settle(AFTER)
    assert models.digest() == in_order(topics).digest()
    _totals_and_rows_agree(models)
    _people_are_counted(models)


def _people_are_counted(models: ReadModels) -> None:
    """As many as there are who have any."""
    found: Counter[str] = Counter()
    for total in models.shown["employee_months"].values():
        if total["days"]:
            found["|".join(total["_id"].split("|")[1:])] += 1
    of_units = months_of(models.collections["unit_months"].values())
    kinds = [(f"{one.unit_id}|{one.month}|{kind}", sum_.people) for one in of_units for kind, sum_ in one.kinds.items()]
    assert {id_: people for id_, people in kinds if people} == found
    away = {(one["position"]["unit_id"], one["employee_id"]) for one in models.days if one["position"]}
    assert {one.unit_id: one.realised for one in of_units if one.realised} == Counter(unit_id for unit_id, _ in away)


def _totals_and_rows_agree(models: ReadModels) -> None:
    """Whatever way it took, the rows add up to the positions, and the totals to both; and what lacks is counted."""
    days = [*models.shown["days"].values(), *models.shown["unit_days"].values()]
    entries = [entry for day in days if day["position"] for entry in day["position"]["entries"]]
    held = _sums(entries)
    assert _sums(models.shown["postings"].values()) == held
    assert _sums(models.shown["unit_months"].values()) == held
    assert sum(total["days"] for total in models.shown["unit_months"].values()) == len(entries)
    assert _sums(models.shown["employee_months"].values()) == _sums(
        row for row in models.shown["postings"].values() if row["employee_id"]
    )
    counted = models.shown["completeness"].values()
    realised = sum(1 for day in models.shown["days"].values() if day["position"])
    assert sum(numbers.get("days_realised", 0) for numbers in counted) == realised
    for name in ("commute", "grade", "seat", "building", "verification"):
        lacking = sum(_lacks(day, name) for day in days)
        assert sum(numbers.get("lacks", {}).get(name, 0) for numbers in counted) == lacking


def _lacks(day: dict[str, Any], name: str) -> int:
    """How often a day counts as lacking something: only where something was agreed."""
    return int((day["counted"] or {"numbers": {}})["numbers"].get(f"lacks.{name}", 0))


def _sums(amounts: Iterable[dict[str, Any]]) -> dict[tuple[str, str, str], int]:
    """By category, unit of measure and bound; what comes to nothing is left out."""
    total: Counter[tuple[str, str, str]] = Counter()
    for one in amounts:
        for measure, bounds in one["amounts"].items():
            for bound, number in bounds.items():
                total[one["category"], measure, bound] += number
    return {of: number for of, number in total.items() if number}
