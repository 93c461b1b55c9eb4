"""Every operation has an example of its call and of its answer in its document: they are sent here, in a story that
begins with the calls to try (`docs/http`), and answers are held against their schemas.

`MKD_WRITE_EXAMPLES=1 ./mkd test tests/documents/test_examples.py` writes them anew.
"""

import json
import os
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx
import jsonschema

from deploy.base.home import ROOT
from shared.kit.messaging import stops
from shared.kit.messaging.rejections import Exceeded, Limit
from shared.kit.web import examples
from tests.contracts.test_descriptions import openapi
from tests.documents.test_calls import FILES, STORY, told
from tests.harness.factors import command
from tests.harness.platform import Platform
from tests.harness.town import HEADING, NIPS, Town, open_town, row
from tests.organisation.test_erasure import erase

Document = dict[str, Any]
WRITES = bool(os.environ.get("MKD_WRITE_EXAMPLES"))
BESIDE = ("get /v1/changes",)
"""A stream, whose example stands with it."""
ID = re.compile(r"\b[a-z]{2,8}-[0-9a-f]{20,32}\b")
PREFIX = re.compile(r"\bm[0-9a-f]{8}\.")
"""What tests put before the names of topics and groups."""
OPAQUE = ("idempotency-key", "cursor", "letter_id", "stopped_at")
ITEMS_MAX = 1


@dataclass
class Sent:
    """A call as it was sent, and its answer."""

    query: Mapping[str, str | list[str]]
    path: Mapping[str, str]
    header: Mapping[str, str]
    body: Any
    status: str
    answer: Any
    whole: Any

    def kept(self) -> Document:
        """As it is written down."""
        header = {**self.header, **({"idempotency-key": "b1f6e3c2"} if "idempotency-key" in self.header else {})}
        of = {"query": self.query, "path": self.path, "header": header, "body": self.body}
        kept: Document = json.loads(PREFIX.sub("", json.dumps({**of, "status": self.status, "answer": self.answer})))
        return kept


@dataclass
class Heard:
    """The first call of each operation that was answered as its document says first."""

    documents: Mapping[str, Document]
    found: dict[tuple[str, str], Sent] = field(default_factory=dict)

    async def hear(self, service: str, answer: httpx.Response) -> None:
        await answer.aread()
        request = answer.request
        operation, of_path = self._operation(service, request)
        usual = next(iter(_operation_of(self.documents[service], operation)["responses"])) if operation else ""
        if operation and (service, operation) not in self.found and str(answer.status_code) == usual:
            self.found[service, operation] = self._sent(service, operation, of_path, answer)

    def _operation(self, service: str, request: httpx.Request) -> tuple[str, Mapping[str, str]]:
        for path, operations in self.documents[service]["paths"].items():
            pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/:]+)", re.sub(r"([.:])", r"\\\1", path))
            if (match := re.fullmatch(pattern, request.url.path)) and request.method.lower() in operations:
                return f"{request.method.lower()} {path}", match.groupdict()
        return "", {}

    def _sent(self, service: str, operation: str, of_path: Mapping[str, str], answer: httpx.Response) -> Sent:
        request = answer.request
        takes = {one["name"].lower() for one in _operation_of(self.documents[service], operation)["parameters"]}
        query: dict[str, str | list[str]] = {}
        for name, value in parse_qsl(request.url.query.decode(), keep_blank_values=True):
            query[name] = [*query.get(name, []), value] if name == "id" else value
        header = {name: request.headers[name] for name in ("idempotency-key", "if-match") if name in takes}
        is_json = request.headers.get("content-type") == "application/json" and request.content
        said = answer.json() if answer.headers["content-type"] == "application/json" else None
        body = json.loads(request.content) if is_json else None
        return Sent(query, of_path, header, body, str(answer.status_code), shortened(said), said)


def _operation_of(document: Document, operation: str) -> Document:
    method, _, path = operation.partition(" ")
    found: Document = document["paths"][path][method]
    return {"parameters": [], "tags": [], **found}


