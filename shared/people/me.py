"""How a service knows who asks it."""

from fastapi import APIRouter

from shared.contracts.organisation import Role
from shared.kit.web.schemas import Schema
from shared.people.context import Reader

router = APIRouter(prefix="/v1", tags=["me"])


class Me(Schema):
    """The caller, as the service knows them today."""

    employee_id: str
    """The caller's employee id."""

    unit_id: str
    """Unit to which the caller belongs today."""

    superior_id: str | None
    """The caller's direct superior today, by employee id; null if none is on record."""

    roles: list[Role]
    """Roles of the caller today."""


@router.get("/me", operation_id="me")
async def me(context: Reader) -> Me:
    """Show how this service knows you.

    For every employee on record. Unit, superior and roles are those in force today; another service may learn of a
    change a moment earlier or later.
    """
    terms = context.actor.terms
    return Me(
        employee_id=context.actor.employee_id,
        unit_id=terms.unit_id,
        superior_id=terms.superior_id,
        roles=list(terms.roles),
    )
