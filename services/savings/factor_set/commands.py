"""How a factor set comes to be published: beside those that stand already."""

from pathlib import Path

import structlog
from pydantic import TypeAdapter

from services.savings.factor_set.decide import PublishFactorSet, clash, factor_sets, faults, unlined
from services.savings.factor_set.queries import all_sets
from shared.contracts.savings import FactorSetPublished
from shared.kit.base.clock import Clock
from shared.kit.base.mongo import Database
from shared.kit.base.tracing import traceparent
from shared.kit.decisions import log
from shared.kit.decisions.decider import Refused

logger = structlog.get_logger()
SHIPPED = Path(__file__).parents[1] / "factors"


def shipped() -> list[PublishFactorSet]:
    """The sets that the software ships, in the order in which they can be published."""
    files = sorted(SHIPPED.glob("*.json"))
    waiting = [TypeAdapter(PublishFactorSet).validate_json(file.read_bytes()) for file in files]
    ordered: list[PublishFactorSet] = []
    while waiting:
        known = {None, *(command.factor_set_id for command in ordered)}
        ordered += [command for command in waiting if command.corrects in known]
        waiting = [command for command in waiting if command.corrects not in known]
    return ordered


async def publish(
    db: Database, command: PublishFactorSet, origin: log.CommandMetadata
) -> log.AppendResult[FactorSetPublished]:
    """Put a set in force from its day on. Sets never change once they are published, so that they can be looked at
    before the decision; of two at once for one day the reservation lets one through. Raises `Refused`."""
    clashing = clash(command, await all_sets(db))
    if wrong := [*faults(command), *unlined(command), *([clashing] if clashing else [])]:
        raise Refused(*wrong)
    return await log.transact(db, factor_sets, command.factor_set_id, command, origin)


async def publish_shipped(db: Database, clock: Clock) -> None:
    """Publish the sets that the software ships, once each, but for those whose place the instance has given to another
    of its own."""
    origin = log.CommandMetadata("sys-setup", clock.now(), traceparent(None))
    for command in shipped():
        if clashing := clash(command, await all_sets(db)):
            logger.warning("factor-set-left-out", factor_set_id=command.factor_set_id, rule=clashing.rule)
            continue
        await log.transact(db, factor_sets, command.factor_set_id, command, origin)
