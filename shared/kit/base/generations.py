"""Generations of read models: a rebuild fills a new one beside the live one, and one alias document says which is
live."""

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import IndexModel
from pymongo.asynchronous.collection import AsyncCollection

from shared.kit.base.mongo import Database, make_indexes

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


class OlderModels(Exception):
    """The read models were filled by an earlier version of the software, and cannot be gone on with."""


async def begin(db: Database, version: int) -> None:
    """Note of a new database which version fills its first generation; one that is there says so itself, or is of
    before that was noted."""
    if not await db.list_collection_names(filter={"name": {"$regex": r"^g\d+\."}}):
        first = {"live": FIRST, "version": version}
        await db.about.update_one({"_id": "generation"}, {"$setOnInsert": first}, upsert=True)


async def set_up(db: Database, generation: str, indexes: Mapping[str, Sequence[IndexModel]]) -> None:
    """Create what is missing of a generation's collections and indexes."""
    present = set(await db.list_collection_names())
    for name, wanted in indexes.items():
        if f"{generation}.{name}" not in present:
            await db.create_collection(f"{generation}.{name}")
        if wanted:
            await make_indexes(of(db, generation)[name], wanted)


async def switch(db: Database, generation: str, version: int) -> None:
    """Let a generation, filled by code of that version, answer from now on. What a request began to read of the one
    before, it reads to its end."""
    change = {"live": generation, "version": version}
    await db.about.update_one({"_id": "generation"}, {"$set": change}, upsert=True)


async def version(db: Database) -> int:
    """The version of the read models that answer now."""
    alias = await db.about.find_one({"_id": "generation"})
    return int(alias.get("version", 1)) if alias else 1


async def check_models(db: Database, wanted: int) -> None:
    """Raises `OlderModels` where today's code cannot go on with what an earlier one has filled."""
    if (found := await version(db)) < wanted:
        raise OlderModels(
            f"the read models in {db.name} are of version {found}, this code needs {wanted}: rebuild them first "
            f"(./mkd rebuild {db.name.rpartition('mkd_')[2]})"
        )


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
