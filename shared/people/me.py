"""How a service knows who asks it."""

from fastapi import APIRouter
from pydantic import BaseModel

from shared.contracts.organisation import Role
from shared.people.context import Reader

router = APIRouter(prefix="/v1", tags=["me"])


class Me(BaseModel):
    """How this service knows you."""

    employee_id: str
    unit_id: str
    superior_id: str | None
    roles: list[Role]


@router.get("/me", operation_id="me")
async def me(call: Reader) -> Me:
    """How this service knows you, today."""
    terms = call.actor.terms
    return Me(
        employee_id=call.actor.employee_id,
        unit_id=terms.unit_id,
        superior_id=terms.superior_id,
        roles=list(terms.roles),
    )
