"""Generations of read models: a rebuild fills a new one beside the live one, and one alias document says which is
live."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import IndexModel
from pymongo.asynchronous.collection import AsyncCollection

from shared.kit.mongo import Database

Models = AsyncCollection[dict[str, Any]]
"""The collections of one generation, by name: `models["days"]` is the collection `g1.days`."""

FIRST = "g1"


def of(db: Database, generation: str) -> Models:
    """The read models of a generation."""
    return db[generation]


async def live(db: Database) -> str:
    """The generation that answers now."""
    alias = await db.about.find_one({"_id": "generation"})
    return str(alias["live"]) if alias else FIRST


async def following(db: Database) -> str:
    """The name of the generation after the live one."""
    return f"g{int((await live(db)).removeprefix('g')) + 1}"


async def set_up(db: Database, generation: str, indexes: Mapping[str, Sequence[IndexModel]]) -> None:
    """Create what is missing of a generation's collections and indexes."""
    present = set(await db.list_collection_names())
    for name, wanted in indexes.items():
        if f"{generation}.{name}" not in present:
            await db.create_collection(f"{generation}.{name}")
        if wanted:
            await of(db, generation)[name].create_indexes(list(wanted))


async def switch(db: Database, generation: str) -> None:
    """Let a generation answer from now on. What a request began to read of the one before, it reads to its end."""
    await db.about.update_one({"_id": "generation"}, {"$set": {"live": generation}}, upsert=True)


async def drop(db: Database, generation: str) -> None:
    """Remove the collections of a generation that is not live."""
    if generation == await live(db):
        raise ValueError(f"{generation} is live")
    for name in await db.list_collection_names():
        if name.startswith(f"{generation}."):
            await db.drop_collection(name)


def group_of(consumer: str, generation: str) -> str:
    """The consumer group that fills a generation; each goes through the log at its own pace."""
    return consumer if generation == FIRST else f"{consumer}.{generation}"


def consumer_of(group: str) -> str:
    """The consumer that a group is of, whatever generation it fills."""
    return re.sub(r"\.g\d+$", "", group)
