"""A town of a few people with names, for tests that tell a story."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

import httpx

from demo.stage import WIB
from shared.kit.messaging import cloudevents
from tests.harness.bus import MemoryBus
from tests.harness.databases import State
from tests.harness.platform import Platform

SINCE = "2025-01-01"
HEADING = (
    "nip,name,subject,unit_code,position_code,superior_nip,roles,round_trip_km,vehicle,fuel,km_per_litre,effective_from"
)
PEOPLE = {
    "eka": ("kepala", "", "", "30,car,pertamax,10"),
    "budi": ("kepala", "eka", "", "30,car,pertamax,10"),
    "ani": ("analis", "budi", "", "20,motorcycle,pertalite,40"),
    "dedi": ("analis", "budi", "", "16,motorcycle,pertalite,"),
    "citra": ("analis", "budi", "personnel_agency", "12,car,pertalite,"),
    "farah": ("loket", "budi", "", "8,motorcycle,,"),
    "gilang": ("pengemudi", "budi", "", "8,active,,"),
    "hana": ("analis", "eka", "analyst", ",,,"),
}
"""Position, superior, roles, commute. Farah meets the public, Gilang's work is not measured, Hana was not surveyed."""
NIPS = {name: f"1990010120150310{number:02}" for number, name in enumerate(PEOPLE, 10)}
WEDNESDAY = date(2026, 9, 2)


