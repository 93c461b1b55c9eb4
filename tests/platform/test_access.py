"""Who may do what: nobody without a token, nobody on their own behalf, nobody in another's record."""

import base64
import hashlib
import hmac
import json
import time
from datetime import date
from typing import Any

import httpx
import jwt
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure

from deploy.local import mongod
from deploy.local.issuer import KEY_ID
from shared.kit.messaging.kafka import client_security
from tests.harness.parts import Parts
from tests.harness.platform import AUDIENCE, Platform
from tests.harness.town import HEADING, open_town, row, subject

MONDAY = date(2026, 9, 7)


def _b64(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def forged(platform: Platform, kind: str) -> str | None:
    """A token that must not be trusted."""
    issuer, now = platform.settings["requests"].issuer, int(time.time())
    claims: dict[str, Any] = {"iss": issuer, "aud": AUDIENCE, "sub": subject("ani"), "iat": now, "exp": now + 600}
    header = {"alg": "ES256", "typ": "at+jwt", "kid": KEY_ID}

    def signed(more: dict[str, Any], head: dict[str, Any] | None = None, without: str = "") -> str:
        said = {name: value for name, value in (claims | more).items() if name != without}
        return jwt.encode(said, platform.key, algorithm="ES256", headers=header | (head or {}))

    public = serialization.load_pem_private_key(platform.key, None).public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return {
        "no token": None,
        "not a token": "rubbish",
        "too long": "x" * 9000,
        "expired": signed({"iat": now - 7200, "exp": now - 3600}),
        "without expiry": signed({}, without="exp"),
        "another instance's audience": signed({"aud": "mkd-kab-bekasi"}),
        "another instance's issuer": signed({"iss": "https://sso.bekasikab.example"}),
        "alg none": f"{_b64(header | {'alg': 'none'})}.{_b64(claims)}.",
        "public key as secret": _hs256(claims, pem, header),
        "another key": jwt.encode(claims, _other_key(), algorithm="ES256", headers=header),
        "unknown key id": signed({}, {"kid": "made-up"}),
        "an id token": signed({}, {"typ": "JWT"}),
        "no subject": signed({}, without="sub"),
    }[kind]


def _hs256(claims: dict[str, Any], secret: bytes, header: dict[str, str]) -> str:
    """The classic confusion: the public key, which everybody has, used as a shared secret."""

    signing = f"{_b64(header | {'alg': 'HS256'})}.{_b64(claims)}"
    mac = hmac.new(secret, signing.encode(), hashlib.sha256).digest()
    return f"{signing}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def _other_key() -> bytes:

    key = ec.generate_private_key(ec.SECP256R1())
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


KINDS = (
    "no token",
    "not a token",
    "too long",
    "expired",
    "without expiry",
    "another instance's audience",
    "another instance's issuer",
    "alg none",
    "public key as secret",
    "another key",
    "unknown key id",
    "an id token",
    "no subject",
)


async def test_every_operation_refuses_tokens_that_are_not_to_be_trusted(memory: Platform) -> None:
    await open_town(memory)
    for service, app in memory.apps.items():
        for path, operations in app.openapi()["paths"].items():
            for method in operations:
                for kind in KINDS:
                    token = forged(memory, kind)
                    headers = {"Authorization": f"Bearer {token}"} if token else {}
                    answer = await memory.apis.clients[service].request(method, path, headers=headers)
                    assert answer.status_code == 401, f"{kind}: {method} {service}{path} {answer.text}"
                    assert answer.headers["content-type"] == "application/problem+json"
                    assert answer.headers["www-authenticate"] == "Bearer"


async def test_somebody_whom_nobody_knows_is_refused(memory: Platform) -> None:
    await open_town(memory)
    for service in memory.apps:
        answer = await memory.apis.get("nobody", service, "/v1/me")
        assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (403, "unknown-person")


async def test_the_administrator_of_the_settings_is_one_in_organisation_only(memory: Platform) -> None:
    await open_town(memory)
    assert (await memory.apis.get("administrator", "organisation", "/v1/me")).status_code == 200
    for service in ("requests", "approvals", "performance", "savings"):
        assert (await memory.apis.get("administrator", service, "/v1/me")).status_code == 403


async def test_a_record_is_for_its_employee_their_superior_and_the_personnel_agency(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.play_to_verified("ani", MONDAY)
    id_ = asked["request_id"]
    paths = {
        "requests": f"/v1/requests/{id_}",
        "approvals": f"/v1/cases/{id_}",
        "performance": f"/v1/plans/{id_}",
        "savings": f"/v1/days/{town.ids['ani']}/{MONDAY}",
        "organisation": f"/v1/employees/{town.ids['ani']}",
    }
    for service, path in paths.items():
        allowed = {name: (await town.get(name, service, path)).status_code for name in ("ani", "budi", "citra")}
        superior = 404 if service == "savings" else 200
        assert allowed == {"ani": 200, "budi": superior, "citra": 200}, service
        for name in ("dedi", "eka", "hana"):
            refused = await town.get(name, service, path)
            assert (refused.status_code, refused.json()["errors"][0]["rule"]) == (404, "not-found"), (service, name)


async def test_nobody_decides_or_judges_their_own(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    await memory.settle()
    reason = {"reason": "Saya sendiri."}
    for verb, body in (("approve", None), ("reject", reason)):
        _refused(await town.decide("ani", asked, verb, body), 403, "own-request")
    await town.approve("budi", asked)
    await memory.settle()
    _refused(await town.decide("ani", asked, "revoke", reason), 403, "own-request")
    town.at(MONDAY, 15)
    await town.log("ani", asked)
    for verb, body in (("verify", None), ("return", reason)):
        _refused((await town.on_outputs("ani", asked, verb, body))[0], 403, "own-output")


async def test_only_the_superior_decides_not_the_superiors_superior_nor_the_agency(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    await memory.settle()
    _refused(await town.decide("citra", asked, "approve"), 403, "not-the-superior")
    for name in ("eka", "dedi"):
        _refused(await town.decide(name, asked, "approve"), 404, "not-found")
    path = f"/v1/requests/{asked['request_id']}:withdraw"
    _refused(await town.post("budi", "requests", path, seen=1), 403, "not-yours")
    _refused(await town.post("dedi", "requests", path, seen=1), 404, "not-found")


async def test_rules_sheets_and_figures_are_for_those_with_the_role(memory: Platform) -> None:
    town = await open_town(memory)
    sheets = await town.post("ani", "organisation", "/v1/imports?kind=units", headers={"content-type": "text/csv"})
    _refused(sheets, 403, "role-missing")
    _refused(await town.get("ani", "savings", "/v1/digest"), 403, "role-missing")
    _refused(await town.get("hana", "savings", "/v1/digest"), 403, "role-missing")
    for name, status in (("ani", 403), ("hana", 200), ("citra", 200)):
        answer = await town.get(name, "savings", "/v1/unit-months", month="2026-09", unit_id="unit-another")
        assert answer.status_code == status, name
    for name in ("ani", "hana"):
        answer = await town.get(name, "savings", "/v1/employee-months", month="2026-09", employee_id=town.ids["dedi"])
        _refused(answer, 404, "not-found")


async def test_an_employee_who_left_is_nobody_from_that_day(memory: Platform) -> None:

    town = await open_town(memory)
    left = row("dedi", since="2026-09-03") + ",tidak"
    await town.load("employees", f"{HEADING},active\n{left}\n")
    await memory.settle()
    assert (await town.get("dedi", "requests", "/v1/me")).status_code == 200
    town.at(date(2026, 9, 3))
    _refused(await town.get("dedi", "requests", "/v1/me"), 403, "unknown-person")


async def test_a_service_may_use_its_own_topics_groups_and_database_only(real: Platform, real_parts: Parts) -> None:
    """Kafka's and MongoDB's own checks; where the parts were given or come from containers, nobody is asked."""
    if not real_parts.secured or real_parts.home is None:
        pytest.skip("these parts let everybody in: run with local parts")
    its = real.settings["savings"]
    with pytest.raises(KafkaError):
        await _publish(its, f"{its.topic_prefix}mkd.requests")
    thief = AIOKafkaConsumer(
        f"{its.topic_prefix}mkd.requests",
        bootstrap_servers=its.kafka_bootstrap,
        group_id=f"{its.topic_prefix}approvals.cases",
        **client_security(its),
    )
    with pytest.raises(KafkaError):
        await thief.start()
    await thief.stop()
    with mongod.admin(real_parts.home) as admin:
        mongod.make_user(admin, "probe", "probe-password", "mkd_probe")
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        its.mongo_url, username="probe", password="probe-password"
    )
    await client.mkd_probe.things.insert_one({"mine": True})
    with pytest.raises(OperationFailure, match="not authorized"):
        await client.mkd_requests.commits.find_one({})
    await client.close()


async def _publish(its: Any, topic: str) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=its.kafka_bootstrap, request_timeout_ms=5000, **client_security(its))
    async with producer:
        await producer.send_and_wait(topic, b"{}")


def _refused(answer: httpx.Response, status: int, rule: str) -> None:
    assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (status, rule), answer.text
