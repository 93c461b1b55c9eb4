"""Which rules there are."""

from shared.contracts.requests import PolicyPublished
from shared.kit.base.mongo import Database
from shared.people.lookup import Directory


async def policies(db: Database) -> list[PolicyPublished]:
    """Every set of rules, oldest first, those that are corrected included."""
    found = [PolicyPublished.model_validate(one, strict=False) async for one in db.policies.find({})]
    return sorted(found, key=lambda policy: (policy.effective_from, policy.corrects is not None, policy.policy_id))


async def remembered(directory: Directory) -> list[PolicyPublished]:
    """The same as of a call, read anew when one was published."""
    return await directory.once("policies", lambda: policies(directory.db))
