"""The keys of tokens: a known one is never waited for, a new one is soon known, and a withdrawn one soon is not."""

import asyncio
import json
import time
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from shared.kit.web import keys
from shared.kit.web.auth import LEEWAY_S, Identity, Tokens, Unauthenticated
from shared.kit.web.keys import IssuerUnreachable, Keys

ISSUER = "https://sso.example/realms/mkd"


class Issuer:
    """One whose keys and answers are as a test wants them."""

    def __init__(self) -> None:
        self.keys = {"old": ec.generate_private_key(ec.SECP256R1())}
        self.hangs = False
        self.asked = 0
        self.now_s = 0.0
        self.jwks_uri = f"{ISSUER}/jwks"
        self.name = ISSUER
        self.answer: Response | None = None

    def app(self) -> Starlette:
        async def discovery(_: Request) -> Response:
            self.asked += 1
            if self.hangs:
                await asyncio.sleep(60)
            return JSONResponse({"issuer": self.name, "jwks_uri": self.jwks_uri})

        async def jwks(_: Request) -> Response:
            shown = [json.loads(ECAlgorithm.to_jwk(key.public_key())) | {"kid": kid} for kid, key in self.keys.items()]
            return self.answer or JSONResponse({"keys": shown})

        at = "/realms/mkd"
        return Starlette(routes=[Route(f"{at}/.well-known/openid-configuration", discovery), Route(f"{at}/jwks", jwks)])

    def token(self, kid: str, header: dict[str, Any] | None = None, **claims: Any) -> str:
        now = int(time.time())
        said = {"iss": ISSUER, "aud": "tests", "sub": "somebody", "iat": now, "exp": now + 60} | claims
        key = self.keys.get(kid, next(iter(self.keys.values())))
        return jwt.encode(said, key, algorithm="ES256", headers={"kid": kid, "typ": "at+jwt"} | (header or {}))


@pytest.fixture
def issuer(monkeypatch: pytest.MonkeyPatch) -> Issuer:
    one = Issuer()
    client = httpx.AsyncClient

    def asking(**how: Any) -> httpx.AsyncClient:
        return client(**how, transport=httpx.ASGITransport(app=one.app()))

    monkeypatch.setattr(httpx, "AsyncClient", asking)
    monkeypatch.setattr(keys, "ANSWERED_WITHIN_S", 0.3)
    return one


@pytest.fixture
def tokens(issuer: Issuer) -> Tokens:
    return Tokens(ISSUER, "tests", Keys(ISSUER, now=lambda: issuer.now_s))


async def test_a_known_key_never_waits_for_a_question(issuer: Issuer, tokens: Tokens) -> None:
    await tokens.identity(issuer.token("old"))
    issuer.hangs = True
    strangers = [asyncio.create_task(tokens.identity(issuer.token(f"made-up-{n}"))) for n in range(20)]
    asking = asyncio.create_task(tokens.keys.ask())
    await asyncio.sleep(0.05)
    began = time.monotonic()
    assert await tokens.identity(issuer.token("old")) == Identity(ISSUER, "somebody")
    assert time.monotonic() - began < 0.1
    refused = await asyncio.gather(*strangers, return_exceptions=True)
    assert {type(one) for one in refused} <= {IssuerUnreachable, Unauthenticated}
    await asking
    assert issuer.asked < 5, "those who want to know at the same time share one question"


async def test_questions_without_an_answer_count(issuer: Issuer, tokens: Tokens) -> None:
    issuer.hangs = True
    for number in range(keys.QUESTIONS_PER_MINUTE + 5):
        began = time.monotonic()
        with pytest.raises(IssuerUnreachable):
            await tokens.identity(issuer.token(f"made-up-{number}"))
    assert issuer.asked == keys.QUESTIONS_PER_MINUTE
    assert time.monotonic() - began < 0.1, "who may not ask does not wait either"
    issuer.hangs = False
    issuer.now_s += 60 / keys.QUESTIONS_PER_MINUTE
    await tokens.identity(issuer.token("old"))


async def test_made_up_key_ids_do_not_keep_a_new_key_out(issuer: Issuer, tokens: Tokens) -> None:
    for number in range(100):
        with pytest.raises(Unauthenticated):
            await tokens.identity(issuer.token(f"made-up-{number}"))
    assert issuer.asked <= keys.QUESTIONS_PER_MINUTE
    issuer.keys["new"] = ec.generate_private_key(ec.SECP256R1())
    issuer.now_s += 60 / keys.QUESTIONS_PER_MINUTE
    await tokens.identity(issuer.token("new"))


