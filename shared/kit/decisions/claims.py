"""How rules that span aggregates hold under concurrency: counted claims, taken in the transaction of the decision."""

from collections.abc import Sequence
from dataclasses import replace

from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError

from shared.kit.base.mongo import Database
from shared.kit.decisions.decider import NO_LIMIT, Claim, Refused


async def move(
    session: AsyncClientSession, db: Database, holder: str, before: Sequence[Claim], after: Sequence[Claim]
) -> None:
    """Take what `after` holds beyond `before` and give back the rest. Raises `Refused` where a claim is full."""
    held = {claim.id: claim.units for claim in before}
    wanted = {claim.id: claim for claim in after}
    for id_ in held.keys() - wanted.keys():
        holds = {"_id": id_, f"holders.{holder}": {"$exists": True}}
        given_back = {"$inc": {"units": -held[id_]}, "$unset": {f"holders.{holder}": ""}}
        await db.claims.update_one(holds, given_back, session=session)
    for id_, claim in wanted.items():
        if more := claim.units - held.get(id_, 0):
            await _take(session, db, holder, await _with_taken(session, db, claim), more)


async def _with_taken(session: AsyncClientSession, db: Database, claim: Claim) -> Claim:
    """A claim of several units whose refusal says how many of them are taken. That is read first: a full claim ends the
    transaction."""
    if claim.limit in (1, NO_LIMIT):
        return claim
    found = await db.claims.find_one({"_id": claim.id}, session=session)
    facts = {**claim.violation.facts, "taken": found["units"] if found else 0}
    return replace(claim, violation=replace(claim.violation, facts=facts))


async def _take(session: AsyncClientSession, db: Database, holder: str, claim: Claim, more: int) -> None:
    """A full claim matches nothing, so that the upsert runs into the unique `_id`: that is the refusal."""
    room = claim.limit - more
    try:
        if room < 0:
            raise Refused(claim.violation)
        await db.claims.update_one(
            {"_id": claim.id, "units": {"$lte": room}},
            {"$inc": {"units": more, f"holders.{holder}": more}},
            upsert=True,
            session=session,
        )
    except DuplicateKeyError as full:
        raise Refused(claim.violation) from full
