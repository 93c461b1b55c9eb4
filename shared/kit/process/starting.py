"""How a process of a service begins, whichever of the two it is."""

from collections.abc import Callable
from typing import TypeVar

from starlette.applications import Starlette

from shared.kit.base import logs
from shared.kit.base.settings import Settings, settings
from shared.kit.process.service import Service

Built = TypeVar("Built")


def process(service: Service, kind: str, build: Callable[[Service, Settings], Built]) -> Callable[[], Built]:
    """What a server calls to make an application: logs first, then settings, then what is built of both."""

    def start() -> Built:
        logs.configure(service.name, kind)
        return build(service, settings())

    return start


def worker(service: Service, its: Settings) -> Starlette:
    """A service's worker. What it is made of is read in that process alone: the other has nothing to do with Kafka."""
    from shared.kit.process.worker import worker as made

    return made(service, its)
