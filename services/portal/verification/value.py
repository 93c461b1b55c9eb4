"""Reports that wait, put together and filtered. Pure."""

from collections.abc import Iterable

from services.portal.person.model import Employee
from services.portal.verification.model import AllDone, Plan, Row, Titled
from shared.kit.base.alphabet import place

WAITING = "logged"


def rows(plans: Iterable[Plan], titled: Iterable[Titled], people: Iterable[Employee]) -> list[Row]:
    """Reports with names and titles, those of the earliest days first."""
    names = {one.employee_id: one.name for one in people}
    titles = {output.output_id: output.title for one in titled for output in one.outputs}
    found = [
        Row(
            request_id=plan.request_id,
            output_id=output.output_id,
            version=plan.version,
            employee_id=plan.employee_id,
            name=names.get(plan.employee_id, plan.employee_id),
            day=output.day,
            title=output.title or titles.get(output.output_id, output.output_id),
            target=output.target_quantity,
            quantity=output.quantity,
            measure=output.measure,
            days_late=output.days_late or 0,
            evidence=output.evidence or "",
        )
        for plan in {plan.request_id: plan for plan in plans}.values()
        for output in plan.outputs
        if output.progress == WAITING
    ]
    return sorted(found, key=lambda row: (row.day, place(row.name), row.output_id))


def refused(done: Iterable[AllDone]) -> dict[str, str]:
    """Why judgements were refused, by output."""
    return {one.output_id: one.problem.detail for answer in done for one in answer.items if one.problem}
