"""Which factor sets there are."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from pymongo.asynchronous.client_session import AsyncClientSession

from services.savings.factor_set.document import stored_factor_sets
from shared.contracts.savings import FactorSetPublished
from shared.kit.base.generations import Models
from shared.kit.base.mongo import Database
from shared.kit.projections.projector import load
from shared.kit.projections.writeset import Known, LoadPlan

DECIDED: LoadPlan = {"factor_sets": {}}


async def how_many(db: Database) -> int:
    """How many sets there are: a day that has been looked at with fewer is to be looked at again."""
    return await db.factor_sets.count_documents({})


async def all_sets(db: Database) -> list[FactorSetPublished]:
    """Every factor set, those that are corrected included."""
    return stored_factor_sets(await db.factor_sets.find({}).to_list())


async def known_of(
    session: AsyncClientSession | None,
    db: Database,
    models: Models,
    wanted: LoadPlan,
    fields: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Known:
    """What days are settled with, the factor sets among it; of some collections those fields alone."""
    return {**await load(session, models, wanted, fields), **await load(session, db, DECIDED)}
