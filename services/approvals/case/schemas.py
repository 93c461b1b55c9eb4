"""How a case is told."""

from collections.abc import Mapping, Sequence
from datetime import date

from pydantic import BaseModel

from services.approvals.case.decide import cases
from services.approvals.case.model import Case, Status
from shared.contracts.values import AgreedOutput, Place
from shared.kit.base.mongo import Database
from shared.kit.decisions import texts
from shared.kit.decisions.decider import Document
from shared.kit.decisions.log import AppendResult
from shared.people.context import Step


class CaseShown(BaseModel):
    """A request on the superior's desk. Titles and the employee's reason are kept by `requests`.

    `acting_for` is the superior in whose place somebody decided. A changed request and the one that it was changed into
    name each other. `days_taken_back` are those of its days that were withdrawn or revoked.
    """

    request_id: str
    version: int
    status: Status
    employee_id: str
    unit_id: str
    time_zone: str
    days: list[date]
    days_taken_back: list[date] = []
    place: Place
    outputs: list[AgreedOutput]
    decided_by: str | None
    acting_for: str | None = None
    reason: str | None
    replaces: str | None = None
    replaced_by: str | None = None


class CaseWithHistory(CaseShown):
    """A case with everything that happened to it."""

    history: list[Step]


async def told(db: Database, found: Sequence[Document]) -> list[CaseShown]:
    """Cases as they are found, with the reasons that were given."""
    prose = await texts.read(db, [one["reason_text_id"] for one in found if one["reason_text_id"]])
    return [_shown(one, prose) for one in found]


async def decided(db: Database, committed: AppendResult[Case]) -> CaseShown:
    """A case as a decision has left it."""
    (shown,) = await told(db, [cases.show(committed.state) | {"n": committed.n}])
    return shown


def _shown(found: Document, prose: Mapping[str, str]) -> CaseShown:
    reason_id = found["reason_text_id"]
    return CaseShown.model_validate(
        {**found, "version": found["n"], "reason": prose[reason_id] if reason_id else None}, strict=False
    )
