"""Names, NIP and free text stay where they belong, and go when they must, with sums and rebuild unharmed."""

import asyncio
import json
from datetime import date
from typing import Any, cast

import bson
import httpx
import pytest

from deploy.base.home import SERVICES, Home
from deploy.local import mongod, stack
from deploy.provision.resources import services
from deploy.recovery import rebuild
from tests.harness.platform import Platform
from tests.harness.stacks import Running, addresses, bearer, digest, running
from tests.harness.town import HEADING, NIPS, Town, open_town, subject

MONDAY, TUESDAY = date(2026, 9, 7), date(2026, 9, 8)
NIP = "199912312024121777"
CANARIES = {
    "name": "KENARI-NAMA",
    "nip": NIP,
    "reason": "KENARI-ALASAN",
    "title": "KENARI-JUDUL",
    "note": "KENARI-CATATAN",
    "link": "https://kenari.example/KENARI-TAUTAN",
    "decision": "KENARI-KEPUTUSAN",
    "office": "KENARI-KANTOR",
    "query": "KENARI-PERTANYAAN",
    "broken": "KENARI-RUSAK",
    "header": "KENARI-KEPALA",
}
OWNERS = {
    "name": {"organisation"},
    "nip": {"organisation"},
    "reason": {"requests"},
    "title": {"requests"},
    "note": {"performance"},
    "link": {"performance"},
    "decision": {"approvals", "performance"},
    "office": {"performance"},
}
"""The services in whose database each may be. What was only tried is nowhere."""

COMMANDS = ("/v1/requests", "/v1/cases:decide", "/v1/plans:log", "/v1/factor-sets", "/v1/imports?kind=employees")


@pytest.fixture
def home(shared_stack: Home) -> Home:
    """A whole stack of processes, whose files can be searched."""
    return shared_stack


@pytest.mark.timeout(900)
async def test_personal_data_is_in_its_owning_store_alone_and_erased_on_demand(home: Home) -> None:
    async with running(home) as whole:
        town = await open_town(cast("Platform", whole))
        asked = await _play(town, whole)
        await _try_rubbish(whole)
        await whole.settle()
        found = _databases(home)
        for what, canary in CANARIES.items():
            owners = {service for service in SERVICES if canary.encode() in found[service]}
            assert owners == OWNERS.get(what, set()), what
        await _nowhere_else(home, asked["request_id"])
        await _erase(town, whole)
        before = digest(home, subject("citra"))
        found = _databases(home)
        left = [what for what, canary in CANARIES.items() if any(canary.encode() in told for told in found.values())]
        assert left == [], "erased, and still there"
        savings = next(service for service in services() if service.name == "savings")
        new = await rebuild.rebuild(savings, stack.settings(home, "savings"), print)
        assert digest(home, subject("citra")) == before | {"generation": new}
        answer = await town.get("citra", "savings", "/v1/employee-months", month="2026-09", limit=200)
        whose = {item["employee_id"] for item in answer.json()["items"]}
        assert town.ids["kenari"] in whose, "what it saved stays"
        shown = await town.get("citra", "organisation", f"/v1/employees/{town.ids['kenari']}")
        assert (shown.json()["name"], shown.json()["nip"]) == ("[dihapus]", "[dihapus]")


async def _play(town: Town, whole: Running) -> dict[str, Any]:
    """Somebody with telling words asks, is sent back, asks again, works a day, and one at the office."""
    await town.load("employees", f"{HEADING}\n{_row('2025-01-01')}\n")
    await whole.settle()
    town.ids["kenari"] = (await town.get("kenari", "savings", "/v1/me")).json()["employee_id"]
    outputs = [{"day": str(MONDAY), "title": CANARIES["title"], "target_quantity": 1, "measure": "document"}]
    first = await town.submit("kenari", [MONDAY], reason=CANARIES["reason"], outputs=outputs)
    await whole.settle()
    reason = {"reason": CANARIES["decision"]}
    assert (await town.decide("budi", first, "return", reason)).status_code == 200
    await whole.settle()
    known = (await town.get("kenari", "requests", f"/v1/requests/{first['request_id']}")).json()
    body = {"days": [str(MONDAY)], "place": {"category": "residence"}, "outputs": outputs, "reason": CANARIES["reason"]}
    path = f"/v1/requests/{first['request_id']}:change"
    changed = await town.post("kenari", "requests", path, body, seen=known["version"])
    assert changed.status_code == 201, changed.text
    asked = dict(changed.json())
    await whole.settle()
    await town.approve("budi", asked)
    await whole.settle()
    office = {"outputs": [{**outputs[0], "day": str(TUESDAY), "title": CANARIES["office"]}]}
    assert (await town.post("kenari", "performance", "/v1/office-plans", office)).status_code == 201
    town.at(MONDAY, 15)
    note = {"quantity": 1, "note": CANARIES["note"], "link": CANARIES["link"]}
    await town.on_outputs("kenari", asked, "log", note)
    await town.on_outputs("budi", asked, "return", reason)
    await town.on_outputs("kenari", asked, "log", note)
    await town.verify("budi", asked)
    town.at(TUESDAY)
    return asked


