"""The pages of those who operate: what needs a human first, what was put aside and what is done about it, and a
consumer that has stopped; for them alone, whether they are on record or not."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from deploy.base.home import ROOT
from services.portal.operation.model import Need, State
from services.portal.operation.value import first
from services.portal.runbook.model import Kind, Span
from services.portal.runbook.value import runbook
from shared.kit.messaging import cloudevents, stops
from shared.kit.messaging.rejections import Exceeded, Limit
from shared.kit.process import workers
from tests.harness.platform import Platform
from tests.harness.portal import PUBLIC, Browser, Page, Portal
from tests.harness.town import Town, open_town, subject
from tests.portal.test_pages import XSS, holds_no_script

MONDAY = date(2026, 9, 7)
NOON = datetime(2026, 9, 7, 5, 0, tzinfo=UTC)
CANARY = "kenari-7f3a"
LETTERS = "/operation/dead-letters"
OF_APPROVALS = f"{LETTERS}?service=approvals"
"""A record on a topic is put aside by each consumer that reads it: these are one's."""
WELL = {"mongodb": True, "clock": True, "kafka": True, "consumers": True, "rejections": True}


@pytest.fixture
async def town(memory: Platform) -> Town:
    """A town in which approvals has put aside two records that nobody can read, and parked one behind the first."""
    its = await open_town(memory)
    await two_unreadable(memory, its)
    return its


async def put_aside(memory: Platform, town: Town) -> None:
    """The same, and approvals has stopped for it."""
    await two_unreadable(memory, town)
    await stop(memory)


async def stop(memory: Platform) -> None:
    """Approvals' consumer has rejected too much."""
    db, why = (
        memory.databases["approvals"],
        Exceeded(Limit.IN_A_ROW, 50, 50, "mkd.requests", "mkd.requests/1/2", "not-json"),
    )
    async with db.client.start_session() as session, await session.start_transaction():
        await stops.stop(session, db, memory.runners["approvals.cases"].group, why)


async def two_unreadable(memory: Platform, its: Town) -> None:
    """Records that requests has not sent."""
    mine, other = await its.submit("ani", [MONDAY]), await its.submit("dedi", [MONDAY])
    await memory.settle()
    append(memory, its, "ani", mine["request_id"], 2, f'{{"{CANARY}": "{CANARY}"')
    whole = {"request_id": mine["request_id"], "employee_id": its.ids["ani"], "days": [str(MONDAY)]}
    append(memory, its, "ani", mine["request_id"], 3, json.dumps(whole))
    append(memory, its, "dedi", other["request_id"], 2, "\n".join(XSS))
    await memory.settle()


def append(memory: Platform, town: Town, name: str, request_id: str, n: int, body: str) -> None:
    """A record on requests' topic that requests has not sent."""
    assert memory.bus
    headers = cloudevents.headers(
        "mkd.requests.request-withdrawn.v1",
        id_=f"0199-{name}-{n}",
        source="/tests/requests",
        subject=request_id,
        n=n,
        time=NOON,
        trace="",
    )
    topic = f"{memory.settings['requests'].topic_prefix}mkd.requests"
    memory.bus.append(topic, town.ids[name].encode(), body.encode(), headers)


async def all_well(memory: Platform) -> None:
    """Every service's worker says that it is at work."""
    for db in memory.databases.values():
        await workers.tell(db, "1", "g1", checks=WELL, failing=[], lag={}, not_falling=[])


async def english(portal: Portal, who: str = "operator") -> Browser:
    browser = await portal.signed_in(who)
    await browser.post("/language/en", [], Origin=PUBLIC)
    return browser


def boxes(page: Page) -> list[str]:
    return [said["value"] or "" for tag, said in page.tags if tag == "input" and said.get("name") == "letter"]


async def letters(memory: Platform) -> list[tuple[str, str | None]]:
    """What has become of what approvals has put aside, in order."""
    found = memory.databases["approvals"].dead_letters.find({}).sort("_id", 1)
    return [(one["status"], one.get("closed_because")) async for one in found]


async def test_an_operator_who_is_on_no_record_signs_in_and_sees_these_pages_alone(
    memory: Platform, portal: Portal
) -> None:
    await open_town(memory)
    browser = await english(portal)
    home = await browser.open("/")
    assert (home.status_code, home.url.path) == (200, "/operation")
    page = Page(home.text)
    assert [said["href"] for tag, said in page.tags if tag == "a" and said.get("aria-current") == "page"]
    assert 'href="/today"' not in page.html
    refused = await browser.open("/dashboard")
    assert refused.status_code == 403
    assert "You are not on record as an active employee" in refused.text
    assert 'href="/operation"' in refused.text, "the way back"


