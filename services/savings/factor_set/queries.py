"""What jobs ask of factor sets."""

from pymongo.asynchronous.client_session import AsyncClientSession

from shared.kit.base.generations import Models
from shared.kit.base.mongo import Database
from shared.kit.projections.projector import load
from shared.kit.projections.writeset import Known, LoadPlan

DECIDED: LoadPlan = {"factor_sets": {}}


async def how_many(db: Database) -> int:
    """How many sets there are: a day that has been looked at with fewer is to be looked at again."""
    return await db.factor_sets.count_documents({})


async def known_of(session: AsyncClientSession | None, db: Database, models: Models, wanted: LoadPlan) -> Known:
    """What days are settled with, the factor sets among it."""
    return {**await load(session, models, wanted), **await load(session, db, DECIDED)}
