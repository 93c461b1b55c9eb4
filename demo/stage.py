"""How a play is run: what people mean to do lies in a queue by business time, and is done as many at once as an office
would. Each command has its verdict by the rules before it is sent; whatever they allow goes into the oracle's account,
and an answer that is another is a difference.

What one person sends, and what is done to one person's requests at a moment, is done one by one; and before a command
is sent, the player waits until the service that judges it shows what it must have heard: so there is one verdict.
"""

import asyncio
import heapq
import itertools
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from demo.account import Account, Plan, Request
from demo.people import Apis, GivenUp
from demo.province import WIB as JAKARTA
from demo.province import Person, Province
from demo.rules import Rules, Verdict

WIB = ZoneInfo(JAKARTA)
AT_ONCE = 16
PATIENCE_S = 120.0
NO_PATIENCE_S = 3.0
"""When something has gone wrong already."""
SUBMIT, DECIDE, RECONSIDER, LOG, JUDGE = (time(h) for h in (8, 10, 12, 15, 17))
LATE = time(22, 30)
"""When it is tomorrow in the east, and still today here."""
Action = Callable[[], Awaitable[None]]
OUTPUTS = (("Telaahan staf", "document", 1), ("Laporan kegiatan", "report", 2), ("Pemutakhiran data", "percent", 100))
IN_CASES = {"submitted": "open", "withdrawn": "closed", "lapsed": "closed"}
"""How a case stands, by how its request does; in all else they are the same."""


@dataclass
class Asked:
    """A request, or a plan for office days, as its employee remembers it: with what they will do about it."""

    request: Request
    person: Person
    targets: dict[str, Decimal]
    chance: random.Random
    body: dict[str, Any]
    steady: bool = False

    @property
    def id(self) -> str:
        return self.request.id


