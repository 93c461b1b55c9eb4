"""Who changed a record, when, and what was there before, over HTTP."""

from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import APIRouter, Path

from services.organisation.history.queries import (
    T,
    changes,
    of_employee,
    of_erased,
    of_mandate,
    of_position,
    of_unit,
    renamings,
)
from services.organisation.history.schemas import Change
from shared.contracts.event import Event
from shared.contracts.organisation import ActingTerms, EmployeeTerms, PositionTerms, Role, UnitTerms
from shared.kit.decisions.decider import missing
from shared.kit.web.pages import Page
from shared.kit.web.problems import documented
from shared.people.context import MAY_LOAD, Reader, RequestContext
from shared.people.parameters import EmployeePath, UnitPath

router = APIRouter(prefix="/v1", tags=["organisation"])
PositionPath = Annotated[str, Path(description="Id of the position.")]
MandatePath = Annotated[str, Path(description="Id of the mandate.")]


@router.get("/employees/{employee_id}/changes", responses=documented(404))
async def list_changes(context: Reader, employee_id: EmployeePath) -> Page[Change[EmployeeTerms]]:
    """List who has changed an employee's record, when, and from what to what.

    For the personnel agency. In order; the list is not paged. A change of the name is told with the name before, and
    one of the token's subject as such. Without commute, grade and names once personal data are erased. Refused with 404
    `not-found`.
    """
    context.must_have(Role.PERSONNEL_AGENCY)
    person = await context.db.people.find_one({"_id": employee_id})
    steps = await changes(context.db, employee_id, of_employee if person else of_erased)
    if not steps or not employee_id.startswith("emp-"):
        raise missing("not-found")
    return Page(items=sorted([*steps, *renamings(person)], key=lambda one: one.at))


@router.get("/units/{unit_id}/changes", responses=documented(404))
async def list_unit_changes(context: Reader, unit_id: UnitPath) -> Page[Change[UnitTerms]]:
    """List who has changed a unit, when, and from what to what.

    For the organisation admin and the personnel agency. In order; the list is not paged. Refused with 404 `not-found`.
    """
    return await _of(context, "unit-", unit_id, of_unit)


@router.get("/positions/{position_id}/changes", responses=documented(404))
async def list_position_changes(context: Reader, position_id: PositionPath) -> Page[Change[PositionTerms]]:
    """List who has assessed a position, when, and from what to what.

    For the organisation admin and the personnel agency. In order; the list is not paged. Refused with 404 `not-found`.
    """
    return await _of(context, "pos-", position_id, of_position)


@router.get("/acting-assignments/{acting_assignment_id}/changes", responses=documented(404))
async def list_mandate_changes(context: Reader, acting_assignment_id: MandatePath) -> Page[Change[ActingTerms]]:
    """List who has changed a mandate, when, and from what to what.

    For the organisation admin and the personnel agency. In order; the list is not paged. Refused with 404 `not-found`.
    """
    return await _of(context, "act-", acting_assignment_id, of_mandate)


async def _of(
    context: RequestContext, prefix: str, id_: str, terms_of: Callable[[Event], Sequence[T]]
) -> Page[Change[T]]:
    context.must_have(*MAY_LOAD)
    found = await changes(context.db, id_, terms_of) if id_.startswith(prefix) else []
    if not found:
        raise missing("not-found")
    return Page(items=found)
