"""Who may change the reference data now: one sheet or erasure at a time, so that what was checked stays so."""

from pymongo.asynchronous.client_session import AsyncClientSession

from shared.kit.base.mongo import Database
from shared.kit.decisions import reservations
from shared.kit.decisions.decider import Kind, Refused, Reservation, Violation

TURN = Reservation("reference-data", 1, 1, Violation("another-sheet"))


async def take_turn(session: AsyncClientSession, db: Database, holder: str) -> None:
    """Others that try meanwhile are refused while a large sheet holds it, and run again after a short transaction.
    Raises `Refused`."""
    try:
        await reservations.move(session, db, holder, [], [TURN])
    except Refused as taken:
        raise Refused(*taken.violations, kind=Kind.STATE) from taken


async def give_turn(session: AsyncClientSession, db: Database, holder: str) -> None:
    """The next may. Whoever does not hold the turn gives nothing."""
    if await db.reservations.find_one({"_id": TURN.id, f"holders.{holder}": {"$gt": 0}}, session=session):
        await reservations.move(session, db, holder, [TURN], [])