@dataclass
class Town:
    """Eight people of one unit, on a Wednesday morning."""

    platform: Platform
    ids: dict[str, str] = field(default_factory=dict)

    def at(self, day: date, hour: int = 8) -> None:
        """It is now that hour of that day."""
        self.platform.set_clock(datetime.combine(day, time(hour), WIB))

    async def get(self, name: str, service: str, path: str, **params: Any) -> httpx.Response:
        return await self.platform.apis.get(subject(name), service, path, **params)

    async def post(self, name: str, service: str, path: str, body: Any = None, **extra: Any) -> httpx.Response:
        return await self.platform.apis.post(subject(name), service, path, body, **extra)

    async def ask(self, name: str, days: list[date], **changed: Any) -> httpx.Response:
        """Somebody asks to work from home on some days, with one output for each."""
        body: dict[str, Any] = {
            "days": [str(day) for day in days],
            "place": {"category": "residence"},
            "outputs": [
                {"day": str(day), "title": "Telaahan staf", "target_quantity": 1, "measure": "document"} for day in days
            ],
            "reason": "Pekerjaan terencana.",
        }
        return await self.post(name, "requests", "/v1/requests", body | changed)

    async def submit(self, name: str, days: list[date], **changed: Any) -> dict[str, Any]:
        """The same, accepted."""
        answer = await self.ask(name, days, **changed)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def decide(self, name: str, asked: dict[str, Any], verb: str, body: Any = None) -> httpx.Response:
        """Somebody approves, rejects or revokes, on the newest version of the case."""
        path = f"/v1/cases/{asked['request_id']}"
        case = await self.get(name, "approvals", path)
        seen = case.json().get("version", 0)
        return await self.post(name, "approvals", f"{path}:{verb}", body, seen=seen)

    async def approve(self, name: str, asked: dict[str, Any]) -> None:
        answer = await self.decide(name, asked, "approve")
        assert answer.status_code == 200, answer.text

    async def on_outputs(self, name: str, asked: dict[str, Any], verb: str, body: Any = None) -> list[httpx.Response]:
        """Somebody does something with every output of a request."""
        answers = []
        for output in asked["outputs"]:
            path = f"/v1/plans/{asked['request_id']}"
            plan = await self.get(name, "performance", path)
            seen = plan.json().get("version", 0)
            address = f"{path}/outputs/{output['output_id']}:{verb}"
            answers.append(await self.post(name, "performance", address, body, seen=seen))
        return answers

    async def log(self, name: str, asked: dict[str, Any]) -> None:
        body = {"quantity": 1, "note": "Selesai.", "link": "https://contoh.example/1"}
        for answer in await self.on_outputs(name, asked, "log", body):
            assert answer.status_code == 200, answer.text

    async def verify(self, name: str, asked: dict[str, Any]) -> None:
        for answer in await self.on_outputs(name, asked, "verify"):
            assert answer.status_code == 200, answer.text

    async def day(self, name: str, day: date) -> dict[str, Any]:
        """What savings says of somebody's day, to themselves."""
        answer = await self.get(name, "savings", f"/v1/days/{self.ids[name]}/{day}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def load(self, kind: str, sheet: str) -> dict[str, Any]:
        """The administrator sends a sheet and confirms it."""
        sent = await self.send(kind, sheet)
        assert sent.status_code == 201, sent.text
        path = f"/v1/imports/{sent.json()['import_id']}:confirm"
        confirmed = await self.platform.apis.post("administrator", "organisation", path)
        assert confirmed.status_code == 200, confirmed.text
        return dict(confirmed.json())

    async def send(self, kind: str, sheet: str) -> httpx.Response:
        """The administrator sends a sheet."""
        return await self.platform.apis.post(
            "administrator",
            "organisation",
            f"/v1/imports?kind={kind}",
            content=sheet.encode(),
            headers={"Content-Type": "text/csv"},
        )

    async def put_aside(self, asked: dict[str, Any], unreadable: str, at: datetime) -> None:
        """Approvals hears of a request what it cannot read, and then what comes after that: the one is put aside, and
        the other parked."""
        its = self.platform
        topic = f"{its.settings['requests'].topic_prefix}mkd.requests"
        assert its.bus
        whole = {"request_id": asked["request_id"], "employee_id": self.ids["ani"], "days": asked["days"]}
        for n, body in ((2, unreadable), (3, json.dumps(whole))):
            headers = cloudevents.headers(
                "mkd.requests.request-withdrawn.v1",
                id_=f"0199-{n}",
                source="/tests/requests",
                subject=asked["request_id"],
                n=n,
                time=at,
                trace="",
            )
            its.bus.append(topic, self.ids["ani"].encode(), body.encode(), headers)
        await its.settle()

    async def play_to_verified(self, name: str, day: date) -> dict[str, Any]:
        """Somebody works a day from home as agreed; it is the morning after."""
        asked = await self.submit(name, [day])
        await self.platform.settle()
        await self.approve("budi", asked)
        await self.platform.settle()
        self.at(day, 15)
        await self.log(name, asked)
        await self.verify("budi", asked)
        self.at(date.fromordinal(day.toordinal() + 1))
        await self.platform.settle()
        return asked


def subject(name: str) -> str:
    """The subject of somebody's tokens."""
    return f"subject-of-{name}"


def row(name: str, /, *, since: str = SINCE, **changed: str) -> str:
    """Somebody's row of the employees' sheet."""
    position, superior, roles, commute = PEOPLE[name]
    superior_nip = NIPS[superior] if superior else ""
    cells = {
        "nip": NIPS[name],
        "name": name.title(),
        "subject": subject(name),
        "unit_code": "bkd",
        "position_code": position,
        "superior_nip": superior_nip,
        "roles": roles,
        "commute": commute,
        "effective_from": since,
    }
    return ",".join((cells | changed).values())


@dataclass(frozen=True)
class Kept:
    """An open town as it was left: documents, records, and who is who."""

    state: State
    bus: MemoryBus
    ids: dict[str, str]


_kept: list[Kept] = []


def begun_by(test: Callable[..., Any]) -> State | None:
    """Where databases are wanted by a test that opens the town before it does anything else."""
    opens = test.__code__.co_names[:1] == (open_town.__name__,)
    return _kept[0].state if opens and _kept else None


async def open_town(platform: Platform, *, from_sheets: bool = False) -> Town:
    """Everybody is on record and known to every service. A platform on the bus in memory to which nothing has happened
    is brought to where the first one was when its town was open, unless a test wants to be there when it opens."""
    is_in = await platform.untouched() if platform.bus is not None else None
    new = is_in is not None
    if new and _kept and not from_sheets:
        return await _opened_again(platform, _kept[0])
    if new and is_in is not platform.as_made:
        await platform.watched.bring_back(platform.as_made)
    town = await _open(platform)
    if new and platform.bus and not _kept:
        _kept.append(Kept(await platform.watched.keep(), platform.bus.kept(), dict(town.ids)))
    return town


async def _opened_again(platform: Platform, opened: Kept) -> Town:
    town = Town(platform, dict(opened.ids))
    town.at(WEDNESDAY)
    await platform.watched.bring_back(opened.state)
    platform.put_on(opened.bus.kept())
    return town


async def _open(platform: Platform) -> Town:
    town = Town(platform)
    town.at(WEDNESDAY)
    await town.load(
        "units", f"unit_code,name,effective_from\nbkd,Badan Kepegawaian Daerah,{SINCE}\nlain,Lain,{SINCE}\n"
    )
    positions = ("analis,ya,tidak", "kepala,ya,tidak", "loket,ya,ya", "pengemudi,tidak,tidak")
    sheet = "position_code,measurable,public_contact,effective_from\n"
    await town.load("positions", sheet + "".join(f"{position},{SINCE}\n" for position in positions))
    await town.load("employees", "\n".join([HEADING, *(row(name) for name in PEOPLE)]) + "\n")
    await platform.settle()
    for name in PEOPLE:
        me = await town.get(name, "savings", "/v1/me")
        assert me.status_code == 200, me.text
        town.ids[name] = me.json()["employee_id"]
    return town
