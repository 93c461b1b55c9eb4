"""How rules that span aggregates hold under concurrency: reservations, made in the transaction of the decision.

What is wanted is taken without looking where nothing speaks against it: an update that matches only while there is room
meets a key that is there otherwise. Then the transaction is run again, and reads what is taken, to say what is full."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from pymongo import UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import BulkWriteError

from shared.kit.base.mongo import Conflict, Database
from shared.kit.decisions.decider import Document, Refused, Reservation, Violation


async def move(
    session: AsyncClientSession, db: Database, holder: str, before: Sequence[Reservation], after: Sequence[Reservation]
) -> None:
    """Take what `after` holds beyond `before` and give back the rest. Raises `Refused` where a reservation is full, and
    `Conflict` when another was quicker.

    What is taken is read in the transaction that writes it: of two that would take the same, the later is run again.
    """
    held, wanted = _units(before), _wanted(before, after)
    ids = sorted({reservation.id for reservation in wanted})
    there = db.reservations.find({"_id": {"$in": ids}}, session=session) if ids else None
    found = {one["_id"]: one["units"] async for one in there} if there else {}
    await write(session, db, [*_given_back(holder, before, after), *_taken(holder, held, wanted, found)])


def at_once(holder: str, before: Sequence[Reservation], after: Sequence[Reservation]) -> Iterator[UpdateOne]:
    """The same as writes that fail with a key that is there where a reservation is full. Raises `Conflict` for what can
    never be had."""
    held = _units(before)
    yield from _given_back(holder, before, after)
    for reservation in _wanted(before, after):
        more = reservation.units - held.get(reservation.id, 0)
        if more > reservation.limit:
            raise Conflict
        has_room = {"_id": reservation.id, "units": {"$lte": reservation.limit - more}}
        yield UpdateOne(has_room, {"$inc": {"units": more, f"holders.{holder}": more}}, upsert=True)


async def write(session: AsyncClientSession, db: Database, moves: Sequence[UpdateOne]) -> None:
    """Carry out what was made of some moves, in their order. Raises `Conflict`."""
    try:
        if moves:
            await db.reservations.bulk_write(moves, session=session)
    except BulkWriteError as taken:
        raise Conflict from taken


async def taken(db: Database, ids: Iterable[str]) -> dict[str, int]:
    """How many units are taken now, by id; nothing of what nobody holds."""
    there = db.reservations.find({"_id": {"$in": sorted(set(ids))}}, {"units": 1})
    return {one["_id"]: one["units"] async for one in there}


def refusals(wanted: Sequence[Reservation], taken: Mapping[str, int]) -> list[Violation]:
    """What speaks against taking each of some reservations, while so much is taken."""
    return [
        _full(one, taken.get(one.id, 0)).violation for one in wanted if one.units > one.limit - taken.get(one.id, 0)
    ]


def _units(of: Sequence[Reservation]) -> dict[str, int]:
    return {reservation.id: reservation.units for reservation in of}


def _wanted(before: Sequence[Reservation], after: Sequence[Reservation]) -> list[Reservation]:
    held = _units(before)
    return [reservation for reservation in after if reservation.units != held.get(reservation.id, 0)]


def _given_back(holder: str, before: Sequence[Reservation], after: Sequence[Reservation]) -> list[UpdateOne]:
    held = _units(before)
    return [
        UpdateOne(
            {"_id": id_, f"holders.{holder}": {"$exists": True}},
            {"$inc": {"units": -held[id_]}, "$unset": {f"holders.{holder}": ""}},
        )
        for id_ in sorted(held.keys() - _units(after).keys())
    ]


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
    """A refusal says how many units are taken."""
    facts: Document = {**reservation.violation.facts, "taken": units}
    return replace(reservation, violation=replace(reservation.violation, facts=facts))
