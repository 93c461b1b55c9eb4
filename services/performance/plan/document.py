"""How a plan is shown beside the log. Pure."""

from dataclasses import asdict

from services.performance.plan.model import Achieved, Plan
from shared.contracts.values import AgreedOutput
from shared.kit.decisions.decider import Document


def show_plan(plan: Plan) -> Document:
    """The agreed outputs with what was achieved of each, and the days they belong to."""
    if plan.opened is None:
        return {"employee_id": None, "days": [], "outputs": [], "closed": True}
    agreed = plan.opened.outputs
    days = {output.day for output in agreed}
    return {
        "employee_id": plan.opened.employee_id,
        "mode": plan.opened.mode.value,
        "time_zone": plan.opened.time_zone,
        "days": sorted(day.isoformat() for day in days),
        "days_taken_back": sorted(day.isoformat() for day in days.difference(plan.days)),
        "outputs": [_output(output, plan.outputs[output.output_id]) for output in agreed],
        "closed": plan.closed,
    }


def _output(agreed: AgreedOutput, achieved: Achieved) -> Document:
    quantity = None if achieved.quantity is None else str(achieved.quantity)
    return (
        agreed.model_dump(mode="json") | asdict(achieved) | {"progress": achieved.progress.value, "quantity": quantity}
    )
