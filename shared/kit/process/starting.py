"""How a process of a service begins, whichever of the two it is."""

from collections.abc import Callable
from typing import TypeVar

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
