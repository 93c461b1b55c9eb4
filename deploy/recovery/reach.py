"""Which instance a command is about: the one on the cluster that the environment names (MKD_KAFKA_BOOTSTRAP,
MKD_MONGO_URL, and who may administer them), or else the local stack that runs."""

import getpass
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from deploy.local import mongod, stack
from deploy.setup import Administration, Client, own
from shared.kit.base.mongo import Database, connect
from shared.kit.base.settings import Settings
from shared.kit.process.service import Service


def elsewhere() -> bool:
    """Whether the environment names a cluster."""
    return "MKD_KAFKA_BOOTSTRAP" in os.environ


def settings_of(service: str) -> Settings:
    """The settings of a service, with its own user and rights. Raises `Failure` when nothing runs."""
    if elsewhere():
        return own(Settings(), Administration(), service)
    from deploy.local.supervise import running_stack  # the supervisor belongs to a local stack, and is not in the image

    return stack.settings(running_stack(), service)


@contextmanager
def administrator() -> Iterator[Client]:
    """MongoDB as its administrator. Raises `Failure` when nothing runs."""
    if elsewhere():
        with Client(Settings().mongo_url, **Administration().mongo_sign_in) as client:
            yield client
        return
    from deploy.local.supervise import running_stack

    with mongod.admin(running_stack()) as client:
        yield client


@asynccontextmanager
async def opened(service: Service) -> AsyncIterator[tuple[Settings, Database]]:
    """A service's database, with the service's own rights."""
    its = settings_of(service.name)
    db = connect(its, service.database)
    try:
        yield its, db
    finally:
        await db.client.close()


def me() -> str:
    """Who types, as the system calls them; a number where it has no name for them, as in a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"
