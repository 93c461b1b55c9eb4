"""The shapes in which cases are answered, and how they are made."""

from collections.abc import Mapping, Sequence
from datetime import date

from pydantic import Field

from services.approvals.case.decide import cases
from services.approvals.case.model import Case, Status
from shared.contracts.values import AgreedOutput, Place
from shared.kit.base.mongo import Database
from shared.kit.decisions import texts
from shared.kit.decisions.decider import Document
from shared.kit.decisions.log import AppendResult
from shared.kit.web.schemas import Schema
from shared.people.context import Step


class CaseResponse(Schema):
    """A request on the superior's desk. Titles and the employee's reason stand at the request."""

    request_id: str
    """Id of the request and of its case."""

    version: int
    """Version, from 1; the `ETag` for `If-Match`."""

    status: Status
    """Status of the case."""

    employee_id: str
    """Employee whose request it is."""

    unit_id: str
    """Unit of the employee on the first day."""

    time_zone: str
    """IANA time zone in which the days begin and end."""

    days: list[date]
    """Days that were asked for, in order."""

    days_taken_back: list[date] = Field(default_factory=list)
    """Those of the days that were withdrawn or revoked."""

    place: Place
    """Place of work on all days."""

    outputs: list[AgreedOutput]
    """Outputs to agree on."""

    decided_by: str | None
    """Employee who decided last, by id; null while nobody has."""

    acting_for: str | None = None
    """Superior in whose place they decided by mandate (Plh, Plt); null if they decided as superior."""

    reason: str | None
    """Reason of the last decision; null for an approval; `[dihapus]` once it is erased."""

    replaces: str | None = None
    """Request from which it was changed; null for none."""

    replaced_by: str | None = None
    """Request into which it was changed; null for none."""


class CaseWithHistory(CaseResponse):
    """A case with its history."""

    history: list[Step]
    """Everything that happened to it, in order."""


async def case_responses(db: Database, found: Sequence[Document]) -> list[CaseResponse]:
    """Cases as they are found, with the reasons that were given."""
    return await _with_reasons(db, found, {})


async def decided_cases(db: Database, committed: Sequence[AppendResult[Case]]) -> list[CaseResponse]:
    """Cases as decisions have left them."""
    found = [cases.show(one.state) | {"n": one.n} for one in committed]
    return await _with_reasons(db, found, {id_: text for one in committed for id_, text in one.texts.items()})


async def _with_reasons(db: Database, found: Sequence[Document], written: Mapping[str, str]) -> list[CaseResponse]:
    prose = await texts.read(db, [one["reason_text_id"] for one in found if one["reason_text_id"]], written)
    return [_response(one, prose) for one in found]


def _response(found: Document, prose: Mapping[str, str]) -> CaseResponse:
    reason_id = found["reason_text_id"]
    return CaseResponse.model_validate(
        {**found, "version": found["n"], "reason": prose[reason_id] if reason_id else None}, strict=False
    )
