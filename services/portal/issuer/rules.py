"""What an issuer's answer must satisfy. Pure."""

import hmac
from urllib.parse import urlsplit

from services.portal.issuer.model import Callback, Pending, SignInRefused

HOME = "/today"


def check_callback(pending: Pending | None, said: Callback, issuer: str) -> Pending:
    """The sign-in that a callback belongs to. An answer of another issuer is refused wherever it says so (RFC 9207).
    Raises `SignInRefused`."""
    if pending is None or not said.state or not hmac.compare_digest(said.state.encode(), pending.state.encode()):
        raise SignInRefused("sign-in-not-begun")
    if said.iss and said.iss != issuer:
        raise SignInRefused("sign-in-of-another-issuer")
    if said.error or not said.code:
        raise SignInRefused("sign-in-refused")
    return pending


def check_nonce(pending: Pending, nonce: str) -> None:
    """Raises `SignInRefused` for a token that was made for another sign-in."""
    if not hmac.compare_digest(nonce.encode(), pending.nonce.encode()):
        raise SignInRefused("sign-in-not-begun")


def check_parties(audience: tuple[str, ...], authorised: str, client_id: str) -> None:
    """Raises `SignInRefused` for a token that was made for several, and for another first of all."""
    if len(audience) > 1 and authorised != client_id:
        raise SignInRefused("sign-in-refused")


def within(address: str) -> str:
    """A path of our own to return to; the first page where it is anything else."""
    parts = urlsplit(address)
    own = not parts.scheme and not parts.netloc and parts.path.startswith("/") and not parts.path.startswith("//")
    return address if own and "\\" not in address and address.isprintable() and " " not in address else HOME
