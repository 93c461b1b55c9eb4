"""A stand-in for an OpenID Connect issuer, for demo instances on this machine only: it signs in anybody who knows the
demo's secret as anybody else, and whoever sits at this machine as whom they pick. A real instance names its own issuer
(MKD_ISSUER), such as Keycloak."""

import base64
import hashlib
import hmac
import json
import os
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from deploy.base.failure import Failure
from deploy.base.files import write_whole
from deploy.local import picker
from deploy.local.picker import Part
from shared.kit.base.settings import Settings, secret

LIFETIME_S = 3600
CODE_S = 60
"""How long a browser may take to bring a code to its client, and the client to use it."""
KEY_ID = "demo"


def make_key(file: Path) -> None:
    """A new signing key, where there is none that can be read; readable by this user alone."""
    if not _is_key(file):
        pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        write_whole(file, pem)


def _is_key(file: Path) -> bool:
    try:
        serialization.load_pem_private_key(file.read_bytes(), None)
    except (FileNotFoundError, ValueError):
        return False
    return True


@dataclass(frozen=True)
class Client:
    """A client that people sign in to: where it takes a code, and where it wants a browser after a sign-out. One that
    names neither is a program, which is given tokens of its own."""

    id: str
    secret: str
    callback: str = ""
    afterwards: str = ""

    @property
    def is_program(self) -> bool:
        return not self.callback


@dataclass(frozen=True)
class _Grant:
    """A sign-in that a code or a refresh token stands for."""

    client: Client
    challenge: str
    nonce: str
    subject: str
    sid: str
    until: float


@dataclass
class _Grants:
    """What has been given. A process that begins again has forgotten it, and everybody signs in anew."""

    codes: dict[str, _Grant] = field(default_factory=dict)
    refreshes: dict[str, _Grant] = field(default_factory=dict)


def sign(pem: bytes, issuer: str, audience: str, subject: str, lifetime_s: int = LIFETIME_S) -> str:
    """An access token (RFC 9068). Tokens live by real time, whatever the business clock says."""
    return _signed(pem, {"iss": issuer, "aud": audience, "sub": subject}, "at+jwt", lifetime_s)


def _signed(pem: bytes, claims: Mapping[str, Any], typ: str, lifetime_s: int = LIFETIME_S) -> str:
    now = int(time.time())
    said = {**claims, "iat": now, "exp": now + lifetime_s}
    return jwt.encode(said, pem, algorithm="ES256", headers={"kid": KEY_ID, "typ": typ})


class _Issuer:
    """Its endpoints."""

    def __init__(
        self, settings: Settings, pem: bytes, known: str, clients: Sequence[Client], cast: Callable[[], Sequence[Part]]
    ) -> None:
        public = serialization.load_pem_private_key(pem, None).public_key()
        assert isinstance(public, ec.EllipticCurvePublicKey)
        self._public = public
        self._pem = pem
        self._address = settings.issuer
        self._audience = settings.audience
        self._known = known
        self._clients = {client.id: client for client in clients}
        self._cast = cast
        self._grants = _Grants()

    async def discovery(self, _: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self._address,
                "jwks_uri": f"{self._address}/jwks",
                "token_endpoint": f"{self._address}/token",
                "authorization_endpoint": f"{self._address}/authorize",
                "end_session_endpoint": f"{self._address}/end-session",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "scopes_supported": ["openid"],
                "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
                "id_token_signing_alg_values_supported": ["ES256"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
                "authorization_response_iss_parameter_supported": True,
            }
        )

    async def jwks(self, _: Request) -> Response:
        key = {**json.loads(ECAlgorithm.to_jwk(self._public)), "kid": KEY_ID, "use": "sig", "alg": "ES256"}
        return JSONResponse({"keys": [key]})

    async def authorize(self, request: Request) -> Response:
        """Show who can be picked; or, once somebody is, send the browser back with a code."""
        given = dict(request.query_params) if request.method == "GET" else await _form(request)
        client = self._clients.get(given.get("client_id", ""))
        if client is None or client.is_program or given.get("redirect_uri") != client.callback:
            return picker.refused()
        if not _is_asked_well(given):
            return picker.refused()
        parts = self._cast()
        if request.method == "GET":
            return picker.page(given, parts, client.callback)
        subject = given.get("subject", "").strip()
        if not subject or (parts and subject not in {part.subject for part in parts}):
            return picker.refused()
        code, sid = secrets.token_urlsafe(32), secrets.token_urlsafe(16)
        self._grants.codes[code] = _Grant(
            client, given["code_challenge"], given.get("nonce", ""), subject, sid, time.time() + CODE_S
        )
        back = {"code": code, "state": given.get("state", ""), "iss": self._address}
        return RedirectResponse(f"{client.callback}?{urlencode(back)}", 303, {"Cache-Control": "no-store"})

    async def token(self, request: Request) -> Response:
        form = await _form(request)
        client = _authenticated(request, form, self._clients)
        if form.get("grant_type", "client_credentials") == "client_credentials":
            return self._of_its_own(form, client)
        if client is None:
            return _wrong("invalid_client", 401)
        grant = _grant(self._grants, form)
        if grant is None or grant.client != client:
            return _wrong("invalid_grant")
        refresh = secrets.token_urlsafe(32)
        self._grants.refreshes[refresh] = grant
        said = {"iss": self._address, "aud": client.id, "sub": grant.subject, "nonce": grant.nonce, "sid": grant.sid}
        return self._tokens(grant.subject, refresh_token=refresh, id_token=_signed(self._pem, said, "JWT"))

    def _of_its_own(self, form: Mapping[str, str], client: Client | None) -> Response:
        """For a program a token of its own (RFC 6749, 4.4); for who knows the demo's secret, one of anybody."""
        if client and client.is_program:
            return self._tokens(client.id)
        if client or not self._is_known(form.get("client_secret", "")) or not form.get("client_id"):
            return _wrong("unauthorized_client" if client else "invalid_client", 400 if client else 401)
        return self._tokens(form["client_id"])

    async def end_session(self, request: Request) -> Response:
        """Forget a sign-in, and send the browser where its client wants it."""
        given = request.query_params
        options: Any = {"verify_exp": False, "verify_aud": False}
        try:
            hint = jwt.decode(
                given.get("id_token_hint", ""), self._public, ["ES256"], options=options, issuer=self._address
            )
        except jwt.PyJWTError:
            return picker.refused()
        left = {name: one for name, one in self._grants.refreshes.items() if one.sid != hint.get("sid")}
        self._grants.refreshes = left
        client = self._clients.get(str(hint.get("aud")))
        if client is None or given.get("post_logout_redirect_uri") != client.afterwards:
            return picker.refused()
        return RedirectResponse(client.afterwards, 303, {"Cache-Control": "no-store"})

    def _is_known(self, secret: str) -> bool:
        return bool(self._known) and hmac.compare_digest(secret, self._known)

    def _tokens(self, subject: str, **more: str) -> Response:
        access = sign(self._pem, self._address, self._audience, subject)
        said = {"access_token": access, "token_type": "Bearer", "expires_in": LIFETIME_S, **more}
        return JSONResponse(said, headers={"Cache-Control": "no-store"})


