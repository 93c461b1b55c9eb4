"""How MongoDB is reached: one client, durable by default, and databases whose age is checked before use."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TypeVar

from pymongo import AsyncMongoClient, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared.kit.base import points
from shared.kit.base.settings import Settings, secret

Database = AsyncDatabase[dict[str, Any]]
Client = AsyncMongoClient[dict[str, Any]]
T = TypeVar("T")

SCHEMA_VERSION = 3
"""2: indexes of directories no longer unique, acknowledged offsets kept (`published`), documents of today's shape.
3: streams, by which the inbox and dead letters know events, carry the instance."""
DUPLICATE_KEY = 11000
REFUSALS = frozenset(
    {
        *(2, 9, 14, 15, 16, 22),  # a bad value, a text that is none, a wrong type, overflow, length, BSON
        *(28, 40, 52, 53, 56, 57, 66),  # a path that is no way, operators that conflict, names of fields
        *(72, 121, 263),  # options, a document that is not valid, what no transaction may do
        *(10334, 17280, 17419, 17420),  # a document, a key or what an update makes of it is too large
    }
)
"""What the server says of commands that are wrong in themselves, by code (MongoDB's `error_codes.yml`)."""
INDEX_OPTIONS_CONFLICT, INDEX_KEY_SPECS_CONFLICT = 85, 86
DURABLE: Mapping[str, Any] = {
    "read_concern": ReadConcern("snapshot"),
    "write_concern": WriteConcern(w="majority", j=True),
}

KIT_INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "commits": (
        IndexModel([("aggregate", 1), ("n", 1)]),
        IndexModel([("key", 1), ("n", 1)], name="unsent", partialFilterExpression={"sent": False}),
        IndexModel(
            [("command.key", 1)],
            name="idempotency",
            unique=True,
            partialFilterExpression={"command.key": {"$exists": True}},
        ),
    ),
    "reservations": (),
    "texts": (IndexModel([("employee_id", 1)]),),
    "inbox": (),
    "checkpoints": (),
    "consumers": (),
    "published": (),
    "leases": (),
    "workers": (IndexModel([("at", 1)], expireAfterSeconds=3600),),
    "dead_letters": (IndexModel([("consumer", 1), ("status", 1), ("_id", 1)]), IndexModel([("stream", 1), ("n", 1)])),
}


class Conflict(Exception):
    """Another writer committed first: run the transaction again."""


class NewerData(Exception):
    """The database was written by a newer version of the software."""


def connect(settings: Settings, name: str) -> Database:
    """A database of a client that acknowledges only what a majority has journaled. Connects on first use."""
    client: Client = AsyncMongoClient(
        settings.mongo_url,
        username=settings.mongo_user,
        password=secret(settings.mongo_password_file),
        authSource="admin",
        **_over_tls(settings),
        tz_aware=True,
        w="majority",
        journal=True,
        readConcernLevel="majority",
        retryWrites=True,
        serverSelectionTimeoutMS=15_000,
        socketTimeoutMS=20_000,
        appname=name,
    )
    return client[f"{settings.topic_prefix.replace('.', '_')}{name}"]


def _over_tls(settings: Settings) -> dict[str, Any]:
    if not settings.mongo_tls:
        return {}
    return {"tls": True} | ({"tlsCAFile": str(settings.mongo_ca_file)} if settings.mongo_ca_file else {})


async def set_up(
    db: Database,
    indexes: Mapping[str, Sequence[IndexModel]],
    kit: Mapping[str, Sequence[IndexModel]] = KIT_INDEXES,
) -> None:
    """Create what is missing of a service's collections and indexes. Raises `NewerData`. What else an earlier version
    has left is brought over afterwards (`shared.kit.process.upgrade`), which then sets the version."""
    await check_schema_version(db)
    present = set(await db.list_collection_names())
    for collection, wanted in {**kit, **indexes}.items():
        if collection not in present:
            await db.create_collection(collection)
        if wanted:
            await make_indexes(db[collection], wanted)


async def make_indexes(collection: AsyncCollection[dict[str, Any]], wanted: Sequence[IndexModel]) -> None:
    """Create indexes; one of the same name that an earlier version made otherwise is made anew."""
    for index in wanted:
        try:
            await collection.create_indexes([index])
        except OperationFailure as other:
            if other.code not in (INDEX_OPTIONS_CONFLICT, INDEX_KEY_SPECS_CONFLICT):
                raise
            await collection.drop_index(index.document["name"])
            await collection.create_indexes([index])


async def check_schema_version(db: Database) -> None:
    """Raises `NewerData` when this code is too old for the database."""
    about = await db.about.find_one({"_id": "schema"})
    if about and about["version"] > SCHEMA_VERSION:
        raise NewerData(
            f"database {db.name} has schema version {about['version']}, this code knows {SCHEMA_VERSION}: "
            "run the version that wrote it, or a newer one"
        )


async def reachable(db: Database) -> bool:
    """Whether a primary answers now."""
    try:
        return bool((await db.command("hello")).get("isWritablePrimary"))
    except PyMongoError:
        return False


CLOCK_MAX_S = 30.0
"""So far may a machine's clock be from the database's: tokens allow for as much (`auth.LEEWAY_S`)."""


async def clock_skew_s(db: Database) -> float:
    """How far this machine's clock is ahead of the database's, in seconds. Raises PyMongo's errors."""
    there: datetime = (await db.command("hello"))["localTime"]
    return (datetime.now(UTC) - there.replace(tzinfo=UTC)).total_seconds()


def is_duplicate(failed: PyMongoError) -> bool:
    """Whether a unique key was taken."""
    return DUPLICATE_KEY in _codes(failed)


def is_refused(failed: PyMongoError) -> bool:
    """Whether the server refuses what was asked for what it is: it would do so again and again."""
    return not REFUSALS.isdisjoint(_codes(failed))


def _codes(failed: PyMongoError) -> set[int]:
    details = getattr(failed, "details", None) or {}
    errors = details.get("writeErrors", [details])
    return {int(error["code"]) for error in errors if error.get("code")} | {getattr(failed, "code", None) or 0}


_again: ContextVar[bool] = ContextVar("again", default=False)


def runs_again() -> bool:
    """Whether the transaction that runs has met a `Conflict`: what it took for granted then is read now."""
    return _again.get()


async def in_transaction(db: Database, work: Callable[[AsyncClientSession], Awaitable[T]]) -> T:
    """Run `work` in one transaction, again whenever another writer crossed it; durable when this returns.

    `work` may run several times, so that it must do nothing but read and write in its session.
    """
    again = False
    while True:
        token = _again.set(again)
        try:
            async with db.client.start_session() as session:
                done = await session.with_transaction(work, **DURABLE)
                points.note(session)
                return done
        except Conflict:
            again = True
        finally:
            _again.reset(token)
