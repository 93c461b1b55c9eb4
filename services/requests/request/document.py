"""How requests are shown beside the log. Pure."""

from datetime import date

from services.requests.request.model import Request, Status
from shared.contracts.requests import RequestSubmitted
from shared.kit.decisions.decider import Document


def show_request(request: Request) -> Document:
    """The request as it was submitted, and where it stands."""
    taken = {day.isoformat(): status.value for day, status in request.taken.items()}
    stands = {"status": request.status.value, "replaced_by": request.replaced_by, "taken": taken}
    return request.submitted.model_dump(mode="json") | stands


def stored_request(found: Document) -> Request:
    """The request that a document shows. One that was written before requests could be changed, or their days taken
    back, does not say so."""
    submitted = RequestSubmitted.model_validate(found, strict=False)
    taken = {date.fromisoformat(day): Status(status) for day, status in found.get("taken", {}).items()}
    return Request(submitted, Status(found["status"]), found.get("replaced_by"), taken)
