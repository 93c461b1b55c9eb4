"""Signing in at the issuer: OpenID Connect's authorization code with PKCE, renewal, and the end of its session."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
import jwt
from pydantic import BaseModel, ConfigDict, ValidationError

from services.portal.issuer.model import Pending, SignInRefused
from services.portal.issuer.rules import check_nonce, check_parties
from services.portal.session.model import Tokens
from shared.kit.web.auth import ALGORITHMS, LEEWAY_S, NOT_A_TOKEN, Identity
from shared.kit.web.keys import IssuerUnreachable, Keys

ANSWERED_WITHIN_S = 10
REQUIRED = ["exp", "iat", "iss", "aud", "sub"]


class Told(BaseModel):
    """What the token endpoint answers."""

    model_config = ConfigDict(extra="ignore")

    access_token: str
    expires_in: int = 300
    refresh_token: str | None = None
    id_token: str | None = None


class Claims(BaseModel):
    """What an id token says."""

    model_config = ConfigDict(extra="ignore")

    sub: str
    aud: str | list[str]
    nonce: str = ""
    azp: str = ""

    @property
    def parties(self) -> tuple[str, ...]:
        return (self.aud,) if isinstance(self.aud, str) else tuple(self.aud)


def begin(to: str) -> Pending:
    """A sign-in of its own."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return Pending(state, nonce, verifier, to)


class Issuer:
    """The issuer that an instance trusts, for a client with a secret."""

    def __init__(self, keys: Keys, address: str, client_id: str, client_secret: str, callback: str) -> None:
        self._keys = keys
        self._address = address
        self._id = client_id
        self._sign_in = httpx.BasicAuth(client_id, client_secret)
        self._callback = callback

    async def address(self, pending: Pending, language: str) -> str:
        """Where a browser signs in. Raises `IssuerUnreachable`."""
        asked = {
            "response_type": "code",
            "client_id": self._id,
            "redirect_uri": self._callback,
            "scope": "openid",
            "state": pending.state,
            "nonce": pending.nonce,
            "code_challenge": pending.challenge,
            "code_challenge_method": "S256",
            "ui_locales": language,
        }
        return f"{await self._endpoint('authorization_endpoint')}?{urlencode(asked)}"

    async def finish(self, pending: Pending, code: str) -> tuple[Identity, Tokens]:
        """Who has signed in, and their tokens. Raises `SignInRefused`, or `IssuerUnreachable`."""
        told = await self._ask(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self._callback,
                "code_verifier": pending.verifier,
            }
        )
        claims = await self._claims(told.id_token or "")
        check_nonce(pending, claims.nonce)
        return Identity(self._address, claims.sub), _tokens(told, told.id_token or "", None)

    async def renew(self, held: Tokens) -> Tokens:
        """Tokens anew. Raises `SignInRefused` where the issuer gives none, or `IssuerUnreachable`."""
        if held.refresh is None:
            raise SignInRefused("sign-in-over")
        told = await self._ask({"grant_type": "refresh_token", "refresh_token": held.refresh})
        return _tokens(told, told.id_token or held.id_token, held.refresh)

    async def end(self, held: Tokens, back: str) -> str | None:
        """Where a browser ends its session at the issuer; none where the issuer offers nothing of the kind."""
        try:
            end = await self._endpoint("end_session_endpoint")
        except IssuerUnreachable:
            return None
        asked = {"id_token_hint": held.id_token, "client_id": self._id, "post_logout_redirect_uri": back}
        return f"{end}?{urlencode(asked)}"

    async def _endpoint(self, name: str) -> str:
        if name not in self._keys.about:
            await self._keys.ask()
        if name not in self._keys.about:
            raise IssuerUnreachable(f"{self._address} does not tell its {name}")
        return self._keys.about[name]

    async def _ask(self, form: Mapping[str, str]) -> Told:
        endpoint = await self._endpoint("token_endpoint")
        try:
            async with httpx.AsyncClient(timeout=ANSWERED_WITHIN_S, follow_redirects=False) as client:
                answer = await client.post(endpoint, data=dict(form), auth=self._sign_in)
            if answer.status_code != httpx.codes.OK:
                raise SignInRefused("sign-in-over" if form["grant_type"] == "refresh_token" else "sign-in-refused")
            return Told.model_validate_json(answer.content)
        except ValidationError as strange:
            raise SignInRefused("sign-in-refused") from strange
        except httpx.HTTPError as away:
            raise IssuerUnreachable(f"{self._address}: {type(away).__name__}") from away

    async def _claims(self, token: str) -> Claims:
        """What an id token says that was made for us."""
        try:
            header = jwt.get_unverified_header(token)
            key = await self._keys.key(str(header.get("kid", ""))) if header.get("alg") in ALGORITHMS else None
            if key is None:
                raise SignInRefused("sign-in-refused")
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=ALGORITHMS,
                audience=self._id,
                issuer=self._address,
                leeway=LEEWAY_S,
                options={"require": REQUIRED},
            )
        except NOT_A_TOKEN as bad:
            raise SignInRefused("sign-in-refused") from bad
        said = Claims.model_validate(claims)
        check_parties(said.parties, said.azp, self._id)
        return said


def _tokens(told: Told, id_token: str, refresh: str | None) -> Tokens:
    until = datetime.now(UTC) + timedelta(seconds=told.expires_in)
    return Tokens(told.access_token, until, told.refresh_token or refresh, id_token)
