"""Every event twice, topics interleaved at random, batches cut at random: the same results, and sums that agree."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.performance.plan.value import SUMS
from shared.contracts import organisation, performance, requests
from shared.contracts.event import Event, Publisher
from shared.contracts.performance import (
    OutputLogged,
    OutputReturned,
    OutputVerified,
    PlanClosed,
    PlanOpened,
    VerificationWithdrawn,
    WorkMode,
)
from shared.contracts.requests import NamedDay
from shared.kit.messaging.cloudevents import ReceivedEvent
from tests.harness.examples import examples
from tests.harness.made import BUDI, MONDAY, SINCE, TUESDAY, absence, employee, heard, output, policy
from tests.performance.models import ResultModels

DURING = datetime(2026, 9, 8, 3, tzinfo=UTC)
AFTER = datetime(2026, 9, 20, tzinfo=UTC)
Topic = list[ReceivedEvent]


@st.composite
def histories(draw: st.DrawFn) -> list[Topic]:
    """What three topics hold, in the order in which it was published."""
    reference: Topic = []
    plans: Topic = []
    rules = [told for event in _published(draw) for told in _told(requests.PUBLISHER, [event])]
    for person in range(draw(st.integers(1, 3))):
        whose = f"emp-{person:08}"
        reference += _told(organisation.PUBLISHER, _recorded(draw, whose))
        reference += _told(organisation.PUBLISHER, _away(draw, whose))
        for number in range(draw(st.integers(0, 3))):
            mode = draw(st.sampled_from(WorkMode))
            days = [MONDAY + timedelta(number + k) for k in range(draw(st.integers(1, 3)))]
            about = {"request_id": f"{mode}-{person:04}{number:04}", "employee_id": whose}
            plans = _merged(draw, plans, _told(performance.PUBLISHER, _done(draw, mode, days, about)))
    return [reference, plans, rules]


def _told(publisher: Publisher, events: list[Event]) -> Topic:
    return [heard(publisher, event, n) for n, event in enumerate(events, 1)]


def _recorded(draw: st.DrawFn, whose: str) -> list[Event]:
    """Recorded once or more, each time with another history: moved, moved back, corrected."""
    units = st.sampled_from(["unit-0001", "unit-0002", "unit-0003"])
    terms = st.tuples(units, units, st.sampled_from([SINCE, TUESDAY]), st.booleans())
    histories = draw(st.lists(terms, min_size=1, max_size=3))
    return [
        employee(
            whose,
            {"unit_id": first, "effective_from": since},
            {"unit_id": second, "effective_from": TUESDAY + timedelta(1), "active": active},
        )
        for first, second, since, active in histories
    ]


def _away(draw: st.DrawFn, whose: str) -> list[Event]:
    """An absence that is recorded late, changed and given up: each event tells the newest of it alone."""
    lengths = draw(st.lists(st.integers(-1, 2), max_size=3))
    recorded = [absence(TUESDAY, TUESDAY + timedelta(days), whose=whose) for days in lengths]
    return [event.model_copy(update={"absence_id": f"abs-{whose}"}) for event in recorded]


def _published(draw: st.DrawFn) -> list[Event]:
    """Rules, and corrections of them that decree holidays and take them back."""
    decreed = draw(st.lists(st.sampled_from([MONDAY, TUESDAY, TUESDAY + timedelta(2)]), max_size=3))
    rules = [policy()]
    for number, day in enumerate(decreed, 2):
        calendar = policy().calendar.model_copy(update={"extra_days_off": (NamedDay(day=day, name="Libur"),)})
        rules.append(policy(policy_id=f"pol-{number:04}", corrects=rules[-1].policy_id, calendar=calendar))
    return list(rules)


def _done(draw: st.DrawFn, mode: WorkMode, days: list[date], about: dict[str, Any]) -> list[Event]:
    outputs = tuple(
        output(day, number).model_copy(update={"target_quantity": Decimal(draw(st.sampled_from([0, 1, 3])))})
        for day in days
        for number in range(1, draw(st.integers(2, 3)))
    )
    events: list[Event] = [PlanOpened(**about, time_zone="Asia/Jakarta", outputs=outputs, mode=mode)]
    for agreed in outputs:
        at: dict[str, Any] = {**about, "output_id": agreed.output_id, "day": agreed.day}
        first, again = (
            OutputLogged(**at, quantity=Decimal(quantity), days_late=late, evidence_text_id="txt-0009")
            for quantity, late in ((1, draw(st.integers(0, 1))), (2, 2))
        )
        returned = OutputReturned(**at, returned_by=BUDI, reason_text_id="txt-0009")
        verified = OutputVerified(**at, verified_by=BUDI)
        doubted = VerificationWithdrawn(**at, withdrawn_by=BUDI, reason_text_id="txt-0009")
        chain: list[Event] = [first, returned, again, verified, doubted, verified]
        events += chain[: draw(st.integers(0, len(chain)))]
    taken = st.none() | st.lists(st.sampled_from(days), min_size=1, max_size=2, unique=True).map(tuple)
    for closed in draw(st.lists(taken, max_size=2)):
        events.insert(draw(st.sampled_from([0, len(events)])), PlanClosed(**about, days=closed))
    return events


def _merged(draw: st.DrawFn, one: Topic, other: Topic) -> Topic:
    """Two sequences in one, each in its own order."""
    merged, left, right = [], list(one), list(other)
    while left or right:
        merged.append((left if left and (not right or draw(st.booleans())) else right).pop(0))
    return merged


def _twice(draw: st.DrawFn, topic: Topic) -> Topic:
    """Each event again, somewhere behind itself."""
    told = list(topic)
    for event in topic:
        told.insert(draw(st.integers(told.index(event) + 1, len(told))), event)
    return told


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Topic], list[Topic]]:
    """What the topics hold, and batches in which a consumer may hear it."""
    topics = draw(histories())
    stream: Topic = []
    for topic in topics:
        stream = _merged(draw, stream, _twice(draw, topic))
    batches: list[Topic] = []
    while stream:
        size = draw(st.integers(1, len(stream)))
        batches.append(stream[:size])
        stream = stream[size:]
    return topics, batches


def in_order(topics: list[Topic]) -> ResultModels:
    """Each event once, topic by topic, in one batch, when all is over."""
    models = ResultModels()
    models.hear([event for topic in topics for event in topic], AFTER)
    models.pass_time(AFTER)
    return models


@examples(200)
@given(deliveries())
def test_any_delivery_comes_to_the_same_results(delivery: tuple[list[Topic], list[Topic]]) -> None:
    topics, batches = delivery
    models = ResultModels()
    for number, batch in enumerate(batches):
        models.hear(batch, DURING if number < len(batches) / 2 else AFTER)
    models.pass_time(AFTER)
    expected = in_order(topics)
    assert models.totals() == expected.totals()
    assert models.collections["counted_plans"] == expected.collections["counted_plans"]
    _sums_agree(models)


def _sums_agree(models: ResultModels) -> None:
    """Whatever way it took, days, employees' months and units' months add up to what the plans count, by mode."""
    counted = _by_mode(
        (plan["mode"], entry)
        for plan in models.collections["counted_plans"].values()
        for entry in plan["counted"].values()
    )
    for totals in models.totals().values():
        assert _by_mode((total["mode"], total) for total in totals.values()) == counted


def _by_mode(entries: Any) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for mode, entry in entries:
        found.update({(mode, name): entry[name] for name in SUMS if entry[name]})
    return found
