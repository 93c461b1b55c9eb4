"""The whole demonstration: load a province, play it, wait until all is settled, and hold it against the oracle."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from functools import partial
from typing import Protocol

import httpx
from prometheus_client.parser import text_string_to_metric_families

from demo import factors as factors_
from demo import province as province_
from demo import sheets
from demo.account import Account
from demo.amending import Amendments, amendments, corrections
from demo.calendar import working_days
from demo.checking import Before, Result, before, check, everything, look, weeks_before
from demo.people import Apis, GivenUp, Tokens
from demo.player import Player
from demo.province import Person, Province, Terms
from demo.rules import Rules
from demo.stage import WIB

FIRST_DAY = date(2026, 5, 4)
"""Of a month with holidays and collective leave."""

SETTLED_WITHIN_S = 600
CONFIRMED_WITHIN_S = 900
LOOKS_EVERY_S, LOOKS_AT_MOST_EVERY_S = 0.3, 1.5
"""How often it is asked whether all is settled, at first and after a while: to answer takes the time to settle."""

ASKED_MAX = 60
SHARE_AMENDED = 0.05


@dataclass(frozen=True)
class Addresses:
    """Where a running stack is reached."""

    apis: dict[str, str]
    workers: dict[str, str]
    issuer: str
    sign_in_secret: str
    administrator: str
    set_clock: Callable[[datetime], None]


class Drill(Protocol):
    """Something that goes wrong on one day, between what people report and what superiors have judged."""

    def before(self, day: date) -> None: ...
    def after(self, day: date) -> None: ...


async def play(
    at: Addresses, *, employees: int, days: int, seed: int, say: Callable[[str], None], drill: Drill | None = None
) -> Result:
    """Play a month and check it. Raises `GivenUp` when the stack stops answering or never settles."""
    async with AsyncExitStack() as stack:
        clients = {name: await stack.enter_async_context(_client(url)) for name, url in at.apis.items()}
        workers = {name: await stack.enter_async_context(_client(url)) for name, url in at.workers.items()}
        tokens = Tokens(await stack.enter_async_context(_client(at.issuer)), at.sign_in_secret)
        game = Game(
            Apis(clients, tokens),
            at.administrator,
            at.set_clock,
            partial(settled, workers, SETTLED_WITHIN_S + employees / 5),
            say,
            drill,
        )
        return await game.play(employees=employees, days=days, seed=seed)


@dataclass
class Game:
    """One play: whom it reaches, how it moves time, how it knows that all has settled, how it waits a little, and
    whether it ends with the first difference."""

    apis: Apis
    administrator: str
    set_clock: Callable[[datetime], None]
    settled: Callable[[], Awaitable[list[str]]]
    say: Callable[[str], None]
    drill: Drill | None = None
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    hasty: bool = False
    _before: Before | None = None
    _looks: int = 0

    async def play(self, *, employees: int, days: int, seed: int) -> Result:
        """Load, play, wait, compare."""
        apis, people, worked = self.apis, province_.make(seed, employees), working_days(FIRST_DAY, days)
        account = Account(people, [factors_.INSTALLED])
        await self._load(people, worked, seed)
        player = Player(
            apis,
            people,
            account,
            Rules(account),
            self.set_clock,
            seed,
            worked,
            self.pause,
            _teller(self.say, worked),
            self.hasty,
        )
        player.differences += await weeks_before(apis, account)
        self._plan(player, account, seed)
        started = time.perf_counter()
        reads_ms: list[float] = []
        reader = asyncio.create_task(_reading(apis, people, reads_ms))
        try:
            over = await player.play()
            self.say("Waiting until the read models are settled")
            aside = await self.settled()
        finally:
            reader.cancel()
        took = time.perf_counter() - started
        result = Result(dict(player.tally), dict(player.refusals), seconds=took, reads_ms=reads_ms)
        result.judged, result.looks = player.judged, self._looks
        result.differences += aside + player.differences
        if not (self.hasty and result.differences):
            await check(apis, account, over, result, self._before)
        return result

    async def _load(self, people: Province, worked: list[date], seed: int) -> None:
        """Everybody is on record, and known everywhere."""
        self.set_clock(datetime.combine(worked[0] - timedelta(days=7), time_of_day(), WIB))
        agencies = sum(unit.history[0].parent is None for unit in people.units.values())
        counts = f"{len(people.people):,} people of {agencies} agencies, {len(people.units)} units"
        self.say(f"Loading {counts} in {len(people.buildings)} buildings (seed {seed})")
        for kind, sheet in sheets.whole(people):
            await _load(self.apis, self.administrator, kind, sheet)
        people.mandates = province_.mandates(people, random.Random(seed), worked)
        if people.mandates:
            await _load(self.apis, self.administrator, "acting", sheets.acting(people.mandates))
        await self._heard([(person, person.history[0]) for person in people.people.values()], people)
        await _record_program(self.apis, people.people[people.agency].subject, worked[-1] + timedelta(days=365))

    def _plan(self, player: Player, account: Account, seed: int) -> None:
        """What is done to the province, early enough that nothing settles all anew when the play ends: new factors
        when a third is over, amendments at half, corrections at three quarters; and late in the evening of a day on
        which the cast is away, when it is over in the east alone, everything is looked at."""
        worked, people = player.working_days, player.province
        third, middle, most = (worked[len(worked) * part // 12] for part in (4, 6, 9))
        newer = factors_.later(worked)
        player.at(third, time_of_day(0, 5), partial(_publish, self.apis, account, newer))
        if decreed := _decreed(worked, third):
            player.at(third, time_of_day(0, 10), partial(_decree, self.apis, player.rules, decreed))
        amend = amendments(people, random.Random(seed), worked, SHARE_AMENDED)
        player.at(middle, time_of_day(), partial(self._amend, player, amend, remember=True))
        if most > middle:
            player.at(most, time_of_day(), partial(self._amend, player, corrections(people), remember=False))
        evening = next((day for day in worked if day >= middle and day.isoweekday() == province_.WAVE), middle)
        player.at(evening, time_of_day(23), partial(self._look, player, account))
        if self.drill:
            player.at(middle, time_of_day(16, 59), partial(self._begin_drill, self.drill, middle))
            player.at(middle, time_of_day(17, 1), partial(_sync, self.drill.after, middle))

    async def _begin_drill(self, drill: Drill, day: date) -> None:
        """Nothing else is under way when it begins."""
        await self.settled()
        await asyncio.to_thread(drill.before, day)

    async def _heard(self, changed: list[tuple[Person, Terms]], people: Province) -> None:
        """Wait until every service has heard of what was loaded; some of those concerned look for themselves."""
        await self.settled()
        active = [(person, terms) for person, terms in changed if terms.active]
        await _known(self.apis, people, random.Random(0).sample(active, min(ASKED_MAX, len(active))))

    async def _look(self, player: Player, account: Account) -> None:
        """Hold everything against the oracle's account in the midst of it."""
        await self.settled()
        _, _, unlike = await look(self.apis, account, player.now)
        self._looks += 1
        player.differences += [f"{player.now:%d %b %H:%M} {fault}" for fault in unlike]

    async def _amend(self, player: Player, amend: Amendments, *, remember: bool) -> None:
        """The personnel agency notes what has been reported so far, and loads what changes today and what had been
        wrong."""
        await self.settled()
        people = player.province
        player.goes_on(player.now + timedelta(minutes=1))
        if remember:
            self._before = await before(self.apis, player.account, player.now)
        agency = people.people[people.agency].subject
        for kind, sheet in (
            ("buildings", amend.buildings and sheets.buildings(amend.buildings)),
            ("units", amend.units and sheets.units(amend.units)),
            ("positions", amend.positions and sheets.positions(amend.positions)),
            ("employees", amend.people and sheets.employees(amend.people)),
            ("absences", amend.absences and sheets.absences(amend.absences)),
        ):
            if sheet:
                await _load(self.apis, agency, kind, sheet, self.administrator)
        amend.happen(people)
        moved = [pair for pair in amend.people if pair[1].effective_from > province_.RECORDED_FROM]
        await self._heard(moved, people)


