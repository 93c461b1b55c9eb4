"""The keys of the one issuer that an instance trusts, kept at hand so that no good token waits for anybody.

They are asked for every five minutes, so that a key which the issuer lists no more is soon trusted no more; while the
issuer does not answer, those that it told of last are trusted for an hour. A key that is not known is asked for as
well: one question at a time, ten a minute at most, whoever names it, and failed ones count.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import httpx
import structlog
from jwt import PyJWK, PyJWKSet

from shared.kit.base.retries import pause_s
from shared.kit.web.limits import Pace

ASKED_EVERY_S = 300
ASKED_AGAIN_S = 15
"""At the latest, after a question that was not answered."""
TRUSTED_S = 3600
ANSWERED_WITHIN_S = 5
QUESTIONS_PER_MINUTE = 10
WAITING_MAX = 32
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "end_session_endpoint")
log = structlog.get_logger()


class IssuerUnreachable(Exception):
    """The issuer's keys cannot be had now, so that nothing can be said of a token."""


class Keys:
    """What an issuer has told of its keys, by their ids. `now` is in seconds, from any beginning."""

    def __init__(self, issuer: str, now: Callable[[], float] = time.monotonic) -> None:
        self._issuer = issuer
        self._now = now
        self._known: Mapping[str, PyJWK] = {}
        self.about: Mapping[str, str] = {}
        """Addresses of the issuer's endpoints, as it told of them last."""

        self._told_at = -float("inf")
        self._unanswered: str | None = None
        self._questions = Pace(QUESTIONS_PER_MINUTE)
        self._question: asyncio.Task[None] | None = None
        self._waiting = 0

    async def key(self, kid: str) -> PyJWK | None:
        """The key of that id: at once where it is known; none where the issuer has none. Raises
        `IssuerUnreachable`."""
        if key := self._at_hand(kid):
            return key
        if self._question or not self._questions.wait_s("unknown", self._now()):
            await self._answer()
        if (key := self._at_hand(kid)) is None and (self._unanswered or not self._known):
            raise IssuerUnreachable(self._unanswered or "not asked yet")
        return key

    async def keep(self) -> None:
        """Ask again and again, for as long as a process runs."""
        while True:
            await self.ask()
            # No retry of stamina's: those who wait for a key ask in between, and an answer is asked for again, too.
            await asyncio.sleep(pause_s(1, ASKED_AGAIN_S, ASKED_AGAIN_S) if self._unanswered else ASKED_EVERY_S)

    async def ask(self) -> None:
        """Ask now. Those who want to know at the same time share the question."""
        if self._question is None:
            self._question = asyncio.create_task(self._ask())
        await asyncio.shield(self._question)

    def _at_hand(self, kid: str) -> PyJWK | None:
        return self._known.get(kid) if self._now() - self._told_at < TRUSTED_S else None

    async def _answer(self) -> None:
        """Wait for an answer, unless many do already."""
        if self._waiting >= WAITING_MAX:
            raise IssuerUnreachable("many wait for an answer")
        self._waiting += 1
        try:
            await self.ask()
        finally:
            self._waiting -= 1

    async def _ask(self) -> None:
        try:
            async with asyncio.timeout(ANSWERED_WITHIN_S):
                self._known = await self._fetch()
            self._told_at, self._unanswered = self._now(), None
        except Exception as wrong:  # an answer may be anything, and the next question must be asked
            self._unanswered = f"{self._issuer}: {type(wrong).__name__}"
            log.warning("issuer-unreachable", reason=wrong)
        finally:
            self._question = None

    async def _fetch(self) -> Mapping[str, PyJWK]:
        """The issuer's keys, found through its discovery document (OpenID Connect Discovery 1.0). Redirects are not
        followed: what is asked is what was checked."""
        async with httpx.AsyncClient(timeout=ANSWERED_WITHIN_S, follow_redirects=False) as client:
            discovery = await client.get(f"{self._issuer}/.well-known/openid-configuration")
            about = discovery.raise_for_status().json()
            if about["issuer"] != self._issuer:
                raise ValueError("the discovery document is of another issuer")
            answer = await client.get(_as_safe(about["jwks_uri"], self._issuer))
            found = PyJWKSet.from_dict(answer.raise_for_status().json())
        self.about = {name: _as_safe(about[name], self._issuer) for name in ENDPOINTS if name in about}
        return {str(key.key_id): key for key in found.keys if key.key_id and key.public_key_use in (None, "sig")}


def _as_safe(address: str, issuer: str) -> str:
    """Keys come over TLS wherever their issuer does, and so do its other endpoints. Raises `ValueError`."""
    if urlsplit(issuer).scheme == "https" and urlsplit(address).scheme != "https":
        raise ValueError("the issuer is an https address and not all that it names is")
    return address
