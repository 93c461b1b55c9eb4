"""How the policies that the software ships come into force."""

from pathlib import Path

import structlog

from services.requests.policy import queries
from services.requests.policy.decide import Publish, policies
from shared.contracts.requests import PolicyPublished
from shared.kit.base.clock import Clock
from shared.kit.base.mongo import Database
from shared.kit.base.tracing import traceparent
from shared.kit.decisions import log
from shared.kit.decisions.decider import Refused

logger = structlog.get_logger()


def shipped() -> list[PolicyPublished]:
    """The policies that the software ships, in the order in which they can be published."""
    files = sorted((Path(__file__).parents[1] / "policies").glob("*.json"), key=lambda file: file.stem)
    return [PolicyPublished.model_validate_json(file.read_bytes()) for file in files]


async def publish_shipped(db: Database, clock: Clock) -> None:
    """Publish the policies that the software ships, once each; where the instance has corrected one of them itself, its
    own rules stay."""
    for policy in shipped():
        origin = log.CommandMetadata("sys-setup", clock.now(), traceparent(None))
        command = Publish(policy, await queries.policies(db))
        try:
            await log.transact(db, policies, policy.policy_id, command, origin)
        except Refused as refused:
            logger.warning("policy-not-shipped", policy_id=policy.policy_id, rule=refused.violations[0].rule)
