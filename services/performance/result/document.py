"""How counted plans are stored. Pure."""

from services.performance.plan.value import Output
from services.performance.result.model import CountedDay, CountedPlan
from shared.kit.decisions.decider import Document


def plan_document(plan: CountedPlan) -> Document:
    return {
        "_id": plan.request_id,
        "employee_id": plan.employee_id,
        "mode": plan.mode.value,
        "time_zone": plan.time_zone,
        "closed": plan.closed,
        "taken": [day.isoformat() for day in plan.taken],
        "days": [day.isoformat() for day in plan.days],
        "off": [day.isoformat() for day in plan.off],
        "outputs": {id_: _output(output) for id_, output in plan.outputs.items()},
        "counted": {day.isoformat(): _counted(of) for day, of in plan.counted.items()},
        "due_at": plan.due_at,
    }


def _output(output: Output) -> Document:
    return {
        "day": output.day.isoformat(),
        "target_quantity": str(output.target_quantity),
        "quantity": None if output.quantity is None else str(output.quantity),
        "days_late": output.days_late,
        "progress": output.progress.value,
    }


def _counted(day: CountedDay) -> Document:
    return {"unit_id": day.unit_id, **day.amounts()}
