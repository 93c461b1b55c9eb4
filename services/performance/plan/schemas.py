"""The shapes in which plans are answered, and how documents become them."""

from collections.abc import Mapping
from datetime import date

from pydantic import BaseModel

from services.performance.plan.document import show_plan
from services.performance.plan.model import Plan, Progress
from shared.contracts.performance import WorkMode
from shared.contracts.values import Quantity
from shared.kit.base.mongo import Database
from shared.kit.decisions import texts
from shared.kit.decisions.decider import Document
from shared.kit.decisions.log import AppendResult
from shared.people.context import Step


class OutputShown(BaseModel):
    """An agreed output and what was achieved. The title of an MKD day's output is kept by `requests`."""

    output_id: str
    day: date
    title: str | None
    target_quantity: Quantity
    measure: str
    progress: Progress
    quantity: Quantity | None
    days_late: int | None
    evidence: str | None
    reason: str | None


class PlanShown(BaseModel):
    """The outputs agreed for one request, or for days at the office. `days_taken_back` are those of its days that were
    withdrawn or revoked, or given up for MKD."""

    request_id: str
    version: int
    employee_id: str
    mode: WorkMode = WorkMode.MKD
    time_zone: str
    closed: bool
    days: list[date]
    days_taken_back: list[date] = []
    outputs: list[OutputShown]


class PlanWithHistory(PlanShown):
    """A plan with everything that happened to it."""

    history: list[Step]


def text_ids(found: Document) -> list[str]:
    """The free text that a plan names and this service keeps."""
    names = ["evidence_text_id", "reason_text_id", *(["title_text_id"] if _of_the_office(found) else [])]
    return [output[name] for output in found["outputs"] for name in names if output[name]]


def plan_shown(found: Document, prose: Mapping[str, str]) -> PlanShown:
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
    return PlanShown.model_validate(
        {**found, "request_id": found["_id"], "version": found["n"], "outputs": outputs}, strict=False
    )


async def told(db: Database, committed: AppendResult[Plan], output_id: str | None = None) -> PlanShown:
    """A plan as a command left it; with one of its outputs only, if that is named."""
    found = show_plan(committed.state) | {"_id": committed.aggregate, "n": committed.n}
    found["outputs"] = [one for one in found["outputs"] if output_id in (None, one["output_id"])]
    return plan_shown(found, await texts.read(db, text_ids(found)))


def _of_the_office(found: Document) -> bool:
    """A plan that was opened before there were any others is an MKD plan and does not say so."""
    return bool(found.get("mode") == WorkMode.OFFICE)
