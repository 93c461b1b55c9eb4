"""How the player calls the APIs: as one person at a time, with that person's token, and with patience."""

import asyncio
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

TRIES = 60
TOO_MANY = 429
UNSURE = (httpx.TransportError,)


class GivenUp(Exception):
    """An API answered nothing useful for too long."""


@dataclass
class Apis:
    """Where the services answer, and where tokens come from; a client for each."""

    clients: Mapping[str, httpx.AsyncClient]
    tokens: "Tokens"
    retries: int = 0

    async def get(self, who: str, service: str, path: str, **params: Any) -> httpx.Response:
        """Read. Tried again while the service is away."""
        return await self._call(who, service, "GET", path, params=params)

    async def every(self, who: str, service: str, path: str, **params: Any) -> list[dict[str, Any]]:
        """Every item of a list, page by page."""
        items: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            answer = await self.get(who, service, path, limit=200, **params, **cursor)
            page = answer.raise_for_status().json()
            items += page["items"]
            if not page["next_cursor"]:
                return items
            cursor = {"cursor": page["next_cursor"]}

    async def post(
        self, who: str, service: str, path: str, body: Any = None, *, seen: int | None = None, **extra: Any
    ) -> httpx.Response:
        """A command with an Idempotency-Key of its own: sent again, with that key, until it is answered."""
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        if seen is not None:
            headers["If-Match"] = f'"{seen}"'
        headers |= extra.pop("headers", {})
        return await self._call(who, service, "POST", path, json=body, headers=headers, **extra)

    async def _call(self, who: str, service: str, method: str, path: str, **how: Any) -> httpx.Response:
        headers = how.pop("headers", {})
        for attempt in range(TRIES):
            try:
                authorised = headers | {"Authorization": f"Bearer {await self.tokens.of(who)}"}
                answer = await self.clients[service].request(method, path, headers=authorised, **how)
            except UNSURE:
                answer = None
            if answer is not None and answer.status_code < 500 and answer.status_code != TOO_MANY:
                return answer
            self.retries += 1
            asked_to_wait_s = float(answer.headers.get("Retry-After", 0)) if answer is not None else 0.0
            await asyncio.sleep(max(asked_to_wait_s, min(0.05 * 2**attempt, 2)))
        raise GivenUp(f"{method} {service}{path}: no answer after {TRIES} tries")


@dataclass
class Tokens:
    """Tokens of the demo issuer, one for each subject, kept for half of their life."""

    client: httpx.AsyncClient
    secret: str
    _kept: dict[str, tuple[str, float]] = field(default_factory=dict)

    async def of(self, subject: str) -> str:
        """The subject's token."""
        token, good_until = self._kept.get(subject, ("", 0.0))
        if time.monotonic() >= good_until:
            form = {"grant_type": "client_credentials", "client_id": subject, "client_secret": self.secret}
            asked_at = time.monotonic()
            told = (await self.client.post("/token", data=form)).raise_for_status().json()
            token = told["access_token"]
            self._kept[subject] = token, asked_at + told["expires_in"] / 2
        return token
