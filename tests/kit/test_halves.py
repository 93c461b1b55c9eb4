"""A batch that the database rolls back for its size is tried in halves until it fits: nothing is lost or doubled."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import OperationFailure

from shared.kit.messaging.cloudevents import ReceivedEvent
from shared.kit.messaging.consumer import Runner
from tests.harness.made import MONDAY
from tests.harness.platform import Platform
from tests.harness.town import open_town

ROLLED_BACK = {"errorLabels": ["TransientTransactionError"], "code": 251}
FITS = 3


async def test_it_is_tried_in_halves_until_it_fits(memory: Platform) -> None:
    town = await open_town(memory)
    for week in range(4):
        for name in ("ani", "dedi"):
            await town.submit(name, [MONDAY + timedelta(weeks=week)])
    assert memory.bus
    for relay in memory.relays.values():
        await relay.attempt()
    of = memory.runners["approvals.cases"]
    applied: list[str] = []
    sizes: list[int] = []
    whole = of.consumer.apply

    async def apply(
        session: AsyncClientSession, runner: Runner, events: Sequence[ReceivedEvent], now: datetime
    ) -> None:
        sizes.append(len(events))
        if len(events) > FITS:
            raise OperationFailure("changes more than there is room for", 251, ROLLED_BACK)
        await whole(session, runner, events, now)
        applied.extend(heard.id for heard in events)

    its = memory.settings["approvals"]
    runner = Runner(replace(of.consumer, apply=apply, batch=8), of.db, of.clock, its.instance, its.topic_prefix)
    memory.runners[of.consumer.name] = runner
    await memory.settle()
    assert len(applied) == len(set(applied)) == 8
    assert max(sizes) > FITS, "nothing was too large"
    cases = await town.get("budi", "approvals", "/v1/cases")
    assert len(cases.json()["items"]) == 8