async def test_an_operator_who_is_an_employee_has_both(memory: Platform, portal: Portal) -> None:
    await open_town(memory)
    its = portal.app.state.settings
    portal.app.state.settings = its.model_copy(update={"operator_subjects": subject("eka")})
    try:
        eka = await portal.signed_in(subject("eka"))
        today = await eka.page("/today")
        assert 'href="/operation"' in today.html
    finally:
        portal.app.state.settings = its


@pytest.mark.parametrize("who", ["ani", "budi", "citra", "hana"])
async def test_nobody_else_sees_them(memory: Platform, portal: Portal, town: Town, who: str) -> None:
    browser = await english(portal, subject(who))
    csrf = dict((await browser.page("/today")).form("/sign-out").fields)["csrf"]
    assert "/operation" not in (await browser.page("/today")).html
    letter = f"{LETTERS}/approvals/eA"
    for path in (
        "/operation",
        "/operation/services/savings",
        LETTERS,
        letter,
        "/operation/consumers/approvals/x",
        "/operation/runbooks/MkdOutboxLate",
    ):
        answer = await browser.open(path)
        assert (answer.status_code, "for those who operate" in answer.text) == (403, True), path
    for path, fields in (
        (LETTERS, [("letter", "approvals:eA"), ("decision", "retry")]),
        (letter, [("decision", "show")]),
        (letter, [("decision", "discard"), ("reason", "x")]),
        ("/operation/consumers/approvals/x", [("stopped_at", "2026-09-07T05:00:00Z")]),
    ):
        answer = await browser.post(path, [("csrf", csrf), *fields], Origin=PUBLIC)
        assert answer.status_code == 403, path
    assert {status for status, _ in await letters(memory)} == {"open", "parked"}


async def test_a_form_of_elsewhere_does_nothing(memory: Platform, portal: Portal, town: Town) -> None:
    browser = await english(portal)
    page = await browser.page(OF_APPROVALS)
    form = page.form(f"{OF_APPROVALS}&status=waiting")
    for fields, headers in (
        (form.filled(csrf="x", letter=boxes(page), decision="retry"), {"Origin": PUBLIC}),
        (form.filled(letter=boxes(page), decision="retry"), {"Origin": "https://evil.example"}),
    ):
        assert (await browser.post(form.action, fields, **headers)).status_code == 403
    assert {status for status, _ in await letters(memory)} == {"open", "parked"}


async def test_what_needs_a_human_comes_first_with_its_runbook(memory: Platform, portal: Portal, town: Town) -> None:
    browser = await english(portal)
    silent = await browser.page("/operation")
    assert silent.text.count("No worker of this service is heard of") == 5
    await all_well(memory)
    page = await browser.page("/operation")
    group = memory.runners["approvals.cases"].group
    for said in ("Records were put aside and wait", "There are 2.", group, "Runbook MkdDeadLettersOpen", "0.2.0"):
        assert said in page.text, said
    its = await browser.page("/operation/services/approvals")
    assert its.text.index("Records were put aside and wait") < its.text.index("Consumers: how far")
    assert "event number 2, which was put aside" in its.text
    assert CANARY not in page.text + its.text
    assert (await browser.open("/operation/services/nobody")).status_code == 404
    answer = await browser.open("/operation/runbooks/MkdDeadLettersOpen")
    assert "./mkd dead-letters list" in answer.text
    assert (await browser.open("/operation/runbooks/MkdNone")).status_code == 404


async def test_where_all_is_well_nothing_needs_anybody(memory: Platform, portal: Portal) -> None:
    await open_town(memory)
    await all_well(memory)
    browser = await english(portal)
    assert "Nothing needs anybody." in (await browser.page("/operation")).text


async def test_records_are_listed_by_filter_and_shown_without_what_they_hold(
    memory: Platform, portal: Portal, town: Town
) -> None:
    browser, group = await english(portal), memory.runners["approvals.cases"].group
    page = await browser.page(OF_APPROVALS)
    assert len(boxes(page)) == 3
    assert len(boxes(await browser.page(LETTERS))) == 12, "four consumers read that topic"
    assert "not-json" in page.text
    assert "What it holds cannot be read." in page.text, "the advice for the rule"
    for query, count in (
        ("?service=approvals&status=open", 2),
        ("?service=approvals&status=parked", 1),
        (f"?service=approvals&consumer={group}", 3),
        ("?service=organisation", 0),
        ("?status=handled", 0),
        ("?service=nobody&status=nothing&consumer=%00", 12),
    ):
        assert len(boxes(await browser.page(LETTERS + query))) == count, query
    everything = await browser.page(f"{OF_APPROVALS}&all=1")
    assert len([tag for tag, said in everything.tags if said.get("name") == "letter" and "checked" in said]) == 3
    service, _, id_ = boxes(page)[0].partition(":")
    shown = await browser.page(f"{LETTERS}/{service}/{id_}")
    for one in (page, shown):
        assert CANARY not in one.text
        assert "alert(1)" not in one.text


