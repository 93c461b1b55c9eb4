"""The calls to try are answered as they state, in the order of the story that they tell."""

from datetime import datetime
from typing import Any

from demo.stage import WIB
from deploy.base.home import DEFAULT_PORT_BASE, DEMO_PORTS_AFTER, ROOT, SERVICES, Home
from tests.documents.calls import File, Session, parse
from tests.harness.platform import Platform
from tests.harness.town import open_town, subject

FOLDER = ROOT / "docs" / "http"
STORY = ("organisation", "requests", "approvals", "performance", "savings")
FILES = {name: parse((FOLDER / f"{name}.http").read_text()) for name in STORY}
PEOPLE = {"MKD_ADMINISTRATOR": "administrator", "MKD_EMPLOYEE": subject("ani"), "MKD_SUPERIOR": subject("budi")}
DEMO_DAY = "./mkd --demo demo-day "


async def told(platform: Platform, service: str, file: File) -> dict[str, dict[str, Any]]:
    """Send every call of a file, and hold each to the status that it states. Returns bodies by name."""
    for command in file.first:
        assert command.startswith(DEMO_DAY)
        platform.set_clock(datetime.fromisoformat(command.removeprefix(DEMO_DAY)).replace(tzinfo=WIB))
        await platform.settle()
    session = Session(file.variables, lambda name: platform.token(PEOPLE[name]))
    client = platform.apis.clients[service]
    for call in file.calls:
        url = session.filled(call.url).removeprefix(file.variables["host"])
        headers = {name: session.filled(value) for name, value in call.headers.items()}
        answer = await client.request(call.method, url, headers=headers, content=session.filled(call.body).encode())
        assert answer.status_code == call.expected, f"{service}: {call.title}: {answer.status_code} {answer.text}"
        if call.expected >= 400:
            assert answer.headers["Content-Type"] == "application/problem+json"
        if call.name:
            session.answers[call.name] = answer
        await platform.settle()
    return {name: answer.json() for name, answer in session.answers.items()}


async def test_the_story_is_answered_as_it_is_told(memory: Platform) -> None:
    await open_town(memory)
    answers = {service: await told(memory, service, FILES[service]) for service in STORY}
    day = answers["savings"]["saved"]
    assert day["realised"]
    assert {entry["category"] for entry in day["entries"]} >= {"fuel"}
    assert {row["kind"] for row in day["postings"]} == {"posting"}
    assert answers["organisation"]["faulty"]["status"] == "invalid"


def test_every_service_has_its_file_and_states_where_the_demo_answers() -> None:
    assert {file.stem for file in FOLDER.glob("*.http")} == set(SERVICES) == set(STORY)
    demo = Home(ROOT, DEFAULT_PORT_BASE + DEMO_PORTS_AFTER)
    for name, file in FILES.items():
        assert file.variables["host"] == f"http://127.0.0.1:{demo.api_port(name)}"


def test_every_kind_of_call_is_shown_and_so_are_refusals_worth_knowing() -> None:
    stated = {call.expected for file in FILES.values() for call in file.calls}
    assert stated >= {200, 201, 400, 401, 403, 409, 412, 422, 428}
