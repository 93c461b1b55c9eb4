"""Who a bearer token speaks for. It proves identity and nothing else; rights come from our own records."""

from dataclasses import dataclass
from typing import Any

import jwt

from shared.kit.web.keys import IssuerUnreachable as IssuerUnreachable
from shared.kit.web.keys import Keys

ALGORITHMS = ["RS256", "ES256", "EdDSA"]
LEEWAY_S = 30
TOKEN_LIMIT = 8 * 1024
SUBJECT_LIMIT = 255
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


class Tokens:
    """Checks tokens of one pinned issuer for one audience."""

    def __init__(self, issuer: str, audience: str, keys: Keys | None = None) -> None:
        self._issuer = issuer
        self._audience = audience
        self.keys = keys or Keys(issuer)

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
        return Identity(claims["iss"], _subject(claims["sub"]))


def _subject(sub: str) -> str:
    """One that can be looked up. Raises `Unauthenticated`."""
    if not 0 < len(sub) <= SUBJECT_LIMIT or not sub.isprintable():
        raise Unauthenticated("token-invalid")
    return sub
