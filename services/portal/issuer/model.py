"""What a sign-in that has begun must come back with. Pure."""

import base64
import hashlib
from dataclasses import dataclass


class SignInRefused(Exception):
    """The issuer's answer is not to be trusted, or the issuer refuses; `rule` says why."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


@dataclass(frozen=True)
class Pending:
    """A sign-in that has begun, and where its person wants to be afterwards."""

    state: str
    nonce: str
    verifier: str
    to: str

    @property
    def challenge(self) -> str:
        """What PKCE (RFC 7636, S256) tells the issuer before it sees the verifier."""
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")


@dataclass(frozen=True)
class Callback:
    """What the browser brings back from the issuer."""

    code: str
    state: str
    iss: str
    error: str