async def _reading(apis: Apis, people: Province, took_ms: list[float]) -> None:
    """A dashboard that is open while people work: it asks for a month's totals once a second."""
    agency = people.people[people.agency].subject
    while True:
        started = time.perf_counter()
        await apis.get(agency, "savings", "/v1/unit-months", month=f"{FIRST_DAY:%Y-%m}", limit=100)
        took_ms.append((time.perf_counter() - started) * 1000)
        await asyncio.sleep(1)


async def _sync(action: Callable[[date], None], day: date) -> None:
    await asyncio.to_thread(action, day)


def _client(url: str) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=32, max_keepalive_connections=32)
    return httpx.AsyncClient(base_url=url, timeout=30, limits=limits)


def _teller(say: Callable[[str], None], worked: list[date]) -> Callable[[date], None]:
    def tell(day: date) -> None:
        if day in worked:
            say(f"Playing {day:%a %d %b %Y} (day {worked.index(day) + 1} of {len(worked)})")

    return tell


async def _load(apis: Apis, who: str, kind: str, sheet: str, second: str = "") -> None:
    """Send a sheet and confirm it; where that is not for the sender alone, a second person does."""
    headers = {"Content-Type": "text/csv"}
    sent = await apis.post(
        who, "organisation", f"/v1/imports?kind={kind}", None, content=sheet.encode(), headers=headers
    )
    report = sent.raise_for_status().json()
    if report["status"] != "valid":
        raise GivenUp(f"the sheet of {kind} was not taken: {report['problems'][:3]}")
    path = f"/v1/imports/{report['import_id']}"
    confirms = second if report.get("second_person") else who
    (await apis.post(confirms, "organisation", f"{path}:confirm")).raise_for_status()
    for _ in range(CONFIRMED_WITHIN_S * 5):
        if (await apis.get(who, "organisation", path)).raise_for_status().json()["status"] == "confirmed":
            return
        await asyncio.sleep(0.2)
    raise GivenUp(f"the sheet of {kind} was not taken over within {CONFIRMED_WITHIN_S} s")


