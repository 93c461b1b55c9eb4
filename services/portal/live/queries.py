"""Following services for the pages that are open: a stream of each service, as the person who looks."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import httpx
import structlog
from pymongo.errors import PyMongoError

from services.portal.following import told_ids
from services.portal.reach import AWAY
from services.portal.session.model import Session
from services.portal.session.queries import Sessions
from shared.kit.base import tasks
from shared.kit.web.eventstream import HEARTBEAT_S, Mailbox
from shared.kit.web.keys import IssuerUnreachable
from shared.kit.web.problems import Refusal

STREAMS_MAX = 500
STREAMS_OF_ONE_MAX = 16
LOOKS_EVERY_S = 10.0
"""So often it is looked which sessions have ended, for all pages that are open."""
GATHERS_S, PACE_S = 0.05, 1.0
"""What changes together is told once; and what goes on changing, once in so long."""
AGAIN_S, AGAIN_MAX_S = 0.5, 10.0
REFUSED_FOR_GOOD = (400, 403, 404, 422)
WITHIN = httpx.Timeout(10, read=3 * HEARTBEAT_S)
log = structlog.get_logger()
Token = Callable[[], Awaitable[str | None]]


@dataclass(eq=False)
class Page:
    """A page that is open, and how far each service was followed for it."""

    box: Mailbox
    ids: dict[str, str]
    told_at: float = -PACE_S

    def changed(self) -> None:
        """Something on it has changed."""
        now = time.monotonic()
        wait_s = max(GATHERS_S, self.told_at + PACE_S - now)
        self.told_at = max(self.told_at, now + wait_s)
        self.box.put("", {}, told_ids(self.ids), wait_s)

    def heard(self, service: str, id_: str) -> None:
        """Up to there nothing else has changed."""
        self.ids[service] = id_
        self.box.id = told_ids(self.ids)


@dataclass(eq=False)
class Pages:
    """All pages that are open at a process."""

    clients: Mapping[str, httpx.AsyncClient]
    sessions: Callable[[], Sessions]
    _open: dict[Page, tuple[Session, list[asyncio.Task[None]]]] = field(default_factory=dict)
    _of: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How many pages a person has open, in all their sessions."""
    _watching: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._open)

    def open(self, session: Session, token: Token, asked: Sequence[str], ids: Mapping[str, str]) -> Page:
        """A page follows what it has asked for. Raises `Refusal`."""
        if len(self._open) >= STREAMS_MAX or self._of[session.iss, session.sub] >= STREAMS_OF_ONE_MAX:
            raise Refusal(503, "busy")
        queries = [(service, parse_qsl(query)) for service, _, query in (one.partition("?") for one in asked)]
        if any(service not in self.clients for service, _ in queries):
            raise Refusal(404, "no-such-page")
        page = Page(Mailbox(), dict(ids))
        follows = [asyncio.create_task(self._follow(page, service, query, token)) for service, query in queries]
        self._open[page] = session, follows
        self._of[session.iss, session.sub] += 1
        if self._watching is None:
            self._watching = asyncio.create_task(self._watch())
        return page

    def leave(self, page: Page) -> None:
        """Nobody looks at it any more."""
        if page in self._open:
            session, follows = self._open.pop(page)
            self._of[session.iss, session.sub] -= 1
            self._of += Counter()
            for one in follows:
                one.cancel()

    def end(self, session: str) -> None:
        """The pages of a session that is over are told so."""
        for page, (its, _) in self._open.items():
            if its.key == session:
                page.box.close()

    async def close(self) -> None:
        """Follow nothing any more."""
        follows = [one for _, of in self._open.values() for one in of]
        await tasks.end(*follows, *([self._watching] if self._watching else ()))
        for client in self.clients.values():
            await client.aclose()

    async def _watch(self) -> None:
        """One question for all pages, which keeps no session alive."""
        while True:
            await asyncio.sleep(LOOKS_EVERY_S)
            open_ = {session.key for session, _ in self._open.values()}
            try:
                alive = await self.sessions().alive(open_) if open_ else set()
            except PyMongoError as failed:
                log.warning("sessions-unknown", reason=failed)
                continue
            for key in open_ - alive:
                self.end(key)

    async def _follow(self, page: Page, service: str, query: Sequence[tuple[str, str]], token: Token) -> None:
        failed, missed = 0, False
        while True:
            try:
                heard = await self._stream(page, service, query, token, missed=missed)
                failed, missed = (0, missed) if heard else (failed + 1, missed)
            except (*AWAY, IssuerUnreachable, PyMongoError) as away:
                failed, missed = failed + 1, True
                log.info("following-waits", service=service, reason=type(away).__name__, in_a_row=failed)
            except _Refused as refused:
                log.warning("following-refused", service=service, status=refused.args[0])
                return
            except Exception:
                # A page whose stream is open counts on it: it is not left silent by what nobody has thought of.
                failed, missed = failed + 1, True
                log.exception("following-failed", service=service)
            await asyncio.sleep(min(AGAIN_MAX_S, AGAIN_S * 2 ** min(failed, 10)) * (0.5 + random.random()))

    async def _stream(
        self, page: Page, service: str, query: Sequence[tuple[str, str]], token: Token, *, missed: bool
    ) -> bool:
        """Whether a service could be followed, until its stream ended. Raises what is `AWAY`, and `_Refused`."""
        bearer = await token()
        if bearer is None:
            page.box.close()
            return False
        headers = {"Authorization": f"Bearer {bearer}"}
        if last := page.ids.get(service):
            headers["Last-Event-ID"] = last
        async with self.clients[service].stream(
            "GET", "/v1/changes", params=httpx.QueryParams(list(query)), headers=headers, timeout=WITHIN
        ) as answer:
            if answer.status_code in REFUSED_FOR_GOOD:
                raise _Refused(answer.status_code)
            if answer.status_code != httpx.codes.OK:
                return False
            if missed and not last:
                page.changed()
            async for line in answer.aiter_lines():
                name, _, value = line.partition(": ")
                if name == "id":
                    page.heard(service, value)
                elif name == "data":
                    page.changed()
        return True


class _Refused(Exception):
    """A service will not be followed in this way, however often it is asked."""
