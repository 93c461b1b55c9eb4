"""Who I am here: all that a page needs to greet somebody and to choose what it offers, in one call."""

from collections.abc import Iterable, Mapping
from datetime import date

from fastapi import APIRouter

from services.organisation.entity.model import Person
from services.organisation.entity.queries import codes_of, people_of
from services.organisation.entity.schemas import named_employee
from services.organisation.profile.schemas import CodedPosition, Mandate, NamedUnit, Profile
from shared.contracts.organisation import ActingRecorded, ActingTerms, as_of
from shared.kit.base.clock import local_date
from shared.people.context import Reader, RequestContext
from shared.people.lookup import GIVEN, HELD

router = APIRouter(prefix="/v1", tags=["me"])


@router.get("/profile")
async def show_profile(context: Reader) -> Profile:
    """Show your profile.

    For every employee on record, for themselves alone. Unit, position, superior, roles and mandates are those of
    today, the date where the unit is.
    """
    me, terms, directory = context.actor.employee_id, context.actor.terms, context.directory
    time_zone = await directory.zone_of(terms.unit_id, context.today, context.time_zone)
    today = local_date(context.now, time_zone)
    held = _in_force((await directory.find(HELD, [me])).values(), today)
    given = _in_force((await directory.find(GIVEN, [me])).values(), today)
    held = {id_: one for id_, one in held.items() if one.acting_id == me}
    given = {id_: one for id_, one in given.items() if one.for_id == me}
    parties = [id_ for one in (*held.values(), *given.values()) for id_ in (one.for_id, one.acting_id)]
    people = await people_of(context.db, [me, *parties, *([terms.superior_id] if terms.superior_id else [])])
    return Profile(
        employee_id=me,
        name=named_employee(me, people).name if await directory.employee(me) else None,
        unit=await _unit(context, terms.unit_id, today),
        position=await _position(context, terms.position_id),
        superior=named_employee(terms.superior_id, people) if terms.superior_id else None,
        roles=list(terms.roles),
        leads=bool(await context.subordinates()),
        mandates_held=_mandates(held, people),
        mandates_given=_mandates(given, people),
        time_zone=time_zone,
        today=today,
    )


def _in_force(mandates: Iterable[ActingRecorded], day: date) -> dict[str, ActingTerms]:
    """Those that hold on a day, by id, with their terms of that day."""
    terms = {one.acting_assignment_id: as_of(one.history, day) for one in mandates}
    return {id_: one for id_, one in sorted(terms.items()) if one and day <= one.ends_on}


def _mandates(terms: Mapping[str, ActingTerms], people: Mapping[str, Person]) -> list[Mandate]:
    return [
        Mandate(
            acting_assignment_id=id_,
            kind=one.kind,
            official=named_employee(one.for_id, people),
            acting=named_employee(one.acting_id, people),
            effective_from=one.effective_from,
            ends_on=one.ends_on,
        )
        for id_, one in terms.items()
    ]


async def _unit(context: RequestContext, unit_id: str, day: date) -> NamedUnit | None:
    for unit in await context.directory.units([unit_id]):
        if terms := as_of(unit.history, day):
            return NamedUnit(unit_id=unit_id, name=terms.name)
    return None


async def _position(context: RequestContext, position_id: str) -> CodedPosition | None:
    codes = await codes_of(context.db, [position_id])
    return CodedPosition(position_id=position_id, code=codes[position_id]) if position_id in codes else None
