"""Who a bearer token speaks for. It proves identity and nothing else; rights come from our own records."""

import math
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

import jwt
from jwt import PyJWK

from shared.kit.web.keys import IssuerUnreachable as IssuerUnreachable
from shared.kit.web.keys import Keys

ALGORITHMS = ["RS256", "ES256", "EdDSA"]
LEEWAY_S = 30
TOKEN_LIMIT = 8 * 1024
SUBJECT_LIMIT = 255
VERIFIED_MAX = 1000
ACCESS_TOKEN = ("at+jwt", "application/at+jwt")
"""RFC 9068; a media type's prefix may be left out (RFC 7515)."""
NOT_A_TOKEN = (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError)
"""A token is anybody's text until it is verified."""


class Unauthenticated(Exception):
    """The token is absent or not to be trusted; `rule` says why."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


@dataclass(frozen=True)
class Identity:
    """The issuer and the subject of a valid token."""

    iss: str
    sub: str
    until: float = field(default=math.inf, compare=False)
    """When the token expires, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class _Verified:
    """What a token said, and the key that proved it."""

    identity: Identity
    kid: str
    key: PyJWK


class Tokens:
    """Checks tokens of one pinned issuer for one audience. One that was sent before is known while the key that proved
    it is trusted, and until it expires."""

    def __init__(self, issuer: str, audience: str, keys: Keys | None = None) -> None:
        self._issuer = issuer
        self._audience = audience
        self.keys = keys or Keys(issuer)
        self._verified: OrderedDict[str, _Verified] = OrderedDict()

    async def bearer(self, authorization: str) -> Identity:
        """Whom an Authorization header speaks for. Raises `Unauthenticated`, or `IssuerUnreachable`."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("token-missing")
        return await self.identity(token.strip())

    async def identity(self, token: str) -> Identity:
        """Raises `Unauthenticated`, or `IssuerUnreachable`."""
        if len(token) > TOKEN_LIMIT:
            raise Unauthenticated("token-invalid")
        known = self._verified.get(token)
        if known and known.key is await self.keys.key(known.kid) and time.time() < known.identity.until + LEEWAY_S:
            return known.identity
        verified = await self._verify(token)
        self._verified[token] = verified
        while len(self._verified) > VERIFIED_MAX:
            self._verified.popitem(last=False)
        return verified.identity

    async def _verify(self, token: str) -> "_Verified":
        try:
            header = jwt.get_unverified_header(token)
            kid = str(header.get("kid", ""))
        except NOT_A_TOKEN as bad:
            raise Unauthenticated("token-invalid") from bad
        key = await self.keys.key(kid) if header.get("alg") in ALGORITHMS else None
        if key is None:
            raise Unauthenticated("token-invalid")
        try:
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
        except NOT_A_TOKEN as bad:
            raise Unauthenticated("token-invalid") from bad
        if str(header.get("typ", "")).lower() not in ACCESS_TOKEN and claims.get("typ") != "Bearer":
            raise Unauthenticated("token-not-access")
        return _Verified(Identity(claims["iss"], _subject(claims["sub"]), float(claims["exp"])), kid, key)


def _subject(sub: str) -> str:
    """One that can be looked up. Raises `Unauthenticated`."""
    if not 0 < len(sub) <= SUBJECT_LIMIT or not sub.isprintable():
        raise Unauthenticated("token-invalid")
    return sub