def shortened(said: Any) -> Any:
    """An answer with one item of each list."""
    if isinstance(said, list):
        return [shortened(one) for one in said[:ITEMS_MAX]]
    return {name: shortened(one) for name, one in said.items()} if isinstance(said, dict) else said


def alike(said: Any) -> Any:
    """What a call says, with ids that are made up by chance named alike."""
    if isinstance(said, dict):
        return {name: "chosen" if name in OPAQUE else alike(one) for name, one in said.items()}
    if isinstance(said, list):
        return [alike(one) for one in said]
    return ID.sub("id", said) if isinstance(said, str) else said


def names(said: Any) -> set[str]:
    """The names in an answer, and in the first of its items: which one comes first is chance."""
    if not isinstance(said, dict):
        return set()
    return {*said, *(name for one in said.get("items", ()) if isinstance(one, dict) for name in one)}


@asynccontextmanager
async def listening(platform: Platform) -> AsyncIterator[Heard]:
    """Whoever calls an API is listened to."""
    heard = Heard({name: app.openapi() for name, app in platform.apps.items()})

    def hook(service: str) -> Any:
        async def hear(answer: httpx.Response) -> None:
            await heard.hear(service, answer)

        return hear

    for name, client in platform.apis.clients.items():
        client.event_hooks = {"response": [hook(name)]}
    try:
        yield heard
    finally:
        for client in platform.apis.clients.values():
            client.event_hooks = {"response": []}


BUILDINGS = (
    "building_code,name,base_kwh,per_head_kwh,tariff_class,zone,zone_load_kwh,effective_from\n"
    "sate,Gedung Sate,120,2.5,P-1/TR,lantai-1,80,2025-01-01\n"
)
SEATED = "unit_code,name,building_code,zone,effective_from\nbkd,Badan Kepegawaian Daerah,sate,lantai-1,2025-01-01\n"


async def prepared(platform: Platform) -> Town:
    """The town has a building, in which its unit sits."""
    town = await open_town(platform)
    await town.load("buildings", BUILDINGS)
    await town.load("units", SEATED)
    await platform.settle()
    return town


async def story(town: Town) -> None:
    """The calls to try, and after them one of each operation that they do not show."""
    for service in STORY:
        await told(town.platform, service, FILES[service])
    await _reads(town)
    await _requests(town)
    await _organisation(town)
    await _operation(town)


MONDAY, JULY = date(2026, 7, 6), date(2026, 7, 1)


async def _reads(town: Town) -> None:
    """The figures of the day of the story, as the personnel agency reads them."""
    ani, unit = town.ids["ani"], (await town.get("ani", "savings", "/v1/me")).json()["unit_id"]
    building = (await town.get("citra", "organisation", "/v1/buildings")).json()["items"][0]["building_id"]
    month, span = {"month": "2026-06"}, {"from": "2026-06", "to": "2026-06"}
    for path, params in (
        ("unit-months", month),
        (f"unit-months/{unit}/2026-06", {}),
        ("instance-months/2026-06", {}),
        ("completeness", month),
        ("branches", span),
        ("series", span),
        ("digest", {}),
        ("days", month),
        ("postings", {"month": "2026-06"}),
        ("unit-days", month),
        ("building-days", month | {"building_id": building}),
        ("employee-months", month | {"employee_id": ani}),
        ("restatements", month | {"since": "2026-06-01T00:00:00Z"}),
    ):
        answer = await town.get("citra", "savings", f"/v1/{path}", **params)
        assert answer.status_code == 200, (path, answer.text)
    for path, params in (("days", month), ("employee-months", month), ("unit-months", month), ("series", span)):
        assert (await town.get("citra", "performance", f"/v1/results/{path}", **params)).status_code == 200, path
    for service, path in (("savings", "savings"), ("performance", "results")):
        settings = town.platform.apps[service].state
        before = settings.settings
        settings.settings = before.model_copy(update={"open_figures": True})
        try:
            await town.get("ani", service, f"/v1/open/{path}", **span)
            await town.get("ani", service, f"/v1/open/{path}/columns")
        finally:
            settings.settings = before


