"""Databases that tests use one after another: made once, and brought back to a state that was kept.

A test that changes more than documents, such as indexes, puts those right itself.
"""

import asyncio
import secrets
from collections.abc import Sequence
from typing import Any

from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared.kit.base.mongo import Database
from shared.kit.decisions.decider import Document

SHARED_PREFIX = f"m{secrets.token_hex(4)}."
"""Of one test run, so that two runs on the same servers do not meet."""

State = dict[str, dict[str, list[Document]]]
"""The documents of each collection that has any, by database."""


async def kept(databases: Sequence[Database]) -> State:
    """All that is in the databases."""
    return {
        db.name: {name: await db[name].find({}).to_list() for name in await _counts(_hasty(db))} for db in databases
    }


async def is_in(databases: Sequence[Database], state: State) -> bool:
    """Whether the databases hold as many documents as a state."""
    counts = await asyncio.gather(*(_counts(_hasty(db)) for db in databases))
    wanted = [{name: len(documents) for name, documents in state[db.name].items()} for db in databases]
    return counts == wanted


async def bring_back(databases: Sequence[Database], state: State) -> None:
    """Bring the databases to a state that was kept."""
    await asyncio.gather(*(_bring_back(_hasty(db), state[db.name]) for db in databases))
    # Changes nothing, and returns when a majority has all that was written before: who reads sees it.
    await databases[0].about.delete_many({"_id": "nothing"})


async def _bring_back(db: Any, state: dict[str, list[Document]]) -> None:
    """Emptying is quicker than dropping, and leaves the server its files."""
    for name in await _counts(db):
        await db[name].delete_many({})
    for name, documents in state.items():
        await db[name].insert_many(documents)


def _hasty(db: Database) -> Any:
    """The same, by a quick way: nothing here need survive a crash."""
    return db.with_options(write_concern=WriteConcern(w=1, j=False), read_concern=ReadConcern("local"))


async def _counts(db: Any) -> dict[str, int]:
    """How many documents collections have, of those that have any, by one question for all."""
    first, *others = await db.list_collection_names()
    together = [{"$unionWith": {"coll": name, "pipeline": _count(name)}} for name in others]
    return {one["name"]: one["count"] async for one in await db[first].aggregate([*_count(first), *together])}


def _count(name: str) -> list[dict[str, Any]]:
    return [{"$count": "count"}, {"$set": {"name": {"$literal": name}}}]
