"""How requests are shown beside the log. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from pydantic import TypeAdapter

from services.requests.request.model import Request, Status
from shared.contracts.requests import RequestSubmitted
from shared.kit.decisions.decider import Document


@dataclass(frozen=True, slots=True)
class Stands:
    """Where a request stands, beside what was submitted."""

    status: Status
    replaced_by: str | None = None
    taken: Mapping[date, Status] = field(default_factory=dict)


STANDS = TypeAdapter(Stands)


def show_request(request: Request) -> Document:
    """The request as it was submitted, and where it stands."""
    taken = {day.isoformat(): status.value for day, status in request.taken.items()}
    stands = {"status": request.status.value, "replaced_by": request.replaced_by, "taken": taken}
    return request.submitted.model_dump(mode="json") | stands


def stored_request(found: Document) -> Request:
    """The request that a document shows. One that was written before requests could be changed, or their days taken
    back, does not say so."""
    submitted = RequestSubmitted.model_validate(found, strict=False)
    stands = STANDS.validate_python(found)
    return Request(submitted, stands.status, stands.replaced_by, stands.taken)
