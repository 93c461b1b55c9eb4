"""Which instance a command is about: the one on the cluster that the environment names (MKD_KAFKA_BOOTSTRAP,
MKD_MONGO_URL, and who may administer them), or else the local stack that runs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from deploy.local import mongod, stack
from deploy.setup import Administration, Client, own
from shared.kit.base.settings import Settings


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
