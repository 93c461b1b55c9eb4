"""Asking all services how they stand."""

import asyncio
from dataclasses import dataclass

from services.portal.operation.model import State
from services.portal.reach import Asker, Lacking, Reach, part


@dataclass(frozen=True)
class Said:
    """How a service stands, or that it does not say."""

    service: str
    state: State | Lacking

    @property
    def known(self) -> State | None:
        return None if isinstance(self.state, Lacking) else self.state


async def states(reach: Reach, who: Asker) -> list[Said]:
    """How each service stands, in the order in which the instance names them."""

    async def one(service: str) -> Said:
        read = await part(reach.get(who, service, "/v1/operation", State))
        return Said(service, read if isinstance(read, Lacking) else read.value)

    return list(await asyncio.gather(*(one(service) for service in reach.services)))
