"""Programs that read figures with tokens of their own: what lets them in, and how far."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from fastapi import Request

from shared.contracts.organisation import AccountTerms, EmployeeTerms, FigureKind, Role, UnitRecorded, as_of
from shared.kit.base.clock import local_date
from shared.kit.decisions.decider import no_right
from shared.kit.web.auth import Identity
from shared.people.directory import COLLECTIONS
from shared.people.lookup import BY_ACCOUNT, Actor, Directory, Scope

OPEN_TO = "x-service-accounts"
"""Where an operation says in its document which figures it tells service accounts; others refuse them."""


def figures_of(kind: FigureKind) -> dict[str, Any]:
    """The documentation of an operation that service accounts may ask, of which it is read whether they may."""
    return {OPEN_TO: kind.value}


async def reading_program(
    request: Request, directory: Directory, who: Identity, now: datetime, zone: str
) -> Actor | None:
    """The program that a token speaks for; none where it speaks for a person, whether they are active or not. It reads
    as analysts do. Raises `Refused` for what it may not ask, and once it has ended."""
    found = (await directory.find(BY_ACCOUNT, [who.sub])).values()
    of_it = [one for one in found if one.identity.iss == who.iss]
    if not of_it or await directory.with_subject(who.iss, who.sub):
        return None
    today = local_date(now, zone)
    held = [(one.account_id, terms) for one in of_it if (terms := one.on(today))]
    if len(held) != 1:
        raise no_right("account-not-in-force")
    ((account_id, terms),) = held
    if (request.scope["route"].openapi_extra or {}).get(OPEN_TO) not in terms.figures:
        raise no_right("account-reads-figures")
    return Actor(account_id, _nowhere(today), await _scope(directory, terms, today))


def must_read(actor: Actor, unit_id: str | None) -> None:
    """Raises `Refused` for a service account that reads other units alone; without a unit, for one that does not read
    the sums of all."""
    units = actor.scope.units if actor.scope else None
    if units is not None and unit_id not in units:
        raise no_right("account-units-only")


def units_of(actor: Actor) -> dict[str, Any]:
    """A filter of the units that a service account reads; none for one that reads all, and for people."""
    units = actor.scope.units if actor.scope else None
    return {} if units is None else {"unit_id": {"$in": list(units)}}


def _nowhere(today: date) -> EmployeeTerms:
    roles = (Role.ANALYST,)
    return EmployeeTerms(effective_from=today, active=True, unit_id="unit-none", position_id="pos-none", roles=roles)


async def _scope(directory: Directory, terms: AccountTerms, today: date) -> Scope:
    figures = tuple(sorted(terms.figures))
    if terms.unit_ids is None:
        return Scope(figures, None)
    if not terms.with_parts:
        return Scope(figures, tuple(sorted(terms.unit_ids)))
    parents = await directory.once(f"parents {today}", lambda: _parents(directory, today))
    return Scope(figures, tuple(sorted(below(terms.unit_ids, parents))))


async def _parents(directory: Directory, today: date) -> Mapping[str, str | None]:
    found = {}
    async for document in directory.db[COLLECTIONS[UnitRecorded]].find({}):
        unit = UnitRecorded.model_validate(document, strict=False)
        terms = as_of(unit.history, today)
        found[unit.unit_id] = terms.parent_id if terms else None
    return found


def below(units: Iterable[str], parents: Mapping[str, str | None]) -> set[str]:
    """Some units and all that are part of them, however deep. Pure."""
    found = {*units}
    parts: dict[str, list[str]] = {}
    for part, whole in parents.items():
        if whole is not None:
            parts.setdefault(whole, []).append(part)
    ask = list(found)
    while ask:
        more = [part for part in parts.get(ask.pop(), ()) if part not in found]
        found.update(more)
        ask += more
    return found
