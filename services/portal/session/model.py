"""A session, and when it is over. Pure: the time is given."""

import base64
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

RENEWED_BEFORE = timedelta(seconds=30)
"""So long before it expires a token is renewed."""
NOTED_EVERY = timedelta(minutes=1)
"""So often it is written down that a session is in use."""


@dataclass(frozen=True)
class Tokens:
    """What the issuer gave for a person."""

    access: str
    access_until: datetime
    refresh: str | None
    id_token: str


@dataclass(frozen=True)
class Limits:
    """How long a session lasts: without a call, and at all."""

    idle: timedelta
    longest: timedelta


@dataclass(frozen=True)
class Session:
    """Somebody who is signed in. `key` is the hash of what the cookie holds."""

    key: str
    iss: str
    sub: str
    tokens: Tokens
    csrf: bytes
    begun_at: datetime
    seen_at: datetime

    def ends_at(self, limits: Limits) -> datetime:
        return min(self.seen_at + limits.idle, self.begun_at + limits.longest)

    def wants_renewal(self, now: datetime) -> bool:
        return self.tokens.access_until - RENEWED_BEFORE <= now

    def wants_noting(self, now: datetime) -> bool:
        return now - self.seen_at >= NOTED_EVERY


def masked(secret: bytes, pad: bytes) -> str:
    """A secret as a page shows it: other text each time, so that compressed pages tell nothing of it (BREACH)."""
    hidden = bytes(one ^ other for one, other in zip(secret, pad, strict=True))
    return base64.urlsafe_b64encode(pad + hidden).decode()


def is_masked(sent: str, secret: bytes) -> bool:
    """Whether what was sent is the secret under some mask."""
    try:
        raw = base64.urlsafe_b64decode(sent.encode("ascii"))
    except ValueError:
        return False
    pad, hidden = raw[: len(secret)], raw[len(secret) :]
    if len(hidden) != len(secret):
        return False
    return hmac.compare_digest(bytes(one ^ other for one, other in zip(hidden, pad, strict=True)), secret)
