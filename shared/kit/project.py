"""How events become read models: a batch is folded in memory by a pure function and written in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import InsertOne, ReplaceOne, UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession

from shared.contracts.event import Event, Publisher
from shared.kit.changes import Changes, Known, Wanted
from shared.kit.cloudevents import Heard
from shared.kit.consumer import Consumer
from shared.kit.mongo import Database


async def load(session: AsyncClientSession, db: Database, wanted: Wanted) -> Known:
    """The documents that a fold asks for."""
    return {
        collection: {str(found["_id"]): found async for found in db[collection].find(where, session=session)}
        for collection, where in wanted.items()
    }


async def write(session: AsyncClientSession, db: Database, changes: Changes) -> None:
    """Inserts, replacements and additions apart: an insert of what is known to be new costs half of an upsert."""
    collections = {*changes.insert, *changes.replace, *changes.add}
    for collection in sorted(collections):
        operations: list[Any] = [InsertOne(new) for new in changes.insert.get(collection, [])]
        operations += [ReplaceOne({"_id": d["_id"]}, d) for d in changes.replace.get(collection, [])]
        operations += [
            UpdateOne({"_id": id_}, {"$setOnInsert": of, "$inc": amounts}, upsert=True)
            for id_, (of, amounts) in changes.add.get(collection, {}).items()
        ]
        if operations:
            await db[collection].bulk_write(operations, ordered=False, session=session)


@dataclass(frozen=True)
class Projection:
    """`takes` are the events that it is about; `wants` says what a batch of them touches, `fold` what comes of it."""

    takes: tuple[type[Event], ...]
    wants: Callable[[Sequence[Heard]], Wanted]
    fold: Callable[[Known, Sequence[Heard], datetime], Changes]


def project(name: str, hears: tuple[Publisher, ...], projection: Projection, batch: int = 2000) -> Consumer:
    """A consumer that keeps read models."""

    async def apply(session: AsyncClientSession, db: Database, events: Sequence[Heard], now: datetime) -> None:
        if events:
            known = await load(session, db, projection.wants(events))
            await write(session, db, projection.fold(known, events, now))

    return Consumer(name, hears, projection.takes, apply, batch)
