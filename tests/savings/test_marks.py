"""What one unit records changes what its neighbours' days are worth, whether or not it has anybody away itself."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from shared.contracts import approvals, organisation, performance
from shared.contracts.event import Event
from shared.contracts.performance import OutputVerified
from shared.kit.messaging.cloudevents import ReceivedEvent
from tests.harness.factors import factors
from tests.harness.fold import ReadModels
from tests.harness.made import ANI, BUDI, CITRA, MONDAY, REQUEST, approved, building, employee, heard, output, unit

AFTER = datetime(2026, 9, 20, tzinfo=UTC)
ZONES = building(zones=("lantai-1", "lantai-2"))
AWAY: Sequence[ReceivedEvent] = (
    heard(approvals.PUBLISHER, approved(), 1),
    heard(
        performance.PUBLISHER,
        OutputVerified(request_id=REQUEST, employee_id=ANI, output_id=output().output_id, day=MONDAY, verified_by=BUDI),
        1,
    ),
)


def recorded(*events: Event, n: int = 1) -> list[ReceivedEvent]:
    return [heard(organisation.PUBLISHER, event, n) for event in events]


def settled(*batches: Sequence[ReceivedEvent]) -> ReadModels:
    """Marks are worked off after each batch."""
    models = ReadModels(factors())
    for batch in batches:
        models.hear(batch, AFTER)
        models.settle(AFTER)
    return models


def closed(models: ReadModels) -> bool:
    """Whether the zone of the first unit was closed on Monday."""
    position = models.shown["unit_days"][f"unit-0001:{MONDAY}"]["position"]
    (electricity,) = (one for one in position["entries"] if one["category"] == "office_electricity")
    return bool(electricity["inputs"]["zone_closed"])


TWO_UNITS = recorded(ZONES, unit(), unit("unit-0002"), employee(ANI), employee(CITRA, unit_id="unit-0002"))
"""Two units share a zone; the only one of the second comes to the office, always."""


def test_a_neighbour_who_is_present_keeps_the_zone_open() -> None:
    assert not closed(settled([*TWO_UNITS, *AWAY]))


@pytest.mark.parametrize(
    "correction",
    [
        employee(CITRA, unit_id="unit-0003"),
        employee(CITRA, unit_id="unit-0002", active=False),
        unit("unit-0002", zone="lantai-2"),
        unit("unit-0002", zone=None),
    ],
    ids=["had moved away", "had left", "sat on another floor", "sat elsewhere"],
)
def test_a_neighbour_who_was_not_there_after_all_closes_the_zone(correction: Event) -> None:
    models = settled([*TWO_UNITS, *AWAY], recorded(correction, n=2))
    assert closed(models)
    assert models.digest() == settled([*recorded(correction, n=2), *TWO_UNITS, *AWAY]).digest()


def test_a_neighbour_who_had_been_there_all_along_opens_the_zone() -> None:
    alone = recorded(ZONES, unit(), unit("unit-0002"), employee(ANI))
    assert closed(settled([*alone, *AWAY]))
    assert not closed(settled([*alone, *AWAY], recorded(employee(CITRA, unit_id="unit-0002"))))


def test_somebody_who_had_left_saves_nothing_and_closes_nothing() -> None:
    """Neither counts among a zone's people, nor among those of them who were away."""
    colleague = employee(CITRA)
    present = settled([*recorded(ZONES, unit(), employee(ANI), colleague, employee(BUDI)), *AWAY])
    assert not closed(present)
    left = settled(
        [*recorded(ZONES, unit(), employee(ANI), colleague), *AWAY], recorded(employee(ANI, active=False), n=2)
    )
    assert left.shown["days"][f"{ANI}:{MONDAY}"]["position"] is None
    assert left.shown["days"][f"{ANI}:{MONDAY}"]["lacks"] == ["employee"]
    assert left.shown["unit_days"][f"unit-0001:{MONDAY}"]["position"] is None
