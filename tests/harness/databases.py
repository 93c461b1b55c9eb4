"""Databases that tests use one after another: made once, and brought back to a state that was kept.

A test that changes more than documents, such as indexes, puts those right itself.
"""

import asyncio
import secrets
from collections.abc import Iterator, Sequence
from typing import Any

from bson import Timestamp
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared.kit.base.mongo import Database
from shared.kit.decisions.decider import Document

SHARED_PREFIX = f"m{secrets.token_hex(4)}."
"""Of one test run, so that two runs on the same servers do not meet."""

State = dict[str, dict[str, list[Document]]]
"""The documents of each collection that has any, by database."""

Named = tuple[str, str]
"""A collection's database, and its name."""

COMMANDS = "$cmd"
"""Where the set's log notes what is done to a collection as a whole."""


class Watched:
    """Databases that are in a known state but for what the log of the replica set tells since: looking there is quicker
    than looking into each collection, and so it is to leave alone what nobody has written to."""

    def __init__(self, databases: Sequence[Database]) -> None:
        self._databases = {db.name: db for db in databases}
        self._first = databases[0]
        self._state: State = {}
        self._since = Timestamp(0, 0)

    async def keep(self) -> State:
        """All that is in them, which is the state that they are in from now on."""
        self._state = {name: await _documents(db) for name, db in self._databases.items()}
        await self._from_now_on()
        return self._state

    async def untouched(self) -> State | None:
        """The state that they are in, where nobody has written since."""
        return None if await self._written() else self._state

    async def bring_back(self, state: State) -> None:
        """Bring them to a state that was kept."""
        written = await self._written()
        if not written and state is self._state:
            return
        wrong = written | set(_differing(self._state, state))
        full = {(db, name) for db, name in wrong if name in self._state[db]}
        await asyncio.gather(*(self._fill(of, state[of[0]].get(of[1]), of in written | full) for of in wrong))
        self._state = state
        await self._from_now_on()

    async def _fill(self, of: Named, documents: list[Document] | None, empty: bool) -> None:
        """Emptying is quicker than dropping, and leaves the server its files. Nothing here need survive a crash."""
        db, name = of
        collection = self._databases[db].get_collection(name, write_concern=WriteConcern(w=1, j=False))
        if empty:
            await collection.delete_many({})
        if documents:
            await collection.insert_many(documents)

    async def _from_now_on(self) -> None:
        """Changes nothing, and returns when a majority has all that was written before: who reads sees it."""
        async with self._first.client.start_session() as session:
            await self._first.about.delete_many({"_id": "nothing"}, session=session)
            assert session.operation_time
            self._since = session.operation_time

    async def _written(self) -> set[Named]:
        """Collections that anybody has written to."""
        log: Any = self._first.client.local.get_collection("oplog.rs", read_concern=ReadConcern("local"))
        told = {"ns": 1, "o.drop": 1, "o.applyOps.ns": 1, "o.applyOps.o.drop": 1}
        since = log.find({"ts": {"$gt": self._since}}, told)
        return {named for entry in await since.to_list() for named in _named(entry) if named[0] in self._databases}


async def _documents(db: Database) -> dict[str, list[Document]]:
    found = {name: await db[name].find({}).to_list() for name in await db.list_collection_names()}
    return {name: documents for name, documents in found.items() if documents}


def _differing(one: State, other: State) -> Iterator[Named]:
    for db in one.keys() | other.keys():
        here, there = one.get(db, {}), other.get(db, {})
        yield from ((db, name) for name in here.keys() | there.keys() if here.get(name) != there.get(name))


def _named(entry: Document) -> Iterator[Named]:
    """The collections of which an entry of the set's log tells, and which are there afterwards or were before."""
    db, _, name = entry["ns"].partition(".")
    done = entry.get("o", {})
    if name != COMMANDS:
        yield db, name
    elif "drop" in done:
        yield db, done["drop"]
    for within in done.get("applyOps", ()) if name == COMMANDS else ():
        yield from _named(within)
