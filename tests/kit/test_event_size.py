"""What is written can be read: one limit of an event's size, held where it is committed and where it is heard."""

from datetime import timedelta

import pytest

from services.organisation.entity.decide import Record, buildings
from shared.contracts import organisation
from shared.contracts.event import EVENT_BYTES_MAX
from shared.contracts.organisation import BuildingTerms, Zone
from shared.kit.decisions import log
from shared.kit.decisions.decider import Refused
from shared.kit.decisions.log import CommandMetadata
from shared.kit.messaging import cloudevents
from shared.kit.messaging.cloudevents import Record as KafkaRecord
from tests.harness.made import NOON, SINCE, message
from tests.harness.platform import Platform


def surveyed(days: int, zones: int, name: str = "Gedung") -> tuple[BuildingTerms, ...]:
    return tuple(
        BuildingTerms(
            effective_from=SINCE + timedelta(days=day),
            name=name,
            base_watt_hours=900_000,
            per_head_watt_hours=1_200,
            tariff_class="P-1/TR",
            zones=tuple(Zone(zone=f"lantai-sayap-{zone}", load_watt_hours=120_000 + day) for zone in range(zones)),
        )
        for day in range(days)
    )


async def test_what_is_too_large_to_be_read_is_not_written(memory: Platform) -> None:
    db = memory.databases["organisation"]
    command = Record("bld-0001", surveyed(60, 200))
    with pytest.raises(Refused) as refused:
        await log.transact(db, buildings, "bld-0001", command, CommandMetadata("emp-ani00000", NOON, ""))
    assert [(one.rule, one.value) for one in refused.value.violations] == [("event-too-large", EVENT_BYTES_MAX)]
    assert await db.commits.count_documents({"aggregate": "bld-0001"}) == 0


async def test_a_building_that_readers_once_refused_is_taken_when_its_letter_is_retried() -> None:
    """200 zones of 25 surveys, which the limit of before (262,144 bytes) put aside."""
    event = organisation.BuildingRecorded(building_id="bld-0001", history=surveyed(25, 200, "Gedung Sate" * 8))
    told = message(organisation.PUBLISHER, event)
    assert 262_144 < len(told.value) <= EVENT_BYTES_MAX
    record = KafkaRecord(told.topic, 0, 0, told.key, told.value, told.headers)
    assert cloudevents.read(record, organisation.PUBLISHER, {"/tests/organisation"}).event == event
