"""The shapes in which plans are answered, and how documents become them."""

from collections.abc import Mapping, Sequence
from datetime import date

from pydantic import Field

from services.performance.plan.document import show_plan
from services.performance.plan.model import Plan, Progress
from shared.contracts.performance import WorkMode
from shared.contracts.values import Quantity
from shared.kit.base.mongo import Database
from shared.kit.decisions import texts
from shared.kit.decisions.decider import Document
from shared.kit.decisions.log import AppendResult
from shared.kit.web.schemas import Schema
from shared.people.context import Step


class OutputResponse(Schema):
    """An agreed output and what was achieved."""

    output_id: str
    """Id of the output."""

    day: date
    """Day for which it is agreed."""

    title: str | None
    """Deliverable, for days at the office; null for an MKD day, whose titles stand at the request; `[dihapus]` once it
    is erased."""

    target_quantity: Quantity
    """Quantity to reach, in what `measure` names; a decimal with at most 3 places."""

    measure: str
    """Code of what is counted such as `document` or `percent`."""

    progress: Progress
    """Progress of the output."""

    quantity: Quantity | None
    """Quantity achieved, by the latest report; null before the first."""

    days_late: int | None
    """Days between the agreed day and the latest report; null before the first."""

    evidence: str | None
    """Note of the latest report, and its link on a line of its own; null before the first; `[dihapus]` once it is
    erased."""

    reason: str | None
    """Reason of the latest return or withdrawn verification; null for none; `[dihapus]` once it is erased."""


class PlanResponse(Schema):
    """The outputs agreed for one request, or for days at the office."""

    request_id: str
    """Id of the plan, which for MKD days is that of the request."""

    version: int
    """Version, from 1; the `ETag` for `If-Match`."""

    employee_id: str
    """Employee whose plan it is."""

    mode: WorkMode = WorkMode.MKD
    """Mode of work on the days."""

    time_zone: str
    """IANA time zone in which the days begin and end."""

    closed: bool
    """True if all days were taken back, so that nothing more can be reported."""

    days: list[date]
    """Days of the plan, in order."""

    days_taken_back: list[date] = Field(default_factory=list)
    """Those of the days that were withdrawn or revoked, or given up for MKD."""

    outputs: list[OutputResponse]
    """Outputs of the plan."""


class PlanWithHistory(PlanResponse):
    """A plan with its history."""

    history: list[Step]
    """Everything that happened to it, in order."""


def text_ids(found: Document) -> list[str]:
    """The free text that a plan names and this service keeps."""
    names = ["evidence_text_id", "reason_text_id", *(["title_text_id"] if _of_the_office(found) else [])]
    return [output[name] for output in found["outputs"] for name in names if output[name]]


def stored_plan_response(found: Document, prose: Mapping[str, str]) -> PlanResponse:
    """A plan with its texts."""
    titled = _of_the_office(found)
    outputs = [
        {
            **output,
            "title": prose[output["title_text_id"]] if titled else None,
            "evidence": prose[output["evidence_text_id"]] if output["evidence_text_id"] else None,
            "reason": prose[output["reason_text_id"]] if output["reason_text_id"] else None,
        }
        for output in found["outputs"]
    ]
    return PlanResponse.model_validate(
        {**found, "request_id": found["_id"], "version": found["n"], "outputs": outputs}, strict=False
    )


async def plan_response(db: Database, committed: AppendResult[Plan]) -> PlanResponse:
    """A plan as a command left it."""
    (shown,) = await plan_responses(db, [(committed, None)])
    return shown


async def plan_responses(
    db: Database, committed: Sequence[tuple[AppendResult[Plan], str | None]]
) -> list[PlanResponse]:
    """Plans as commands left them; each with one of its outputs only, if that is named."""
    found = [_shown(*one) for one in committed]
    written = {id_: text for one, _ in committed for id_, text in one.texts.items()}
    prose = await texts.read(db, [id_ for one in found for id_ in text_ids(one)], written)
    return [stored_plan_response(one, prose) for one in found]


def _shown(committed: AppendResult[Plan], output_id: str | None) -> Document:
    found = show_plan(committed.state) | {"_id": committed.aggregate, "n": committed.n}
    return found | {"outputs": [one for one in found["outputs"] if output_id in (None, one["output_id"])]}


def _of_the_office(found: Document) -> bool:
    """A plan that was opened before there were any others is an MKD plan and does not say so."""
    return bool(found.get("mode") == WorkMode.OFFICE)