async def test_a_key_that_the_issuer_withdraws_is_soon_not_trusted(
    issuer: Issuer, tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "ASKED_EVERY_S", 0.05)
    keeping = asyncio.create_task(tokens.keys.keep())
    await tokens.identity(issuer.token("old"))
    stolen = issuer.token("old")
    issuer.keys = {"new": ec.generate_private_key(ec.SECP256R1())}
    await asyncio.sleep(0.3)
    with pytest.raises(Unauthenticated):
        await tokens.identity(stolen)
    await tokens.identity(issuer.token("new"))
    keeping.cancel()


async def test_a_token_that_was_taken_before_ends_when_it_expires_and_with_its_key(
    issuer: Issuer, tokens: Tokens
) -> None:
    ends = issuer.token("old", exp=int(time.time()) - LEEWAY_S + 2)
    lasts = issuer.token("old")
    for token in (ends, lasts, ends, lasts):
        await tokens.identity(token)
    await asyncio.sleep(2.1)
    with pytest.raises(Unauthenticated) as refused:
        await tokens.identity(ends)
    assert refused.value.rule == "token-expired"
    issuer.keys = {"old": ec.generate_private_key(ec.SECP256R1())}
    await tokens.keys.ask()
    with pytest.raises(Unauthenticated):
        await tokens.identity(lasts)


async def test_known_keys_are_trusted_for_an_hour_without_an_answer(issuer: Issuer, tokens: Tokens) -> None:
    await tokens.identity(issuer.token("old"))
    issuer.hangs = True
    await tokens.keys.ask()
    issuer.now_s += keys.TRUSTED_S - 1
    await tokens.identity(issuer.token("old"))
    issuer.now_s += 2
    with pytest.raises(IssuerUnreachable):
        await tokens.identity(issuer.token("old"))
    issuer.hangs = False
    issuer.now_s += 60
    await tokens.identity(issuer.token("old"))


@pytest.mark.parametrize("wrong", ["http keys", "another issuer", "redirected keys", "no list", "not JSON"])
async def test_keys_that_are_not_surely_the_issuers_are_not_taken(issuer: Issuer, tokens: Tokens, wrong: str) -> None:
    match wrong:
        case "http keys":
            issuer.jwks_uri = issuer.jwks_uri.replace("https", "http")
        case "another issuer":
            issuer.name = "https://sso.example/realms/other"
        case "redirected keys":
            issuer.answer = RedirectResponse("http://sso.example/realms/mkd/jwks")
        case "no list":
            issuer.answer = JSONResponse([])
        case "not JSON":
            issuer.answer = Response(b"\xff")
    with pytest.raises(IssuerUnreachable):
        await tokens.identity(issuer.token("old"))


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "application/at+jwt", "Application/AT+jwt"])
async def test_an_access_token_says_so_in_any_of_the_ways_that_it_may(typ: str, issuer: Issuer, tokens: Tokens) -> None:
    await tokens.identity(issuer.token("old", {"typ": typ}))


@pytest.mark.parametrize("typ", ["JWT", "application/jwt", "at+jwt;x", ""])
async def test_others_are_not_taken_for_one(typ: str, issuer: Issuer, tokens: Tokens) -> None:
    with pytest.raises(Unauthenticated, match="token-not-access"):
        await tokens.identity(issuer.token("old", {"typ": typ}))


HOSTILE: dict[str, dict[str, Any]] = {
    "surrogate": {"sub": "\ud800"},
    "nul": {"sub": "a\x00b"},
    "long": {"sub": "x" * 300},
    "empty": {"sub": ""},
    "number": {"sub": 7},
    "far": {"exp": 10**30},
    "list": {"iss": [ISSUER]},
    "object": {"aud": {"tests": 1}},
}


@pytest.mark.parametrize("kind", HOSTILE)
async def test_no_claim_breaks_what_reads_it(kind: str, issuer: Issuer, tokens: Tokens) -> None:
    said = {"iss": ISSUER, "aud": "tests", "sub": "somebody", "iat": 1, "exp": 2**33} | HOSTILE[kind]
    header = {"kid": "old", "typ": "at+jwt"}
    token = jwt.api_jws.PyJWS().encode(json.dumps(said).encode(), issuer.keys["old"], algorithm="ES256", headers=header)
    if kind == "far":
        assert (await tokens.identity(token)).sub == "somebody"
    else:
        with pytest.raises(Unauthenticated):
            await tokens.identity(token)


@pytest.mark.parametrize(
    "head", [b"[" * 5000, b"{}", b"[]", b"null", b'{"alg": ["ES256"]}', b'{"alg":"ES256","kid":[]}']
)
async def test_no_header_breaks_what_reads_it(head: bytes, issuer: Issuer, tokens: Tokens) -> None:
    await tokens.identity(issuer.token("old"))
    token = f"{jwt.utils.base64url_encode(head).decode()}.e30.e30"
    with pytest.raises(Unauthenticated):
        await tokens.identity(token)