async def test_what_a_record_holds_is_shown_to_who_asks_and_is_text(
    memory: Platform, portal: Portal, town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    browser = await english(portal)
    held = []
    for box in boxes(await browser.page(f"{OF_APPROVALS}&status=open")):
        path = f"{LETTERS}/{box.replace(':', '/')}"
        form = (await browser.page(path)).form(path)
        shown = Page((await browser.send(form, decision="show")).text)
        holds_no_script(shown)
        held.append(shown.text)
    assert sum(CANARY in text for text in held) == 1
    assert sum("<script>alert(1)</script>" in text for text in held) == 1
    assert capsys.readouterr().out.count("dead-letter-read") == 2


async def test_many_are_handled_again_or_given_up_by_one_form(memory: Platform, portal: Portal, town: Town) -> None:
    browser = await english(portal)
    page = await browser.page(OF_APPROVALS)
    form, chosen = page.form(f"{OF_APPROVALS}&status=waiting"), boxes(page)
    for wrong, said in (
        ({"letter": None, "decision": "retry"}, "Choose at least one record."),
        ({"letter": chosen}, "Choose a decision."),
        ({"letter": chosen, "decision": "discard", "reason": " "}, "Give a reason."),
    ):
        answer = await browser.send(form, **wrong)
        assert (answer.status_code, said in answer.text) == (422, True), said
    still = await browser.send(form, letter=chosen, decision="retry")
    assert still.status_code == 422
    assert still.text.count("Stays put aside: ") == 3
    assert CANARY not in still.text
    reason = "Rekaman uji <b>bukan</b> milik kami"
    done = await browser.send(form, letter=chosen, decision="discard", reason=reason)
    assert done.status_code == 200
    assert "3 records have been given up." in done.text
    assert await letters(memory) == [("discarded", reason)] * 3, "also the one that waited behind another"
    again = await browser.send(form, letter=[chosen[0]], decision="discard", reason="once more")
    assert again.status_code == 200
    assert ("discarded", "once more") not in await letters(memory), "sent twice it changes nothing more"
    late = await browser.send(form, letter=[chosen[0]], decision="retry")
    assert (late.status_code, "This record was given up" in late.text) == (422, True)
    shown = await browser.page(f"{LETTERS}/{chosen[0].replace(':', '/')}")
    assert reason in shown.text


async def test_one_is_handled_again_once_it_is_mended(memory: Platform, portal: Portal, town: Town) -> None:
    browser, db = await english(portal), memory.databases["approvals"]
    box = boxes(await browser.page(f"{OF_APPROVALS}&status=open"))[0]
    path = f"{LETTERS}/{box.replace(':', '/')}"
    form = [one for one in (await browser.page(path)).forms if one.action == path][-1]
    wrong = await browser.send(form, decision="discard", reason="")
    assert (wrong.status_code, "Give a reason." in wrong.text) == (422, True)
    still = await browser.send(form, decision="retry")
    assert (still.status_code, "not-json" in still.text) == (422, True)
    for letter in await db.dead_letters.find({"status": "open"}).to_list():
        headers = dict(letter["headers"])
        request_id = headers["ce_subject"].decode()
        value = {"request_id": request_id, "employee_id": letter["key"].decode(), "days": [str(MONDAY)]}
        await db.dead_letters.update_one({"_id": letter["_id"]}, {"$set": {"value": json.dumps(value).encode()}})
    done = await browser.send(form, decision="retry")
    assert (done.status_code, "1 record has been handled." in done.text) == (200, True), done.text
    assert (await browser.open(f"{LETTERS}/approvals/bm9ib2R5")).status_code == 404
    assert (await browser.open(f"{LETTERS}/nobody/bm9ib2R5")).status_code == 404


async def test_a_consumer_that_has_stopped_is_let_go_on(memory: Platform, portal: Portal, town: Town) -> None:
    db, group = memory.databases["approvals"], memory.runners["approvals.cases"].group
    await stop(memory)
    await all_well(memory)
    browser, path = await english(portal), f"/operation/consumers/approvals/{group}"
    state = await browser.page("/operation")
    assert f'href="{path}"' in state.html
    assert state.text.index("This consumer has stopped") < state.text.index("Records were put aside and wait")
    page = await browser.page(path)
    assert "it has rejected 50 of the last 50 records of mkd.requests" in page.text
    form = page.form(path)
    faulty = await browser.send(form, retry="1")
    assert (faulty.status_code, "A record still cannot be handled" in faulty.text) == (422, True)
    assert await stops.every(db)
    other = await browser.send(form, stopped_at="2026-09-07T05:00:00Z")
    assert (other.status_code, "has stopped at another moment" in other.text) == (422, True)
    done = await browser.send(form, retry=None)
    assert (done.status_code, "The consumer goes on." in done.text) == (200, True)
    assert await stops.every(db) == {}
    assert (await browser.send(form, retry=None)).status_code == 200, "sent twice it changes nothing more"
    assert (await browser.open("/operation/consumers/approvals/none")).status_code == 404
    assert (await browser.open("/operation/consumers/nobody/none")).status_code == 404


async def test_nothing_that_is_sent_breaks_them(memory: Platform, portal: Portal, town: Town) -> None:
    browser = await english(portal)
    page = await browser.page(LETTERS)
    csrf, group = dict(page.form("/sign-out").fields)["csrf"], memory.runners["approvals.cases"].group
    for value in ("", "\x00", "'", "a" * 5000, "approvals:\ud7ff", "[]", "{{7*7}}", "approvals:" + "a" * 900):
        for name in ("service", "status", "consumer", "cursor", "done", "decision", "all"):
            for query in ({name: value}, {name: value, "service": "approvals"}):
                assert (await browser.http.get(LETTERS, params=query)).status_code < 500, (name, value)
        sent: list[tuple[str, list[tuple[str, str]]]] = [
            (LETTERS, [("letter", value), ("decision", value), ("reason", value)]),
            (LETTERS, [("letter", boxes(page)[0]), ("decision", "discard"), ("reason", value or "\x00")]),
            (f"/operation/consumers/approvals/{group}", [("stopped_at", value), ("retry", value)]),
        ]
        for path, fields in sent:
            answer = await browser.post(path, [("csrf", csrf), *fields], Origin=PUBLIC)
            assert answer.status_code < 500, (path, value, answer.text)


async def test_the_state_is_asked_for_again_where_there_are_scripts(
    memory: Platform, portal_with_scripts: Portal
) -> None:
    await open_town(memory)
    browser = await english(portal_with_scripts)
    page = await browser.page("/operation")
    (polled,) = [said for _, said in page.tags if said.get("hx-trigger") == "every 5s"]
    assert (polled["hx-get"], polled["hx-target"]) == ("/operation", "#main")
    headers: dict[str, str] = json.loads(polled["hx-headers"] or "")
    assert headers == {"Mkd-Live": "1"}, "a page that was left open keeps no session alive"
    assert "As of " in page.text


def need(rule: str, urgency: str) -> Need:
    return Need(rule=rule, urgency=urgency, about="x", count=None, since=None, runbook="MkdJobsFail")


def state_of(*needs: Need) -> State:
    known: dict[str, Any] = {
        "service": "x",
        "as_of": NOON,
        "needs": [],
        "outbox": {"unsent": 0, "oldest_at": None},
        "parked_count": 0,
        **{name: [] for name in ("consumers", "dead_letters", "parked", "jobs", "leases", "workers", "losses")},
        "software_version": "1",
        "schema_version": 3,
        "generation": "g1",
        "models_version": 1,
    }
    return State.model_validate(known).model_copy(update={"needs": list(needs)})


def test_a_service_that_does_not_answer_is_urgent_and_what_is_urgent_comes_first() -> None:
    said = [
        ("one", state_of(need("letters-open", "soon"), need("consumer-stopped", "urgent"))),
        ("two", None),
    ]
    got = [(one.service, one.need.rule, one.address) for one in first(said)]
    assert got == [
        ("one", "consumer-stopped", "/operation/consumers/one/x"),
        ("two", "service-away", ""),
        ("one", "letters-open", "/operation/dead-letters?service=one&status=open&consumer=x"),
    ]


def test_a_runbook_is_read_into_headings_lists_and_commands() -> None:
    text = "# MkdX\n\nWhat it is.\n\n## Mend\n\n1. Do `./mkd status`\n   first.\n2. See [this](That.md).\n\n- *A*: b.\n"
    found = runbook("MkdX", text)
    assert [(part.kind, len(part.lines)) for part in found.parts] == [
        (Kind.TEXT, 1),
        (Kind.HEADING, 1),
        (Kind.STEPS, 2),
        (Kind.POINTS, 1),
    ]
    assert found.parts[2].lines[0] == (Span("Do "), Span("./mkd status", is_code=True), Span(" first."))
    assert found.parts[3].lines[0] == (Span("A: b."),)


@pytest.mark.parametrize("file", sorted((ROOT / "docs" / "runbooks").glob("Mkd*.md")), ids=lambda file: file.stem)
def test_every_runbook_can_be_shown(file: Any) -> None:
    found = runbook(file.stem, file.read_text())
    assert [part.lines[0][0].text for part in found.parts if part.kind is Kind.HEADING][:1] == ["What it means"]
    assert not [span for part in found.parts for line in part.lines for span in line if "](" in span.text]