def issuer(
    settings: Settings,
    pem: bytes,
    known: str,
    clients: Sequence[Client] = (),
    cast: Callable[[], Sequence[Part]] = tuple,
) -> Starlette:
    """The issuer as an ASGI app; it reads the cast anew for each sign-in. Raises `Failure` for an instance that is not
    a demo on this machine."""
    if not (settings.demo and settings.issuer.startswith("http://127.0.0.1:")):
        raise Failure("The demo issuer serves demo instances on loopback only.", "Name a real issuer in MKD_ISSUER.")
    its = _Issuer(settings, pem, known, clients, cast)
    return Starlette(
        routes=[
            Route("/.well-known/openid-configuration", its.discovery),
            Route("/jwks", its.jwks),
            Route("/authorize", its.authorize, methods=["GET", "POST"]),
            Route("/token", its.token, methods=["POST"]),
            Route("/end-session", its.end_session),
            Route("/readyz", its.discovery),
        ]
    )


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))


def _wrong(error: str, status: int = 400) -> Response:
    return JSONResponse({"error": error}, status, headers={"Cache-Control": "no-store"})


def _is_asked_well(given: Mapping[str, str]) -> bool:
    """For a code, with PKCE by S256 (RFC 7636), by OpenID Connect."""
    openid = "openid" in given.get("scope", "").split()
    challenged = given.get("code_challenge_method") == "S256" and len(given.get("code_challenge", "")) == 43
    return openid and challenged and given.get("response_type") == "code"


def _authenticated(request: Request, form: Mapping[str, str], clients: Mapping[str, Client]) -> Client | None:
    scheme, _, said = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        name, _, told = base64.b64decode(said).decode().partition(":")
    else:
        name, told = form.get("client_id", ""), form.get("client_secret", "")
    client = clients.get(name)
    return client if client and hmac.compare_digest(client.secret, told) else None


def _grant(grants: _Grants, form: Mapping[str, str]) -> _Grant | None:
    """What a code or a refresh token stands for; either is good once."""
    if form.get("grant_type") == "refresh_token":
        return grants.refreshes.pop(form.get("refresh_token", ""), None)
    grant = grants.codes.pop(form.get("code", ""), None)
    proof = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).decode()
    if grant is None or grant.until < time.time() or form.get("redirect_uri") != grant.client.callback:
        return None
    return grant if hmac.compare_digest(proof.rstrip("="), grant.challenge) else None


def app() -> Starlette:
    """For uvicorn: the files are named by the environment of the stack."""
    pem = Path(os.environ["MKD_ISSUER_KEY_FILE"]).read_bytes()
    known = secret(Path(os.environ["MKD_ISSUER_SECRET_FILE"])) or ""
    file = os.environ.get("MKD_ISSUER_CLIENTS_FILE")
    clients = [Client(**one) for one in json.loads(Path(file).read_text())] if file else _told()
    return issuer(Settings(), pem, known, clients, lambda: picker.cast_in(os.environ.get("MKD_ISSUER_CAST_FILE")))


def _told() -> list[Client]:
    """The client that the environment names, as the portal itself is told of it; none where it names none."""
    its, address = os.environ.get("MKD_CLIENT_SECRET_FILE"), os.environ.get("MKD_PUBLIC_URL", "")
    known = secret(Path(its)) or "" if its else ""
    name = os.environ.get("MKD_CLIENT_ID", "portal")
    return [Client(name, known, f"{address}/signed-in", f"{address}/")] if known and address else []
