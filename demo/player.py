"""How a month is played: as people do, through the public APIs, with what they forget, mistake and think better of.

Whatever the APIs accept goes into the oracle's account, and nothing else does.
"""

import asyncio
import heapq
import itertools
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from functools import partial
from typing import Any

import httpx

from demo.oracle import Account, Work
from demo.people import Apis, GivenUp
from demo.province import Person, Province, Terms

WIB = timezone(timedelta(hours=7))
AT_ONCE = 16
PATIENCE_S = 60.0
SUBMIT, DECIDE, RECONSIDER, LOG, JUDGE = (time(h) for h in (8, 10, 12, 15, 17))
Action = Callable[[], Awaitable[None]]
OUTPUTS = (("Telaahan staf", "document", 1), ("Laporan kegiatan", "report", 2), ("Pemutakhiran data", "percent", 100))


@dataclass
class Asked:
    """A request as its employee remembers it."""

    request_id: str
    person: Person
    days: list[date]
    away: bool
    alt_km: Decimal
    outputs: dict[str, date]
    chance: random.Random
    withdrawn: bool = False


@dataclass
class Player:
    """Plays everybody in a province over some working days."""

    apis: Apis
    province: Province
    account: Account
    set_clock: Callable[[datetime], None]
    seed: int
    working_days: list[date]
    on_day: Callable[[date], None] = lambda _: None
    tally: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    _queue: list[tuple[datetime, int, Action]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=itertools.count)
    _inboxes: dict[tuple[datetime, str], list[Asked]] = field(default_factory=dict)

    async def play(self) -> date:
        """Everything, in business time. Returns the day on which all is over."""
        for person in self.province.people.values():
            self._plan(person)
        shown: set[date] = set()
        while self._queue:
            moment = self._queue[0][0]
            self.set_clock(moment)
            if moment.date() not in shown:
                shown.add(moment.date())
                self.on_day(moment.date())
            now: list[Action] = []
            while self._queue and self._queue[0][0] == moment:
                now.append(heapq.heappop(self._queue)[2])
            await self._together(now)
        over = max(shown) + timedelta(days=1)
        self.set_clock(datetime.combine(over, SUBMIT, WIB))
        return over

    async def _together(self, actions: list[Action]) -> None:
        gate = asyncio.Semaphore(AT_ONCE)

        async def through(action: Action) -> None:
            async with gate:
                await action()

        async with asyncio.TaskGroup() as group:
            for action in actions:
                group.create_task(through(action))

    def at(self, day: date, hour: time, action: Action) -> None:
        """Do something at a business moment."""
        heapq.heappush(self._queue, (datetime.combine(day, hour, WIB), next(self._order), action))

    def _plan(self, person: Person) -> None:
        """What somebody means to ask for, week by week."""
        chance = self._chance(person)
        weeks: dict[tuple[int, int], list[date]] = {}
        for day in self.working_days:
            weeks.setdefault(day.isocalendar()[:2], []).append(day)
        for days in weeks.values():
            wished = min(len(days), chance.choices((0, 1, 2, 3), (15, 35, 45, 5))[0])
            chosen = sorted(chance.sample(days, wished))
            if not chosen:
                continue
            if chance.random() < 0.03:
                chosen.append(chosen[-1] + timedelta(days=5 - chosen[-1].weekday()))
            for part in [[day] for day in chosen] if chance.random() < 0.3 else [chosen]:
                on = part[0] - timedelta(days=0 if chance.random() < 0.02 else chance.randint(1, 4))
                self.at(on, SUBMIT, partial(self._submit, person, part, on))

    def _chance(self, person: Person, *of: object) -> random.Random:
        """What somebody does does not depend on how fast others are answered."""
        return random.Random(f"{self.seed} {person.nip} {of}")

    async def _submit(self, person: Person, days: list[date], on: date) -> None:
        chance = self._chance(person, *days)
        category = chance.choices(("residence", "another_office", "other_place", "office"), (86, 7, 4, 3))[0]
        place: dict[str, Any] = {"category": category}
        if category in ("another_office", "other_place"):
            place["round_trip_km"] = str(Decimal(chance.randint(5, 300)) / 10)
        outputs = [
            {"day": str(day), "title": title, "target_quantity": quantity, "measure": measure}
            for day in days
            for title, measure, quantity in chance.sample(OUTPUTS, chance.randint(1, 2))
        ]
        body: dict[str, Any] = {"days": [str(d) for d in days], "place": place, "outputs": outputs}
        body |= {"reason": "Pekerjaan terencana yang dapat diselesaikan di luar kantor."}
        if category == "office":
            body["window"] = {"starts": "10:00", "ends": "18:30"}
        answer = await self.apis.post(person.subject, "requests", "/v1/requests", body)
        if not self._counts("submitted", answer):
            return
        told = answer.json()
        agreed = {output["output_id"]: date.fromisoformat(output["day"]) for output in told["outputs"]}
        alt_km = Decimal(place.get("round_trip_km", 0))
        asked = Asked(told["request_id"], person, days, category != "office", alt_km, agreed, chance)
        self._send_to_superior(asked, on)
        if chance.random() < 0.03 and on < days[0]:
            self.at(on, RECONSIDER, partial(self._withdraw, asked))

    def _send_to_superior(self, asked: Asked, on: date) -> None:
        """It lies in the superior's inbox, who looks today, tomorrow, or never."""
        if asked.chance.random() < 0.03:
            return
        when = on + timedelta(days=asked.chance.choices((0, 1), (85, 15))[0])
        superior = asked.person.on(when).superior
        if superior:
            slot = (datetime.combine(when, DECIDE, WIB), superior)
            if slot not in self._inboxes:
                self._inboxes[slot] = []
                self.at(when, DECIDE, partial(self._decide, superior, slot))
            self._inboxes[slot].append(asked)

    async def _decide(self, superior: str, slot: tuple[datetime, str]) -> None:
        """Read the inbox until all that was sent is there, then decide each."""
        waiting = {asked.request_id: asked for asked in self._inboxes.pop(slot)}
        who = self.province.people[superior].subject
        seen: dict[str, int] = {}

        async def read() -> bool:
            cursor: dict[str, str] = {}
            while True:
                page = (await self.apis.get(who, "approvals", "/v1/cases", limit=200, **cursor)).json()
                seen.update({case["request_id"]: case["version"] for case in page["items"]})
                if not page["next_cursor"]:
                    return waiting.keys() <= seen.keys()
                cursor = {"cursor": page["next_cursor"]}

        await self._until(read, f"the inbox of {superior}")
        for request_id, asked in waiting.items():
            await self._decide_one(who, asked, seen[request_id], slot[0].date())

    async def _decide_one(self, who: str, asked: Asked, version: int, today: date) -> None:
        chance, path = asked.chance, f"/v1/cases/{asked.request_id}"
        if chance.random() < 0.04:
            reason = {"reason": "Diperlukan di kantor pada hari tersebut."}
            self._counts("rejected", await self.apis.post(who, "approvals", f"{path}:reject", reason, seen=version))
            return
        answer = await self.apis.post(who, "approvals", f"{path}:approve", seen=version)
        if not self._counts("approved", answer):
            return
        work = Work(asked.person.nip, asked.days, asked.away, asked.alt_km, asked.outputs)
        self.account.approved(asked.request_id, work)
        if chance.random() < 0.04:
            when = today + timedelta(days=chance.randint(1, 8))
            self.at(when, RECONSIDER, partial(self._revoke, asked, when))
        for day in asked.days:
            if chance.random() < 0.95:
                on = day + timedelta(days=chance.choices((0, 1, 2, 3), (88, 6, 4, 2))[0])
                self.at(on, LOG, partial(self._log, asked, day, on))

    async def _withdraw(self, asked: Asked) -> None:
        who, path = asked.person.subject, f"/v1/requests/{asked.request_id}"
        known = await self.apis.get(who, "requests", path)
        answer = await self.apis.post(who, "requests", f"{path}:withdraw", seen=known.json()["version"])
        if answer.status_code == 412:
            await self._withdraw(asked)
        elif self._counts("withdrawn", answer):
            asked.withdrawn = True
            self.account.cancelled(asked.request_id)

    async def _revoke(self, asked: Asked, today: date) -> None:
        who, path = self._superior_of(asked.person, today), f"/v1/cases/{asked.request_id}"
        known = await self.apis.get(who, "approvals", path)
        reason = {"reason": "Ada keperluan dinas mendesak."}
        answer = await self.apis.post(who, "approvals", f"{path}:revoke", reason, seen=known.json()["version"])
        if answer.status_code == 412:
            await self._revoke(asked, today)
        elif self._counts("revoked", answer):
            self.account.cancelled(asked.request_id)

    async def _log(self, asked: Asked, day: date, today: date) -> None:
        """Report the outputs of a day that are not verified yet."""
        if asked.withdrawn:
            return
        who = asked.person.subject
        body = {"quantity": "1", "note": "Selesai.", "link": "https://contoh.example/berkas/1"}
        for output_id in await self._outputs(who, asked, day, {"agreed", "returned"}):
            if not await self._on_output("logged", who, asked, output_id, "log", body):
                return
        if asked.chance.random() < 0.96:
            when = today + timedelta(days=asked.chance.choices((0, 1, 2, 3), (65, 20, 10, 5))[0])
            self.at(when, JUDGE, partial(self._judge, asked, day, when))

    async def _judge(self, asked: Asked, day: date, today: date) -> None:
        """The superior verifies what was reported, or sends it back, to see it again."""
        who, tomorrow = self._superior_of(asked.person, today), today + timedelta(days=1)
        for output_id in await self._outputs(who, asked, day, {"logged"}):
            if asked.chance.random() < 0.06:
                reason = {"reason": "Belum lengkap."}
                if await self._on_output("returned", who, asked, output_id, "return", reason):
                    self.at(tomorrow, LOG, partial(self._log, asked, day, tomorrow))
            elif await self._on_output("verified", who, asked, output_id, "verify", None):
                self.account.verified(asked.request_id, output_id)
                if asked.chance.random() < 0.02:
                    self.at(tomorrow, RECONSIDER, partial(self._doubt, asked, day, output_id, tomorrow))

    async def _doubt(self, asked: Asked, day: date, output_id: str, today: date) -> None:
        """The superior takes a verification back, and half of the time gives it again."""
        who, tomorrow = self._superior_of(asked.person, today), today + timedelta(days=1)
        reason = {"reason": "Ternyata keliru."}
        if await self._on_output("doubted", who, asked, output_id, "withdraw-verification", reason):
            self.account.verification_withdrawn(asked.request_id, output_id)
            if asked.chance.random() < 0.5:
                self.at(tomorrow, JUDGE, partial(self._judge, asked, day, tomorrow))

    async def _outputs(self, who: str, asked: Asked, day: date, progress: set[str]) -> list[str]:
        plan = await self._plan_of(who, asked)
        return [o["output_id"] for o in plan["outputs"] if o["day"] == str(day) and o["progress"] in progress]

    async def _on_output(self, what: str, who: str, asked: Asked, output_id: str, verb: str, body: Any) -> bool:
        """A command on one output, on the newest version of its plan."""
        path = f"/v1/plans/{asked.request_id}/outputs/{output_id}:{verb}"
        while True:
            version = (await self._plan_of(who, asked))["version"]
            answer = await self.apis.post(who, "performance", path, body, seen=version)
            if answer.status_code != 412:
                return self._counts(what, answer)

    async def _plan_of(self, who: str, asked: Asked) -> dict[str, Any]:
        """The plan, as soon as performance has heard of the approval."""
        found: dict[str, Any] = {}

        async def read() -> bool:
            answer = await self.apis.get(who, "performance", f"/v1/plans/{asked.request_id}")
            found.update(answer.json())
            return answer.status_code == 200

        await self._until(read, f"the plan of {asked.request_id}")
        return found

    def _superior_of(self, person: Person, today: date) -> str:
        superior = person.on(today).superior
        assert superior, "only requests with a superior are decided"
        return self.province.people[superior].subject

    def _counts(self, what: str, answer: httpx.Response) -> bool:
        """Count an answer; true when it was accepted. A refusal is counted by its rule."""
        if answer.is_success:
            self.tally[what] += 1
            return True
        if answer.status_code not in (403, 409, 422):
            raise GivenUp(f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:300]}")
        self.refusals.update(error["rule"] for error in answer.json()["errors"])
        return False

    async def _until(self, read: Callable[[], Awaitable[bool]], what: str) -> None:
        """Look again, as one reloads a page, until it shows what must come."""
        waited_s, pause_s = 0.0, 0.05
        while not await read():
            if waited_s > PATIENCE_S:
                raise GivenUp(f"{what} did not show what must come within {PATIENCE_S:.0f} s")
            await asyncio.sleep(pause_s)
            waited_s, pause_s = waited_s + pause_s, min(pause_s * 1.5, 1)


def later_terms(province: Province, chance: random.Random, day: date, share: float) -> list[tuple[Person, Terms]]:
    """What the personnel agency records on a day: transfers from then on, and commutes that were wrong all along."""
    found: list[tuple[Person, Terms]] = []
    staff = [p for p in province.people.values() if p.history[0].position in ("analis-kebijakan", "arsiparis")]
    for person in chance.sample(staff, max(2, round(len(staff) * share))):
        now = person.on(day)
        other = chance.choice([p for p in staff if p.on(day).superior and p.nip != person.nip]).on(day)
        if chance.random() < 0.5:
            found.append((person, replace(now, effective_from=day, unit=other.unit, superior=other.superior)))
        elif now.commute:
            way = replace(now.commute, round_trip_km=now.commute.round_trip_km + Decimal("1.5"))
            found.append((person, replace(now, effective_from=person.history[0].effective_from, commute=way)))
    return found