async def _requests(town: Town) -> None:
    """Requests that are changed, decided otherwise, and taken back; what is logged and judged together."""
    town.at(JULY)
    for service in ("requests", "approvals", "performance"):
        await town.get("ani", service, "/v1/me")
    asked = {name: await town.submit(name, [MONDAY]) for name in ("ani", "dedi", "hana", "citra")}
    await town.platform.settle()
    for who, whose, verb in (("budi", "ani", "return"), ("budi", "dedi", "reject"), ("eka", "hana", "approve")):
        reason = {"reason": "Keluarannya perlu dirinci."} if verb != "approve" else None
        assert (await town.decide(who, asked[whose], verb, reason)).status_code == 200
    await town.platform.settle()
    path = f"/v1/requests/{asked['ani']['request_id']}"
    version = (await town.get("ani", "requests", path)).json()["version"]
    outputs = [{"day": str(MONDAY), "title": "Telaahan", "target_quantity": 2, "measure": "document"}]
    changed = {"days": [str(MONDAY)], "place": {"category": "residence"}, "outputs": outputs, "reason": "Dirinci."}
    answer = await town.post("ani", "requests", f"{path}:change", changed, seen=version)
    assert answer.status_code == 201, answer.text
    anew = answer.json()
    path = f"/v1/requests/{anew['request_id']}:withdraw"
    assert (await town.post("ani", "requests", path, {}, seen=anew["version"])).status_code == 200
    its = asked["citra"]["request_id"]
    case = (await town.get("budi", "approvals", f"/v1/cases/{its}")).json()
    items = [{"request_id": its, "version": case["version"], "decision": "approve"}]
    assert (await town.post("budi", "approvals", "/v1/cases:decide", {"items": items})).status_code == 200
    await town.platform.settle()
    town.at(MONDAY, 15)
    await _outputs(town, asked["hana"], "hana", "eka")
    await _together(town, asked["citra"])
    reason = {"reason": "Diperlukan di kantor."}
    assert (await town.decide("eka", asked["hana"], "revoke", reason)).status_code in (200, 409)
    tuesday = [{"day": "2026-07-07", "title": "Surat", "target_quantity": 5, "measure": "document"}]
    opened = await town.post("ani", "performance", "/v1/office-plans", {"outputs": tuesday})
    assert opened.status_code == 201, opened.text
    plan = opened.json()
    taken = f"/v1/office-plans/{plan['request_id']}:withdraw"
    assert (await town.post("ani", "performance", taken, {}, seen=plan["version"])).status_code == 200
    assert (await town.get("ani", "requests", "/v1/requests", limit=20)).status_code == 200
    policies = (await town.get("citra", "requests", "/v1/policies")).json()["items"]
    policy = policies[-1] | {"policy_id": "pol-contoh", "effective_from": "2026-10-01", "corrects": None}
    assert (await town.post("citra", "requests", "/v1/policies", policy)).status_code == 201
    factors = command().model_dump(mode="json") | {"factor_set_id": "fac-contoh", "effective_from": "2026-10-01"}
    answer = await town.post("citra", "savings", "/v1/factor-sets", factors | {"corrects": None})
    assert answer.status_code == 201, answer.text


async def _outputs(town: Town, asked: Document, whose: str, by: str) -> None:
    reason = {"reason": "Lampirkan berkasnya."}
    await town.log(whose, asked)
    for verb, body in (("return", reason), ("log", {"quantity": 1, "note": "Dilampirkan."}), ("verify", None)):
        (answer,) = await town.on_outputs(whose if verb == "log" else by, asked, verb, body)
        assert answer.status_code == 200, answer.text
    (answer,) = await town.on_outputs(by, asked, "withdraw-verification", reason)
    assert answer.status_code == 200, answer.text


