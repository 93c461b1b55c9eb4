"""Databases that tests use one after another: made once, and brought back to what they were when they had been made.

A test that changes more than documents, such as indexes, puts those right itself.
"""

import secrets
from collections.abc import Sequence
from typing import Any

from pymongo.write_concern import WriteConcern

from deploy.provision import resources as provision
from shared.kit.base.mongo import Database
from shared.kit.base.settings import Settings
from shared.kit.decisions.decider import Document
from shared.kit.process.service import Service

SHARED_PREFIX = f"m{secrets.token_hex(4)}."
"""Of one test run, so that two runs on the same servers do not meet."""

_as_made: dict[str, dict[str, list[Document]]] = {}


async def as_new(services: Sequence[Service], settings: Sequence[Settings], databases: Sequence[Database]) -> None:
    """Bring the shared databases back; make them when this is their first test."""
    for service, its, db in zip(services, settings, databases, strict=True):
        if db.name in _as_made:
            await _bring_back(db)
        else:
            await provision.databases([service], [its])
            names = await db.list_collection_names()
            _as_made[db.name] = {name: await db[name].find({}).to_list() for name in names}


async def _bring_back(db: Database) -> None:
    """Emptying is quicker than dropping, and leaves the server its files; nothing here need survive a crash."""
    hasty: Any = db.with_options(write_concern=WriteConcern(w=1, j=False))
    made = _as_made[db.name]
    for name in await db.list_collection_names():
        await hasty[name].delete_many({})
        if made.get(name):
            await hasty[name].insert_many(made[name])
