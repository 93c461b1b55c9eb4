"""A stand-in for an OpenID Connect issuer, for demo instances on this machine only: it signs in anybody who knows the
demo's secret as anybody else. A real instance names its own issuer (MKD_ISSUER), such as Keycloak."""

import hmac
import json
import os
import time
from pathlib import Path
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from deploy.base.failure import Failure
from deploy.base.files import write_whole
from shared.kit.base.settings import Settings, secret

LIFETIME_S = 3600
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


def sign(pem: bytes, issuer: str, audience: str, subject: str, lifetime_s: int = LIFETIME_S) -> str:
    """An access token (RFC 9068). Tokens live by real time, whatever the business clock says."""
    now = int(time.time())
    claims = {"iss": issuer, "aud": audience, "sub": subject, "iat": now, "exp": now + lifetime_s}
    return jwt.encode(claims, pem, algorithm="ES256", headers={"kid": KEY_ID, "typ": "at+jwt"})


def issuer(settings: Settings, pem: bytes, known: str) -> Starlette:
    """The issuer as an ASGI app. Raises `Failure` for an instance that is not a demo on this machine."""
    if not (settings.demo and settings.issuer.startswith("http://127.0.0.1:")):
        raise Failure("The demo issuer serves demo instances on loopback only.", "Name a real issuer in MKD_ISSUER.")
    public = serialization.load_pem_private_key(pem, None).public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    key = {**json.loads(ECAlgorithm.to_jwk(public)), "kid": KEY_ID, "use": "sig", "alg": "ES256"}

    async def discovery(_: Request) -> JSONResponse:
        address = settings.issuer
        return JSONResponse({"issuer": address, "jwks_uri": f"{address}/jwks", "token_endpoint": f"{address}/token"})

    async def jwks(_: Request) -> JSONResponse:
        return JSONResponse({"keys": [key]})

    async def token(request: Request) -> JSONResponse:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        if not known or not hmac.compare_digest(form.get("client_secret", ""), known) or not form.get("client_id"):
            return JSONResponse({"error": "invalid_client"}, 401)
        access = sign(pem, settings.issuer, settings.audience, form["client_id"])
        return JSONResponse({"access_token": access, "token_type": "Bearer", "expires_in": LIFETIME_S})

    return Starlette(
        routes=[
            Route("/.well-known/openid-configuration", discovery),
            Route("/jwks", jwks),
            Route("/token", token, methods=["POST"]),
            Route("/readyz", discovery),
        ]
    )


def app() -> Starlette:
    """For uvicorn: the files are named by the environment of the stack."""
    pem = Path(os.environ["MKD_ISSUER_KEY_FILE"]).read_bytes()
    return issuer(Settings(), pem, secret(Path(os.environ["MKD_ISSUER_SECRET_FILE"])) or "")
