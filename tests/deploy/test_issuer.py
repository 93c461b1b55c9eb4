"""The demo's issuer gives programs tokens of their own, and nobody signs in to them."""

from pathlib import Path

import httpx
import jwt
import pytest

from deploy.local.issuer import Client, issuer, make_key
from shared.kit.base.settings import Settings

ADDRESS = "http://127.0.0.1:18100"
PROGRAM = Client("dashboard", "secret-of-the-program")
PORTAL = Client("portal", "secret-of-the-portal", "https://portal.example/signed-in", "https://portal.example/")
CREDENTIALS = {"grant_type": "client_credentials"}


@pytest.fixture
def client(tmp_path: Path) -> httpx.AsyncClient:
    nowhere = "127.0.0.1:1"
    settings = Settings(
        instance="tests",
        demo=True,
        issuer=ADDRESS,
        audience="mkd",
        mongo_url=f"mongodb://{nowhere}/",
        kafka_bootstrap=nowhere,
    )
    make_key(tmp_path / "key.pem")
    app = issuer(settings, (tmp_path / "key.pem").read_bytes(), "secret-of-the-demo", [PROGRAM, PORTAL])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=ADDRESS)


async def test_a_program_is_given_tokens_of_its_own_by_its_secret(client: httpx.AsyncClient) -> None:
    by_form = CREDENTIALS | {"client_id": PROGRAM.id, "client_secret": PROGRAM.secret}
    answers = [
        await client.post("/token", data=by_form),
        await client.post("/token", data=CREDENTIALS, auth=(PROGRAM.id, PROGRAM.secret)),
    ]
    for answer in answers:
        told = jwt.decode(answer.json()["access_token"], options={"verify_signature": False})
        assert (told["sub"], told["aud"], told["iss"]) == ("dashboard", "mkd", ADDRESS)
        assert "refresh_token" not in answer.json()


async def test_nobody_else_is(client: httpx.AsyncClient) -> None:
    for told, error in (
        ({"client_id": PROGRAM.id, "client_secret": "guessed"}, "invalid_client"),
        ({"client_id": PROGRAM.id}, "invalid_client"),
        ({"client_id": PORTAL.id, "client_secret": PORTAL.secret}, "unauthorized_client"),
        ({"client_id": "anybody", "client_secret": PROGRAM.secret}, "invalid_client"),
    ):
        answer = await client.post("/token", data=CREDENTIALS | told)
        assert (answer.status_code >= 400, answer.json()) == (True, {"error": error}), told


async def test_nobody_signs_in_to_a_program(client: httpx.AsyncClient) -> None:
    asked = {"client_id": PROGRAM.id, "redirect_uri": "", "response_type": "code", "scope": "openid"}
    asked |= {"code_challenge_method": "S256", "code_challenge": "x" * 43}
    for answer in (
        await client.get("/authorize", params=asked),
        await client.post("/authorize", data=asked | {"subject": "ani"}),
    ):
        assert answer.status_code == 400
        assert "location" not in answer.headers