async def _record_program(apis: Apis, agency: str, until: date) -> None:
    """The personnel agency lets a dashboard read what is published, with tokens of its own."""
    account = {"name": "Dasbor peragaan", "subject": "dashboard", "figures": ["savings", "performance"]}
    answer = await apis.post(agency, "organisation", "/v1/accounts", account | {"ends_on": str(until)})
    answer.raise_for_status()


async def _known(apis: Apis, people: Province, changed: list[tuple[Person, Terms]]) -> None:
    """Wait until every service knows those people as they stand now: each is asked as the person, by themselves."""
    gate = asyncio.Semaphore(16)
    units = {u["unit_id"]: u["code"] for u in (await everything(apis, people, "organisation", "/v1/units"))}

    async def knows(service: str, person: Person, terms: Terms) -> None:
        async with gate:
            for _ in range(600):
                me = await apis.get(person.subject, service, "/v1/me")
                if me.status_code == 200 and units.get(me.json()["unit_id"]) == terms.unit:
                    return
                await asyncio.sleep(0.1)
            raise GivenUp(f"{service} does not know {person.subject}")

    async with asyncio.TaskGroup() as group:
        for service in ("requests", "approvals", "performance", "savings"):
            for person, terms in changed:
                group.create_task(knows(service, person, terms))


async def _publish(apis: Apis, account: Account, newer: factors_.Factors) -> None:
    """The personnel agency publishes factors that have held for some time."""
    agency = account.province.people[account.province.agency].subject
    (await apis.post(agency, "savings", "/v1/factor-sets", factors_.body(newer))).raise_for_status()
    account.factor_sets.append(newer)


def _decreed(worked: list[date], today: date) -> list[date]:
    """A day of the past and one to come that turn out to be holidays, neither of them one of the cast's."""
    near = [day for day in worked if 0 < abs((day - today).days) < 7 and day.isoweekday() != province_.WAVE]
    past, to_come = [day for day in near if day < today], [day for day in near if day > today]
    return [*past[-1:], *to_come[1:2]]


async def _decree(apis: Apis, rules: Rules, days: list[date]) -> None:
    """Holidays are decreed late: the policy in force is corrected."""
    agency = rules.account.province.people[rules.account.province.agency].subject
    corrected = rules.policy.corrected("pol-jabar-2026-libur", days)
    (await apis.post(agency, "requests", "/v1/policies", corrected)).raise_for_status()
    rules.account.decreed |= set(days)


async def settled(workers: dict[str, httpx.AsyncClient], within_s: float = SETTLED_WITHIN_S) -> list[str]:
    """Wait until nothing is unsent, unheard or due anywhere, seen twice in a row. Returns what was put aside, which
    waiting does not change. Raises `GivenUp`."""
    quiet, pause_s, deadline = 0, LOOKS_EVERY_S, time.monotonic() + within_s
    while quiet < 2:
        found = dict(zip(workers, await asyncio.gather(*map(_gauges, workers.values())), strict=True))
        left = [f"{name}: {what}" for name, gauges in found.items() for what in gauges if "dead_letters" not in what]
        quiet = 0 if left else quiet + 1
        if time.monotonic() > deadline:
            raise GivenUp(f"not settled within {within_s:.0f} s: {'; '.join(left)}")
        pause_s = min(1.5 * pause_s, LOOKS_AT_MOST_EVERY_S) if left else LOOKS_EVERY_S
        await asyncio.sleep(pause_s)
    return [f"{name}: {what}" for name, gauges in found.items() for what in gauges]


async def _gauges(worker: httpx.AsyncClient) -> list[str]:
    """Those of a worker's gauges that are not at rest."""
    watched = ("mkd_consumer_lag", "mkd_outbox_unsent", "mkd_jobs_pending", "mkd_dead_letters")
    try:
        answer = await worker.get("/metrics")
    except httpx.HTTPError as away:
        return [f"does not answer ({type(away).__name__})"]
    if answer.status_code != 200:
        return [f"answers {answer.status_code}"]
    samples = [s for family in text_string_to_metric_families(answer.text) for s in family.samples]
    over = ("handled", "discarded")
    return [
        f"{s.name} {s.labels} is {s.value:.0f}"
        for s in samples
        if s.name in watched and s.value and s.labels.get("status") not in over
    ]
