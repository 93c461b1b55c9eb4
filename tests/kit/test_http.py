"""What every API does around its routes: language, limits, failures, probes, documentation, metrics."""

import json
import re
from datetime import date

import pytest
from pymongo.errors import AutoReconnect

from shared.kit.base.catalogue import preferred
from shared.kit.base.tracing import traceparent
from shared.people.lookup import Directory
from tests.harness.platform import Platform
from tests.harness.town import open_town, subject

MONDAY = date(2026, 9, 7)


@pytest.mark.parametrize(
    ("wish", "language"),
    [
        ("", "id"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("id;q=0.4, en;q=0.8", "en"),
        ("fr, id", "id"),
        ("fr", "id"),
        ("en;q=x, id", "id"),
    ],
)
def test_the_readers_language_is_theirs_to_choose(wish: str, language: str) -> None:
    assert preferred(wish) == language


async def test_a_refusal_is_said_in_indonesian_or_english_with_rule_value_and_source(memory: Platform) -> None:
    town = await open_town(memory)
    await town.submit("ani", [MONDAY])
    days = [date(2026, 9, 8), date(2026, 9, 9)]
    indonesian = (await town.ask("ani", days)).json()
    assert indonesian["errors"][0] == {
        "rule": "weekly-quota",
        "pointer": "/days",
        "value": 2,
        "source": "PermenPANRB 4/2025 Ps. 13(1)",
        "detail": "Pekan 2026-W37: paling banyak 2 hari di luar kantor; sudah terpakai 1, usulan ini meminta 2.",
    }
    assert (indonesian["type"], indonesian["title"]) == ("/problems/weekly-quota", "Tidak memenuhi aturan")
    output = {"day": "2026-08-17", "title": "x", "target_quantity": 1, "measure": "document"}
    body = {"days": ["2026-08-17"], "place": {"category": "residence"}, "reason": "x", "outputs": [output]}
    town.at(date(2026, 8, 10))
    english = await town.post("ani", "requests", "/v1/requests", body, headers={"Accept-Language": "en"})
    assert english.headers["content-language"] == "en"
    assert english.json()["detail"] == "2026-08-17 is not a working day: Independence Day."


async def test_a_field_that_is_wrong_is_named(memory: Platform) -> None:
    town = await open_town(memory)
    body = {"days": [20260907], "place": {"category": "moon"}, "outputs": [], "reason": " ", "more": 1}
    answer = await town.post("ani", "requests", "/v1/requests", body)
    assert answer.status_code == 422
    assert {e["pointer"] for e in answer.json()["errors"]} == {
        "/days/0",
        "/place/category",
        "/outputs",
        "/reason",
        "/more",
    }


@pytest.mark.parametrize("sent", [b"{", b"[" * 100_000, b'{"days": NaN}', b"\xff\xfe", b'"text"', b"null", b""])
async def test_a_body_that_is_no_command_changes_nothing_and_breaks_nothing(sent: bytes, memory: Platform) -> None:
    town = await open_town(memory)
    headers = {"Content-Type": "application/json"}
    answer = await town.platform.apis.post(subject("ani"), "requests", "/v1/requests", content=sent, headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_body_over_the_limit_is_refused_whether_it_says_so_or_not(memory: Platform) -> None:
    await open_town(memory)

    async def drip() -> object:
        for _ in range(40):
            yield b" " * 10_000

    for content in (b" " * 400_000, drip()):
        headers = {"Authorization": f"Bearer {memory.token(subject('ani'))}", "Idempotency-Key": "k"}
        answer = await memory.apis.clients["requests"].post("/v1/requests", content=content, headers=headers)  # type: ignore[arg-type]
        assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (413, "body-too-large")
        assert answer.headers["cache-control"] == "no-store"


async def test_an_address_that_is_not_there_is_a_problem_too(memory: Platform) -> None:
    await open_town(memory)
    client = memory.apis.clients["requests"]
    headers = {"Authorization": f"Bearer {memory.token(subject('ani'))}"}
    assert (await client.get("/v2/everything", headers=headers)).json()["errors"][0]["rule"] == "no-such-address"
    assert (await client.delete("/v1/requests", headers=headers)).json()["errors"][0]["rule"] == "method-not-allowed"
    assert (await client.get("/v2/everything")).status_code == 401


async def test_a_database_that_does_not_answer_is_said_to_be_busy(
    memory: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    await open_town(memory)
    monkeypatch.setattr(Directory, "actor", _away)
    headers = {"Authorization": f"Bearer {memory.token(subject('ani'))}"}
    answer = await memory.apis.clients["requests"].get("/v1/me", headers=headers)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


async def test_a_defect_is_answered_without_its_secrets(memory: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    await open_town(memory)
    monkeypatch.setattr(Directory, "actor", _defect)
    headers = {"Authorization": f"Bearer {memory.token(subject('ani'))}", "traceparent": traceparent(None)}
    answer = await memory.apis.clients["requests"].get("/v1/me", headers=headers)
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert headers["traceparent"] in answer.json()["detail"]


async def _away(*_: object) -> None:
    raise AutoReconnect("away")


async def _defect(*_: object) -> None:
    raise RuntimeError("a secret of ours")


async def test_answers_are_kept_from_caches_and_sniffers(memory: Platform) -> None:
    answer = await memory.apis.clients["requests"].get("/livez")
    assert (answer.headers["cache-control"], answer.headers["x-content-type-options"]) == ("no-store", "nosniff")


async def test_probes_metrics_problems_and_documentation_answer_without_a_token(memory: Platform) -> None:
    client = memory.apis.clients["savings"]
    for path in ("/livez", "/readyz", "/metrics", "/openapi.json", "/docs", "/problems/weekly-quota"):
        answer = await client.get(path)
        assert answer.status_code == (404 if "weekly" in path else 200), path
    rule = await memory.apis.clients["requests"].get("/problems/weekly-quota")
    assert rule.json()["id"].startswith("Pekan {week}")
    page = (await client.get("/docs")).text
    assert "https://" not in page.replace("https://www.w3.org", "")


async def test_the_documentation_runs_nothing_but_its_own(memory: Platform) -> None:
    client = memory.apis.clients["savings"]
    page = await client.get("/docs")
    policy = page.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert re.findall(r"<script>|<style>|\bon\w+=|\bstyle=|javascript:", page.text) == []
    for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert (await client.get(f"/{address}")).status_code == 200, address
    assert "SwaggerUIBundle(" in (await client.get("/docs/start.js")).text


async def test_no_answer_can_be_framed(memory: Platform) -> None:
    client = memory.apis.clients["savings"]
    for path in ("/docs", "/openapi.json", "/v1/me", "/readyz", "/static-offline-docs/swagger-ui.css", "/nowhere"):
        headers = (await client.get(path)).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"], path
        assert headers["x-frame-options"] == "DENY", path


async def test_metrics_count_by_route_and_never_name_a_record(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    await town.get("ani", "requests", f"/v1/requests/{asked['request_id']}")
    text = (await memory.apis.clients["requests"].get("/metrics")).text
    assert 'route="/v1/requests/{request_id}",status="200"' in text
    assert asked["request_id"] not in text


async def test_a_method_that_somebody_made_up_is_counted_without_its_name(memory: Platform) -> None:
    client = memory.apis.clients["requests"]
    await client.request("KENARI", "/livez")
    text = (await client.get("/metrics")).text
    assert 'mkd_http_requests_total{method="_OTHER"' in text
    assert "KENARI" not in text


async def test_a_trace_goes_from_the_call_to_the_event(memory: Platform) -> None:
    town = await open_town(memory)
    trace = traceparent(None)
    output = {"day": str(MONDAY), "title": "x", "target_quantity": 1, "measure": "document"}
    body = {"days": [str(MONDAY)], "place": {"category": "residence"}, "reason": "x", "outputs": [output]}
    await town.post("ani", "requests", "/v1/requests", body, headers={"traceparent": trace})
    await memory.settle()
    commit = await memory.databases["approvals"].commits.find_one({})
    assert commit
    assert (commit["trace"], commit["cause"].rpartition("/")[0]) == (trace, "/tests/requests")
    assert traceparent("00-not-a-trace") != "00-not-a-trace"


async def test_lists_are_paged_without_losing_or_repeating(memory: Platform) -> None:
    town = await open_town(memory)
    days = [date(2026, 9, day) for day in (7, 8, 14, 15, 21)]
    for day in days:
        await town.submit("ani", [day])
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await town.get("ani", "requests", "/v1/requests", limit=2, **cursor)).json()
        seen += [item["days"][0] for item in page["items"]]
        if not page["next_cursor"]:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == [str(day) for day in reversed(days)]
    broken = await town.get("ani", "requests", "/v1/requests", cursor="bm9uc2Vuc2U")
    assert (broken.status_code, broken.json()["errors"][0]["rule"]) == (400, "cursor-invalid")


async def test_an_empty_list_is_an_answer(memory: Platform) -> None:
    town = await open_town(memory)
    for service, path in (
        ("requests", "/v1/requests"),
        ("approvals", "/v1/cases"),
        ("performance", "/v1/plans"),
        ("savings", "/v1/days"),
    ):
        answer = await town.get("ani", service, path, **({"month": "2026-09"} if service == "savings" else {}))
        assert (answer.status_code, json.loads(answer.text)) == (200, {"items": [], "next_cursor": None}), path


def test_documents_name_problems_as_such(memory_documents: dict[str, dict[str, object]]) -> None:
    for document in memory_documents.values():
        text = json.dumps(document)
        assert "HTTPValidationError" not in text
        assert '"application/problem+json"' in text


@pytest.fixture
def memory_documents(memory: Platform) -> dict[str, dict[str, object]]:
    return {name: app.openapi() for name, app in memory.apps.items()}
