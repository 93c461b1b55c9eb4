"""How rules that span aggregates hold under concurrency: reservations, made in the transaction of the decision."""

from collections.abc import Sequence
from dataclasses import replace

from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError

from shared.kit.base.mongo import Database
from shared.kit.decisions.decider import NO_LIMIT, Refused, Reservation


async def move(
    session: AsyncClientSession, db: Database, holder: str, before: Sequence[Reservation], after: Sequence[Reservation]
) -> None:
    """Take what `after` holds beyond `before` and give back the rest. Raises `Refused` where a reservation is full."""
    held = {reservation.id: reservation.units for reservation in before}
    wanted = {reservation.id: reservation for reservation in after}
    for id_ in held.keys() - wanted.keys():
        holds = {"_id": id_, f"holders.{holder}": {"$exists": True}}
        given_back = {"$inc": {"units": -held[id_]}, "$unset": {f"holders.{holder}": ""}}
        await db.reservations.update_one(holds, given_back, session=session)
    for id_, reservation in wanted.items():
        if more := reservation.units - held.get(id_, 0):
            await _take(session, db, holder, await _with_taken(session, db, reservation), more)


async def _with_taken(session: AsyncClientSession, db: Database, reservation: Reservation) -> Reservation:
    """A reservation of several units whose refusal says how many of them are taken. That is read first: a full one ends
    the transaction."""
    if reservation.limit in (1, NO_LIMIT):
        return reservation
    found = await db.reservations.find_one({"_id": reservation.id}, session=session)
    facts = {**reservation.violation.facts, "taken": found["units"] if found else 0}
    return replace(reservation, violation=replace(reservation.violation, facts=facts))


async def _take(session: AsyncClientSession, db: Database, holder: str, reservation: Reservation, more: int) -> None:
    """A full reservation matches nothing, so that the upsert runs into the unique `_id`: that is the refusal."""
    room = reservation.limit - more
    try:
        if room < 0:
            raise Refused(reservation.violation)
        await db.reservations.update_one(
            {"_id": reservation.id, "units": {"$lte": room}},
            {"$inc": {"units": more, f"holders.{holder}": more}},
            upsert=True,
            session=session,
        )
    except DuplicateKeyError as full:
        raise Refused(reservation.violation) from full
