"""How requests and policies are shown beside the log. Pure."""

from services.requests.state import Request
from shared.contracts.requests import PolicyPublished
from shared.kit.decider import Document


def show_request(request: Request) -> Document:
    """The request as it was submitted, and where it stands."""
    return request.submitted.model_dump(mode="json") | {"status": request.status.value}


def show_policy(policy: PolicyPublished) -> Document:
    return policy.model_dump(mode="json")
