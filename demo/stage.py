"""How a play is run: what people mean to do lies in a queue by business time, and is done as many at once as an office
would; whatever the APIs accept goes into the oracle's account, and nothing else does."""

import asyncio
import heapq
import itertools
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import httpx

from demo.oracle import Account
from demo.people import Apis, GivenUp
from demo.province import Mandate, Person, Province

WIB = timezone(timedelta(hours=7))
AT_ONCE = 16
PATIENCE_S = 120.0
SUBMIT, DECIDE, RECONSIDER, LOG, JUDGE = (time(h) for h in (8, 10, 12, 15, 17))
Action = Callable[[], Awaitable[None]]
OUTPUTS = (("Telaahan staf", "document", 1), ("Laporan kegiatan", "report", 2), ("Pemutakhiran data", "percent", 100))


@dataclass
class Asked:
    """A request, or a plan for office days, as its employee remembers it."""

    request_id: str
    person: Person
    unit: str
    days: list[date]
    place: str
    alt_km: Decimal
    outputs: dict[str, date]
    targets: dict[str, Decimal]
    chance: random.Random
    body: dict[str, Any]
    gone: bool = False


@dataclass
class Stage:
    """Everybody in a province, the working days, and what was accepted and refused."""

    apis: Apis
    province: Province
    account: Account
    set_clock: Callable[[datetime], None]
    seed: int
    working_days: list[date]
    days_off: list[date]
    mandates: list[Mandate]
    on_day: Callable[[date], None] = lambda _: None
    tally: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    _queue: list[tuple[datetime, int, Action]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=itertools.count)

    async def run(self) -> date:
        """Everything in the queue, in business time. Returns the day on which all is over."""
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

        try:
            async with asyncio.TaskGroup() as group:
                for action in actions:
                    group.create_task(through(action))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed

    def at(self, day: date, hour: time, action: Action) -> None:
        """Do something at a business moment."""
        heapq.heappush(self._queue, (datetime.combine(day, hour, WIB), next(self._order), action))

    def chance(self, person: Person, *of: object) -> random.Random:
        """What somebody does does not depend on how fast others are answered."""
        return random.Random(f"{self.seed} {person.nip} {of}")

    def superior_of(self, person: Person, today: date) -> str:
        """Whoever decides for somebody today: the superior, or who acts for them."""
        superior = person.on(today).superior
        assert superior, "only those with a superior are judged"
        return self.province.people[self.acting(superior, today, person)].subject

    def acting(self, superior: str, today: date, person: Person) -> str:
        """Nobody decides for themselves: the mandate's holder leaves their own to the superior."""
        for mandate in self.mandates:
            mine = mandate.for_nip == superior and mandate.acting_nip != person.nip
            if mine and mandate.first <= today <= mandate.last:
                return mandate.acting_nip
        return superior

    def counts(self, what: str, answer: httpx.Response) -> bool:
        """Count an answer; true when it was accepted. A refusal is counted by its rule."""
        if answer.is_success:
            self.tally[what] += 1
            return True
        if answer.status_code not in (403, 409, 422):
            raise GivenUp(f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:300]}")
        return self.refused(answer.json())

    def counts_item(self, what: str, item: dict[str, Any]) -> bool:
        """The same for an item of a call that did many things at once."""
        if item["status"] == 200:
            self.tally[what] += 1
            return True
        if item["status"] not in (403, 409, 422):
            raise GivenUp(f"{what}: {item}")
        return self.refused(item["problem"])

    def refused(self, problem: dict[str, Any]) -> bool:
        """Count a refusal by its rules."""
        self.refusals.update(error["rule"] for error in problem["errors"])
        return False

    async def until(self, read: Callable[[], Awaitable[bool]], what: str) -> None:
        """Look again, as one reloads a page, until it shows what must come."""
        waited_s, pause_s = 0.0, 0.05
        while not await read():
            if waited_s > PATIENCE_S:
                raise GivenUp(f"{what} did not show what must come within {PATIENCE_S:.0f} s")
            await asyncio.sleep(pause_s)
            waited_s, pause_s = waited_s + pause_s, min(pause_s * 1.5, 1)


def outputs(chance: random.Random, days: list[date]) -> list[dict[str, Any]]:
    """One output or two for each day, as they are agreed."""
    return [
        {"day": str(day), "title": title, "target_quantity": quantity, "measure": measure}
        for day in days
        for title, measure, quantity in chance.sample(OUTPUTS, chance.randint(1, 2))
    ]


def agreed(told: list[dict[str, Any]]) -> tuple[dict[str, date], dict[str, Decimal]]:
    """The day and the target of each output, as an API tells them."""
    days = {output["output_id"]: date.fromisoformat(output["day"]) for output in told}
    return days, {output["output_id"]: Decimal(str(output["target_quantity"])) for output in told}
