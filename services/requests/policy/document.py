"""How policies are shown beside the log. Pure."""

from shared.contracts.requests import PolicyPublished
from shared.kit.decisions.decider import Document


def show_policy(policy: PolicyPublished) -> Document:
    return policy.model_dump(mode="json")