def _row(since: str) -> str:
    way = "20,motorcycle,pertalite,40"
    return f"{NIP},{CANARIES['name']},{subject('kenari')},bkd,analis,{NIPS['budi']},,{way},{since}"


async def _try_rubbish(whole: Running) -> None:
    """What people send that cannot be taken must not be kept or written down either."""
    broken, token = CANARIES["broken"], {"Authorization": f"Bearer {whole.token(subject('kenari'))}"}
    headers = token | {"Idempotency-Key": CANARIES["header"], "X-Anything": CANARIES["header"]}
    for service, client in whole.apis.clients.items():
        await client.get("/v1/me", params={"who": CANARIES["query"]}, headers=token)
        await client.get(f"/v1/{broken}", headers=token)
        for path in COMMANDS:
            answer = await client.post(path, content=json.dumps({"reason": broken, "days": [broken]}), headers=headers)
            assert answer.status_code < 500, (service, path, answer.text)
    sheet = f"{HEADING}\n12,{broken},{broken},bkd,analis,,,,,,,2025-01-01\n"
    admin = {
        "Authorization": f"Bearer {whole.token(stack.ADMIN_SUBJECT)}",
        "Idempotency-Key": "x",
        "Content-Type": "text/csv",
    }
    sent = await whole.apis.clients["organisation"].post("/v1/imports?kind=employees", content=sheet, headers=admin)
    assert sent.json()["status"] == "invalid"


def _databases(home: Home) -> dict[str, bytes]:
    """Everything that each service's database holds. A sheet that was refused waits a few days to be looked at."""
    with mongod.admin(home) as client:
        return {
            service: b"".join(
                bson.encode(document)
                for name in client[f"mkd_{service}"].list_collection_names()
                if name not in ("imports", "staged_rows")
                for document in client[f"mkd_{service}"][name].find({})
            )
            for service in SERVICES
        }


async def _nowhere_else(home: Home, request_id: str) -> None:
    """Not on Kafka's disk, in no log, in no metrics, in nothing that operators are told unless they ask for what a
    record holds."""
    segments = b"".join(file.read_bytes() for file in (home.path / "kafka" / "data").rglob("*.log"))
    assert request_id.encode() in segments, "the search finds what is there"
    logs = {file.name: file.read_bytes() for file in (home.path / "logs").iterdir()}
    told = {}
    async with httpx.AsyncClient() as client:
        for name, url in [*addresses(home).workers.items(), *addresses(home).apis.items()]:
            for path in ("/metrics", "/readyz"):
                told[f"{name}{path}{url}"] = (await client.get(url + path)).content
        for name, url in addresses(home).apis.items():
            for path in ("/v1/operation", "/v1/dead-letters?limit=200"):
                answer = await client.get(url + path, headers=bearer(home, stack.OPERATOR_SUBJECT))
                assert answer.status_code == 200, answer.text
                told[f"{name}{path}"] = answer.content
    for what, canary in CANARIES.items():
        assert canary.encode() not in segments, what
        for name, content in {**logs, **told}.items():
            assert canary.encode() not in content, f"{what} in {name}"


async def _erase(town: Town, whole: Running) -> None:
    """The person leaves; then the personnel agency erases them."""
    early = await _erasing(town)
    assert early.status_code == 409, early.text
    await town.load("employees", f"{HEADING},active\n{_row(str(TUESDAY))},tidak\n")
    town.at(date(2026, 9, 9))
    await whole.settle()
    erased = await _erasing(town)
    assert erased.status_code == 200, erased.text
    await asyncio.sleep(1)
    await whole.settle()


async def _erasing(town: Town) -> httpx.Response:
    path = f"/v1/employees/{town.ids['kenari']}"
    known = await town.get("citra", "organisation", path)
    seen, why = int(known.headers["etag"].strip('"')), {"reason": "Permintaan yang bersangkutan."}
    return await town.post("citra", "organisation", f"{path}:erase-personal-data", why, seen=seen)
