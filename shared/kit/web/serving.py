"""How our processes are served: by uvicorn, with an end to what a stranger can hold open.

`python -m shared.kit.web.serving` takes what uvicorn takes, from its command line and its environment (`UVICORN_*`).
"""

import gc
import resource
from asyncio import TimerHandle
from typing import Any

from uvicorn import main
from uvicorn.config import HTTP_PROTOCOLS
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADERS_WITHIN_S = 10
CONNECTIONS_MAX = 700
"""Who comes above it is told 503 and let go."""
FILES_MAX = 8192
"""Connections of our own among them: a front holds some for each page that is open."""

GARBAGE_AFTER = 50_000
"""So many more objects than before are looked through for circles that nobody needs. A process makes ten times as many
when it starts, and keeps them: to look through them every 700, as is usual, is a sixth of what its start takes."""


class Patient(HttpToolsProtocol):
    """A connection on which the headers of a call have a time to arrive, from the moment it is open, or from the first
    byte after another call's answer. uvicorn waits for them for ever."""

    _late: TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._expect_headers()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        idle = self.cycle is None or self.cycle.response_complete
        if idle and self._late is None and not self.transport.is_closing():
            self._expect_headers()

    def on_headers_complete(self) -> None:
        self._forget()
        super().on_headers_complete()

    def shutdown(self) -> None:
        """A server that stops waits for answers that are under way: one that would go on for long is told to end."""
        if self.cycle and not self.cycle.response_complete and (part := self.scope.get("state", {}).get("part")):
            part()
        super().shutdown()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        super().connection_lost(exc)

    def _expect_headers(self) -> None:
        self._late = self.loop.call_later(HEADERS_WITHIN_S, self.transport.close)

    def _forget(self) -> None:
        if self._late:
            self._late.cancel()
            self._late = None


def serve() -> None:
    """What the command line says."""
    gc.set_threshold(GARBAGE_AFTER)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_MAX if most == resource.RLIM_INFINITY else min(FILES_MAX, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
    HTTP_PROTOCOLS["auto"] = f"{__package__}.serving:Patient"
    main(prog_name="serving", default_map={"limit_concurrency": CONNECTIONS_MAX})


if __name__ == "__main__":
    serve()
