"""Sets an instance up on a Kafka and a MongoDB that run already: `python -m deploy.setup`, told by the environment.

It may be run again at any time: what is missing is made, and the services' users get the passwords of today's files.
"""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pymongo
from confluent_kafka import KafkaException
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from pymongo.errors import PyMongoError
from pymongo.uri_parser import parse_uri

from deploy.base.failure import Failure
from deploy.local import issuer, mongod
from deploy.provision import resources as provision
from deploy.provision.resources import Mechanism
from shared.kit.base.settings import Settings, secret
from shared.kit.process.service import Service

PATIENCE_S = 60
Client = pymongo.MongoClient[dict[str, Any]]


class Administration(BaseSettings):
    """Who may set up; read from `MKD_*` beside the settings that services have."""

    model_config = SettingsConfigDict(env_prefix="MKD_", extra="ignore")

    kafka_admin_user: str | None = Field(default=None, description="None means that Kafka asks nobody who they are")
    kafka_admin_password_file: Path | None = None
    kafka_admin_mechanism: Mechanism = "SCRAM-SHA-512"
    kafka_replication: int = 1
    mongo_admin_user: str | None = Field(default=None, description="None means that MongoDB asks nobody who they are")
    mongo_admin_password_file: Path | None = None
    users_folder: Path = Field(default=Path("/run/secrets"), description="Holds `kafka-<service>`, `mongo-<service>`")
    issuer_key_file: Path | None = Field(default=None, description="The demo issuer's key is made there, once")

    @property
    def mongo_sign_in(self) -> dict[str, Any]:
        """What MongoDB's administrator signs in with."""
        return {"username": self.mongo_admin_user, "password": secret(self.mongo_admin_password_file)}

    def password(self, server: str, user: str) -> str:
        """What a service's user signs in with."""
        return secret(self.users_folder / f"{server}-{user}") or ""


def set_up(its: Settings, admin: Administration) -> None:
    """Everything that services want before they start. Raises `Failure`."""
    platform = provision.services()
    try:
        _kafka(its, admin, platform)
    except KafkaException as refused:
        hint = "Is a broker there, and is the administrator's password right?"
        raise Failure(f"Kafka at {its.kafka_bootstrap} cannot be set up: {refused}.", hint) from refused
    try:
        _mongo(its, admin, platform)
    except PyMongoError as refused:
        hint = "Is a replica set there, and is the administrator's password right?"
        raise Failure(f"MongoDB at {its.mongo_url} cannot be set up: {refused}.", hint) from refused
    if admin.issuer_key_file:
        issuer.make_key(admin.issuer_key_file)


def cluster(its: Settings, admin: Administration) -> provision.Cluster:
    """The Kafka that the environment names, as its administrator reaches it once everybody has SCRAM."""
    user, password = admin.kafka_admin_user, secret(admin.kafka_admin_password_file)
    return provision.Cluster(
        its.kafka_bootstrap, user, password, admin.kafka_replication, its.kafka_tls, its.kafka_ca_file
    )


def _kafka(its: Settings, admin: Administration, platform: Sequence[Service]) -> None:
    reached = cluster(its, admin)
    if reached.user:
        passwords = {service.name: admin.password("kafka", service.name) for service in platform}
        if admin.kafka_admin_mechanism == "PLAIN":
            passwords |= {reached.user: str(reached.password)}
        provision.sign_ins(replace(reached, mechanism=admin.kafka_admin_mechanism), passwords)
    provision.topics(reached, its.topic_prefix)
    if reached.user:
        provision.rights(reached, platform, its.topic_prefix)


def _mongo(its: Settings, admin: Administration, platform: Sequence[Service]) -> None:
    initiate(its, admin)
    portal = provision.portal()
    if admin.mongo_admin_user:
        with Client(its.mongo_url, **admin.mongo_sign_in, serverSelectionTimeoutMS=PATIENCE_S * 1000) as client:
            for service in platform:
                mongod.make_user(client, service.name, admin.password("mongo", service.name), service.database)
            mongod.make_user(client, portal.name, admin.password("mongo", portal.name), portal.database)
    settings = [own(its, admin, service.name) for service in platform]
    asyncio.run(provision.databases(platform, settings))
    asyncio.run(provision.bare_database(own(its, admin, portal.name), portal.database, portal.indexes))
    for service, _ in asyncio.run(provision.outdated(platform, settings)):
        print(f"setup: rebuild {service.name} before it starts: python -m deploy.operate rebuild {service.name}")


def initiate(its: Settings, admin: Administration) -> None:
    """Make a set of the one server that the address names, unless it is in one. Several are joined by who runs them."""
    url = its.mongo_url
    servers = parse_uri(url)["nodelist"]
    if len(servers) > 1:
        return
    alone: dict[str, Any] = {"directConnection": True, "replicaSet": None}
    with Client(url, **admin.mongo_sign_in, **alone, serverSelectionTimeoutMS=PATIENCE_S * 1000) as client:
        if client.admin.command("hello").get("isreplicaset"):
            host, port = servers[0]
            members = [{"_id": 0, "host": f"{host}:{port}"}]
            client.admin.command(
                "replSetInitiate", {"_id": parse_uri(url)["options"]["replicaSet"], "members": members}
            )


def own(its: Settings, admin: Administration, service: str) -> Settings:
    """A service's own settings, with the users that were made for it."""
    users: dict[str, Any] = {}
    if admin.mongo_admin_user:
        users |= {"mongo_user": service, "mongo_password_file": admin.users_folder / f"mongo-{service}"}
    if admin.kafka_admin_user:
        users |= {"kafka_user": service, "kafka_password_file": admin.users_folder / f"kafka-{service}"}
    return its.model_copy(update=users)


def main() -> None:
    try:
        set_up(Settings(), Administration())
    except Failure as failure:
        print(f"setup: {failure.cause} {failure.remedy}", file=sys.stderr)
        sys.exit(1)
    print("setup: users, topics, rights, databases and shipped rules are there")


if __name__ == "__main__":
    main()