@dataclass
class Stage:
    """Everybody in a province, the working days, and what was accepted and refused. `pause` waits a little, until there
    may be something new to see; who is `hasty` plays no further than to the first difference."""

    apis: Apis
    province: Province
    account: Account
    rules: Rules
    set_clock: Callable[[datetime], None]
    seed: int
    working_days: list[date]
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    on_day: Callable[[date], None] = lambda _: None
    hasty: bool = False
    now: datetime = datetime(1, 1, 1, tzinfo=WIB)
    tally: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)
    judged: int = 0
    _queue: list[tuple[datetime, int, str, Action]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=itertools.count)
    _seen: dict[str, tuple[str, int]] = field(default_factory=dict)

    async def run(self) -> datetime:
        """Everything in the queue, in business time. Returns the moment at which all is over."""
        shown: set[date] = set()
        while self._queue and not (self.hasty and self.differences):
            self.goes_on(self._queue[0][0])
            if self.now.date() not in shown:
                shown.add(self.now.date())
                self.on_day(self.now.date())
            now: dict[str, list[Action]] = {}
            while self._queue and self._queue[0][0] == self.now:
                _, number, whose, action = heapq.heappop(self._queue)
                now.setdefault(whose or str(number), []).append(action)
            await self._together(list(now.values()))
        self.goes_on(datetime.combine(max(shown) + timedelta(days=1), SUBMIT, WIB))
        return self.now

    def goes_on(self, moment: datetime) -> None:
        """Time passes, which alone closes some things."""
        self.now = moment
        self.account.lapse(moment)
        self.set_clock(moment)

    async def _together(self, lines: list[list[Action]]) -> None:
        """Lines of actions, each one after the other, many lines at once."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def through(line: list[Action]) -> None:
            async with gate:
                for action in line:
                    await action()

        try:
            async with asyncio.TaskGroup() as group:
                for line in lines:
                    group.create_task(through(line))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed

    def at(self, day: date, hour: time, action: Action, whose: str = "") -> None:
        """Do something at a business moment; what is `whose` somebody's is done in its order."""
        heapq.heappush(self._queue, (datetime.combine(day, hour, WIB), next(self._order), whose, action))

    def chance(self, person: Person, *of: object) -> random.Random:
        """What somebody does does not depend on how fast others are answered."""
        return random.Random(f"{self.seed} {person.nip} {of}")

    def desk_of(self, person: Person, today: date) -> Person:
        """Who decides for somebody: the superior, or who acts for them. Nobody decides for themselves: the mandate's
        holder leaves their own to the superior."""
        superior = person.on(today).superior
        assert superior, "only those with a superior are judged"
        for mandate in self.province.mandates:
            if mandate.holds(superior, today) and mandate.acting_nip != person.nip:
                return self.province.people[mandate.acting_nip]
        return self.province.people[superior]

    def answered(self, what: str, verdict: Verdict, answer: httpx.Response) -> bool:
        """Hold an answer against its verdict; true when it was to be accepted, and was."""
        told = answer.json() if not answer.is_success else {}
        return self._holds(what, verdict, 200 if answer.is_success else answer.status_code, told)

    def answered_item(self, what: str, verdict: Verdict, item: dict[str, Any]) -> bool:
        """The same for an item of a call that did many things at once."""
        return self._holds(what, verdict, item["status"], item["problem"] or {})

    def _holds(self, what: str, verdict: Verdict, status: int, problem: dict[str, Any]) -> bool:
        if status in (400, 401, 412, 413, 415, 428):
            raise GivenUp(f"{what}: {status} {str(problem)[:300]}")
        self.judged += 1
        found = Verdict(status, frozenset(error["rule"] for error in problem.get("errors", ())))
        if found != verdict:
            self.differences.append(f"{self.now:%d %b %H:%M} {what}: the rules say {verdict}, the answer {found}")
        if not found.accepted:
            self.refusals.update(found.rules)
            return False
        self.tally[what] += 1
        return verdict.accepted

    async def until(self, read: Callable[[], Awaitable[bool]], what: str) -> bool:
        """Look again, as one reloads a page, until it shows what must come. False, and a difference, if it never
        does."""
        waited_s, pause_s = 0.0, 0.05
        while not await read():
            if waited_s > (NO_PATIENCE_S if self.differences else PATIENCE_S):
                self.differences.append(f"{self.now:%d %b %H:%M} {what} did not show what must come")
                return False
            await self.pause(pause_s)
            waited_s, pause_s = waited_s + pause_s, min(pause_s * 1.5, 1)
        return True

    async def requests_show(self, nip: str) -> None:
        """Wait until requests has heard what became of all that somebody asked for."""
        for request in self.account.of(nip):
            if self._seen.get(request.id) != _state(request):
                await self.request_shows(request)

    async def request_shows(self, request: Request) -> dict[str, Any]:
        """The request, when it stands as it must."""
        found = await self._shows("requests", f"/v1/requests/{request.id}", request.status, request)
        self._seen[request.id] = _state(request)
        return found

    async def case_shows(self, request: Request) -> dict[str, Any]:
        """The case, when it stands as it must."""
        status = IN_CASES.get(request.status, request.status)
        return await self._shows("approvals", f"/v1/cases/{request.id}", status, request)

    def _reader(self, nip: str) -> str:
        """Who looks: the employees themselves, or the personnel agency for those who have left."""
        person = self.province.people[nip]
        today = self.now.date()
        sees = person.on(today).active and person.on(today + timedelta(days=1)).active
        return person.subject if sees else self.province.people[self.province.agency].subject

    async def _shows(self, service: str, path: str, status: str, request: Request) -> dict[str, Any]:
        found: dict[str, Any] = {}
        who = self._reader(request.nip)

        async def read() -> bool:
            answer = await self.apis.get(who, service, path)
            if answer.status_code != 200:
                return False
            found.update(answer.json())
            taken = {str(day) for day in request.taken_back}
            as_far = taken == set(found.get("days_taken_back", taken)) or not request.live
            return found["status"] == status and as_far

        await self.until(read, f"{service}{path} as {status}")
        return found

    async def plan_shows(self, plan: Plan) -> dict[str, Any]:
        """The plan, when it is there and as far closed as it must be."""
        found: dict[str, Any] = {}
        who = self._reader(plan.nip)

        async def read() -> bool:
            answer = await self.apis.get(who, "performance", f"/v1/plans/{plan.id}")
            if answer.status_code != 200:
                return False
            found.update(answer.json())
            return closed_days(found) == plan.closed

        await self.until(read, f"the plan of {plan.id}")
        return found


def _state(request: Request) -> tuple[str, int]:
    return request.status, len(request.taken_back)


def closed_days(plan: dict[str, Any]) -> set[date]:
    """The days of a plan of which nothing more can be reported."""
    days = plan["days"] if plan["closed"] else plan.get("days_taken_back", ())
    return {date.fromisoformat(day) for day in days}


def outputs(chance: random.Random, days: list[date]) -> list[dict[str, Any]]:
    """One output or two for each day, as they are agreed."""
    return [
        {"day": str(day), "title": title, "target_quantity": quantity, "measure": measure}
        for day in days
        for title, measure, quantity in chance.sample(OUTPUTS, chance.randint(1, 2))
    ]


def agreed(told: list[dict[str, Any]], sent: list[dict[str, Any]]) -> tuple[dict[str, date], dict[str, Decimal]]:
    """The day and the target of each output, as they were sent, by the ids that they were given."""
    ids = [output["output_id"] for output in told]
    days = {id_: date.fromisoformat(output["day"]) for id_, output in zip(ids, sent, strict=True)}
    return days, {id_: Decimal(str(one["target_quantity"])) for id_, one in zip(ids, sent, strict=True)}
