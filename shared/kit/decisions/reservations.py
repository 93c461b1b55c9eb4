"""How rules that span aggregates hold under concurrency: reservations, made in the transaction of the decision."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from pymongo import UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import BulkWriteError

from shared.kit.base.mongo import Conflict, Database
from shared.kit.decisions.decider import NO_LIMIT, Document, Refused, Reservation


async def move(
    session: AsyncClientSession, db: Database, holder: str, before: Sequence[Reservation], after: Sequence[Reservation]
) -> None:
    """Take what `after` holds beyond `before` and give back the rest. Raises `Refused` where a reservation is full, and
    `Conflict` when another was quicker.

    What is taken is read in the transaction that writes it: of two that would take the same, the later is run again.
    """
    held = {reservation.id: reservation.units for reservation in before}
    wanted = [reservation for reservation in after if reservation.units != held.get(reservation.id, 0)]
    left = held.keys() - {reservation.id for reservation in after}
    if not wanted and not left:
        return
    ids = sorted({reservation.id for reservation in wanted})
    found = {one["_id"]: one["units"] async for one in db.reservations.find({"_id": {"$in": ids}}, session=session)}
    given_back = [
        UpdateOne(
            {"_id": id_, f"holders.{holder}": {"$exists": True}},
            {"$inc": {"units": -held[id_]}, "$unset": {f"holders.{holder}": ""}},
        )
        for id_ in sorted(left)
    ]
    try:
        await db.reservations.bulk_write([*given_back, *_taken(holder, held, wanted, found)], session=session)
    except BulkWriteError as taken:
        raise Conflict from taken


def _taken(
    holder: str, held: Mapping[str, int], wanted: Sequence[Reservation], found: Mapping[str, int]
) -> Iterator[UpdateOne]:
    """Raises `Refused` at the first that is full."""
    for reservation in wanted:
        units = found.get(reservation.id, 0)
        more = reservation.units - held.get(reservation.id, 0)
        if units + more > reservation.limit:
            raise Refused(_full(reservation, units).violation)
        taken = {"$inc": {"units": more, f"holders.{holder}": more}}
        yield UpdateOne({"_id": reservation.id}, taken, upsert=True)


def _full(reservation: Reservation, units: int) -> Reservation:
    """A reservation of several units says in its refusal how many of them are taken."""
    if reservation.limit in (1, NO_LIMIT):
        return reservation
    facts: Document = {**reservation.violation.facts, "taken": units}
    return replace(reservation, violation=replace(reservation.violation, facts=facts))