async def _together(town: Town, asked: Document) -> None:
    of = {"request_id": asked["request_id"], "output_id": asked["outputs"][0]["output_id"]}
    for who, path, said in (
        ("citra", "/v1/plans:log", {"quantity": 1, "note": "Selesai."}),
        ("budi", "/v1/plans:judge", {"verdict": "verify"}),
    ):
        version = (await town.get(who, "performance", f"/v1/plans/{of['request_id']}")).json()["version"]
        answer = await town.post(who, "performance", path, {"items": [of | {"version": version} | said]})
        assert answer.status_code == 200, answer.text


async def _organisation(town: Town) -> None:
    """Buildings, mandates and absences; sheets; an account; an erasure."""
    acting = f"SP-1,plh,{NIPS['budi']},{NIPS['hana']},2026-07-06,2026-07-10"
    await town.load("acting", f"acting_code,kind,for_nip,acting_nip,effective_from,ends_on\n{acting}\n")
    await town.load(
        "absences", f"absence_code,nip,kind,effective_from,ends_on\nC-1,{NIPS['ani']},leave,2026-07-20,2026-07-22\n"
    )
    for path in ("absences", "acting-assignments", "buildings", "employees", "units", "positions", "profile", "me"):
        assert (await town.get("citra", "organisation", f"/v1/{path}")).status_code == 200, path
    unit = (await town.get("citra", "organisation", "/v1/me")).json()["unit_id"]
    position = (await town.get("citra", "organisation", "/v1/positions")).json()["items"][0]["position_id"]
    person = f"employees/{town.ids['ani']}"
    given = (await town.get("citra", "organisation", "/v1/acting-assignments")).json()["items"][0]
    changed = [person, f"units/{unit}", f"positions/{position}"]
    changed.append(f"acting-assignments/{given['acting_assignment_id']}")
    for path in (*changed[:3], *(f"{one}/changes" for one in changed), "imports", "exports/units"):
        assert (await town.get("citra", "organisation", f"/v1/{path}")).status_code == 200, path
    sent = (await town.send("units", "unit_code,name,effective_from\ncontoh-9,Bidang,2026-08-01\n")).json()
    sheet = f"/v1/imports/{sent['import_id']}"
    for verb in ("", ":drop"):
        how = town.platform.apis.post if verb else town.platform.apis.get
        assert (await how("administrator", "organisation", f"{sheet}{verb}")).status_code == 200
    account: Document = {
        "name": "Dasbor Diskominfo",
        "subject": "dasbor-diskominfo",
        "figures": ["savings", "performance"],
    }
    account |= {"unit_ids": [unit], "with_parts": True, "ends_on": "2027-06-30"}
    recorded = (await town.post("citra", "organisation", "/v1/accounts", account)).json()
    address = f"/v1/accounts/{recorded['account_id']}"
    await town.get("citra", "organisation", "/v1/accounts")
    await town.get("citra", "organisation", address)
    assert (await town.post("citra", "organisation", f"{address}:end", seen=1)).status_code == 200
    await town.load("employees", f"{HEADING},active\n{row('dedi', since='2026-07-06')},tidak\n")
    assert (await erase(town, "dedi")).status_code == 200


