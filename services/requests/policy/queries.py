"""Which rules there are."""

from shared.contracts.requests import PolicyPublished
from shared.kit.base.mongo import Database


async def policies(db: Database) -> list[PolicyPublished]:
    """Every set of rules, oldest first, those that are corrected included."""
    found = [PolicyPublished.model_validate(one, strict=False) async for one in db.policies.find({})]
    return sorted(found, key=lambda policy: (policy.effective_from, policy.corrects is not None, policy.policy_id))
