"""Which instance a command is about: the one on the cluster that the environment names (MKD_KAFKA_BOOTSTRAP,
MKD_MONGO_URL, and who may administer them), or else the local stack that runs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pymongo

from deploy import mongod, stack
from deploy.setup import Administration, own
from shared.kit.settings import Settings, secret

Client = pymongo.MongoClient[dict[str, Any]]


def elsewhere() -> bool:
    """Whether the environment names a cluster."""
    return "MKD_KAFKA_BOOTSTRAP" in os.environ


def settings_of(service: str) -> Settings:
    """The settings of a service, with its own user and rights. Raises `Failure` when nothing runs."""
    if elsewhere():
        return own(Settings(), Administration(), service)
    from deploy.supervise import running_stack  # the supervisor belongs to a local stack, and is not in the image

    return stack.settings(running_stack(), service)


@contextmanager
def administrator() -> Iterator[Client]:
    """MongoDB as its administrator. Raises `Failure` when nothing runs."""
    if elsewhere():
        its, admin = Settings(), Administration()
        named: dict[str, Any] = {
            "username": admin.mongo_admin_user,
            "password": secret(admin.mongo_admin_password_file),
        }
        with Client(its.mongo_url, **named) as client:
            yield client
        return
    from deploy.supervise import running_stack

    with mongod.admin(running_stack()) as client:
        yield client