async def _operation(town: Town) -> None:
    """One service is looked at by who operates the instance, and lets go on what it has put aside."""
    asked = await town.submit("ani", [date(2026, 7, 13)])
    await town.platform.settle()
    for _ in range(2):
        await town.put_aside(asked, "{", datetime(2026, 7, 6, 9, tzinfo=UTC))
    get, post = town.platform.apis.get, town.platform.apis.post
    await get("operator", "approvals", "/v1/operation")
    letters = (await get("operator", "approvals", "/v1/dead-letters")).json()["items"]
    one = f"/v1/dead-letters/{letters[0]['letter_id']}"
    await get("operator", "approvals", one)
    await get("operator", "approvals", f"{one}/content")
    await post("operator", "approvals", f"{one}:retry")
    await post("operator", "approvals", f"{one}:discard", {"reason": "Rekaman uji dari pemasangan."})
    db, group = town.platform.databases["approvals"], town.platform.runners["approvals.cases"].group
    why = Exceeded(Limit.IN_A_ROW, 50, 50, "mkd.requests", "mkd.requests/1/2", "not-json")
    async with db.client.start_session() as session, await session.start_transaction():
        await stops.stop(session, db, group, why)
    told = (await get("operator", "approvals", "/v1/operation")).json()
    (seen,) = [consumer["stopped"]["stopped_at"] for consumer in told["consumers"] if consumer["name"] == group]
    await post("operator", "approvals", f"/v1/consumers/{group}:resume", {"stopped_at": seen})


def operations(document: Document) -> Iterator[str]:
    """All operations of a document, but those whose example stands with them."""
    for path, found in document["paths"].items():
        yield from (f"{method} {path}" for method in found if f"{method} {path}" not in BESIDE)


def of_all(document: Document, operation: str) -> bool:
    """Whether an operation is the same in every service, and kept once."""
    return "operation" in _operation_of(document, operation)["tags"]


def answer_schema(document: Document, operation: str, status: str) -> Document | None:
    content = _operation_of(document, operation)["responses"][status].get("content", {}).get("application/json")
    return {**content["schema"], "components": document["components"]} if content else None


async def test_every_operation_has_an_example_that_is_sent_and_an_answer_that_holds(memory: Platform) -> None:
    town = await prepared(memory)
    async with listening(memory) as heard:
        await story(town)
    found: dict[str, dict[str, Sent]] = {name: {} for name in (*STORY, OF_ALL)}
    for (service, operation), sent in heard.found.items():
        document = heard.documents[service]
        if schema := answer_schema(document, operation, sent.status):
            jsonschema.validate(sent.whole, schema)
            jsonschema.validate(sent.answer, schema)
        found[OF_ALL if of_all(document, operation) else service][operation] = sent
    for service, document in heard.documents.items():
        wanted = {one for one in operations(document) if not of_all(document, one)}
        assert wanted - found[service].keys() == set(), f"{service}: the story shows no example of these"
        assert {one for one in operations(document) if of_all(document, one)} <= found[OF_ALL].keys()
    now = {name: {one: sent.kept() for one, sent in sorted(of.items())} for name, of in found.items()}
    if WRITES:
        _write(now)
    for name, of in now.items():
        its = examples.read(package_of(name))
        assert its.keys() == of.keys(), HOW
        for operation, example in of.items():
            told = {part: its[operation][part] for part in SAID}
            assert alike(told) == alike({part: example[part] for part in SAID}), (name, operation, HOW)
            assert names(its[operation]["answer"]) == names(example["answer"]), (name, operation, HOW)


SAID = ("query", "path", "header", "body", "status")
OF_ALL = "operation"
HOW = "write the examples anew, see the top of this file; then ./mkd contracts"


def package_of(name: str) -> str:
    return examples.OF_ALL if name == OF_ALL else f"services.{name}"


def _write(now: Mapping[str, Document]) -> None:
    for name, of in now.items():
        file = ROOT.joinpath(*package_of(name).split("."), examples.FILE)
        file.write_text(json.dumps(of, indent=1, ensure_ascii=False) + "\n")


def test_documents_tell_the_examples_where_they_say_how_they_are_called_and_answer() -> None:
    for name in STORY:
        document = openapi(name)
        for operation in operations(document):
            its = _operation_of(document, operation)
            for parameter in its["parameters"]:
                needed = parameter.get("required") or parameter["in"] == "path"
                assert not needed or {"example", "examples"} & parameter.keys(), (name, operation, parameter["name"])
            content = its["responses"][min(its["responses"])].get("content", {}).get("application/json")
            assert content is None or "example" in content, (name, operation)
