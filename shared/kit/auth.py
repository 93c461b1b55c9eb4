"""Who a bearer token speaks for. It proves identity and nothing else; rights come from our own records."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import httpx
import jwt
from jwt import PyJWK, PyJWKSet

ALGORITHMS = ["RS256", "ES256", "EdDSA"]
LEEWAY_S = 30
REFRESH_S = 60
TOKEN_LIMIT = 8 * 1024


class Unauthenticated(Exception):
    """The token is absent or not to be trusted; `rule` says why."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


class IssuerUnreachable(Exception):
    """The issuer's keys cannot be had now, so that nothing can be said of the token."""


@dataclass(frozen=True)
class Identity:
    """The issuer and the subject of a valid token."""

    iss: str
    sub: str


class Tokens:
    """Checks tokens of one pinned issuer for one audience. Keys are fetched when an unknown one is named, and at most
    once a minute, so that a flood of made-up key ids costs nothing."""

    def __init__(self, issuer: str, audience: str) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys: dict[str, PyJWK] = {}
        self._asked_at = -float(REFRESH_S)
        self._asking = asyncio.Lock()

    async def identity(self, token: str) -> Identity:
        """Raises `Unauthenticated`, or `IssuerUnreachable`."""
        if len(token) > TOKEN_LIMIT:
            raise Unauthenticated("token-invalid")
        try:
            header = jwt.get_unverified_header(token)
            key = await self._key(str(header.get("kid", "")))
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=ALGORITHMS,
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY_S,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except jwt.ExpiredSignatureError as expired:
            raise Unauthenticated("token-expired") from expired
        except jwt.PyJWTError as bad:
            raise Unauthenticated("token-invalid") from bad
        is_access_token = str(header.get("typ", "")).lower() == "at+jwt" or claims.get("typ") == "Bearer"
        if not is_access_token:
            raise Unauthenticated("token-not-access")
        return Identity(claims["iss"], claims["sub"])

    async def _key(self, kid: str) -> PyJWK:
        async with self._asking:
            if kid not in self._keys and time.monotonic() - self._asked_at >= REFRESH_S:
                self._keys = await self._fetch()
                self._asked_at = time.monotonic()
        try:
            return self._keys[kid]
        except KeyError:
            raise Unauthenticated("token-invalid") from None

    async def _fetch(self) -> dict[str, PyJWK]:
        """The issuer's keys, found through its discovery document (OpenID Connect Discovery 1.0)."""
        try:
            async with httpx.AsyncClient(timeout=5) as client:
                discovery = await client.get(f"{self._issuer}/.well-known/openid-configuration")
                keys = await client.get(discovery.raise_for_status().json()["jwks_uri"])
                found = PyJWKSet.from_dict(keys.raise_for_status().json())
        except (httpx.HTTPError, ValueError, KeyError, jwt.PyJWKSetError) as wrong:
            raise IssuerUnreachable(f"{self._issuer}: {wrong!r}") from wrong
        return {str(key.key_id): key for key in found.keys if key.key_id}
