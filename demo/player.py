"""How a month is played: as people do, through the public APIs, with what they forget, mistake and think better of."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import httpx

from demo.account import Request
from demo.calendar import is_off
from demo.province import WIB as JAKARTA
from demo.province import Person
from demo.stage import DECIDE, LATE, RECONSIDER, SUBMIT, WIB, Asked, agreed, outputs
from demo.working import Working

Slot = tuple[datetime, str]
MANY = 3
"""So many cases of an inbox are decided in one call."""
FAR = timedelta(days=70)
STEADY_DAYS_AHEAD = 3


@dataclass
class Player(Working):
    """Plays everybody in a province over some working days."""

    _inboxes: dict[Slot, list[Asked]] = field(default_factory=dict)

    async def play(self) -> datetime:
        """Everything that everybody means to do. Returns the moment at which all is over."""
        for person in self.province.people.values():
            if person.steady:
                self._plan_steadily(person)
            elif not person.stays:
                self._plan(person)
            elif person.asks:
                first = self.working_days[0]
                self.at(first - timedelta(days=1), SUBMIT, partial(self._submit_steadily, person, first), person.nip)
        return await self.run()

    def _plan_steadily(self, person: Person) -> None:
        """The cast's days away: asked for in time, one by one; those of the first of each unit from another place, and
        thought better of. The first also ask for a week at another office, which is more than the quota."""
        first = self.province.of_unit(person.history[0].unit)[0] is person
        if first:
            weeks = Counter(day.isocalendar()[:2] for day in self.working_days)
            week = max(weeks, key=lambda of: weeks[of])
            of_week = [day for day in self.working_days if day.isocalendar()[:2] == week]
            days = [day for day in of_week if day.isoweekday() != person.wave]
            if len(days) > 2:
                on = days[0] - timedelta(days=STEADY_DAYS_AHEAD)
                self.at(on, SUBMIT, partial(self._ask_for_all, person, days), person.nip)
        for day in self.working_days:
            if day.isoweekday() == person.wave:
                on = day - timedelta(days=STEADY_DAYS_AHEAD)
                place = "other_place" if first and day.isocalendar().week % 2 else "residence"
                self.at(on, SUBMIT, partial(self._submit_steadily, person, day, place), person.nip)

    async def _ask_for_all(self, person: Person, days: list[date]) -> None:
        where = {"category": "another_office", "round_trip_km": "12.5"}
        due = outputs(self.chance(person, *days), days)
        await self._ask(
            person, {"days": [str(day) for day in days], "place": where, "outputs": due, "reason": "Seminggu."}
        )

    async def _submit_steadily(self, person: Person, day: date, place: str = "residence") -> None:
        chance = self.chance(person, day)
        where = {"category": place} | ({"round_trip_km": "7.5"} if place == "other_place" else {})
        body = {"days": [str(day)], "place": where, "outputs": outputs(chance, [day]), "reason": "Sudah disepakati."}
        if asked := await self._ask(person, body):
            asked.steady = True
            self._put_before_the_superior(asked, self.now.date())
            if place == "other_place":
                self.at(self.now.date(), RECONSIDER, partial(self._change, asked), person.nip)

    def _plan(self, person: Person) -> None:
        """What somebody means to ask for, week by week."""
        chance = self.chance(person)
        weeks: dict[tuple[int, int], list[date]] = {}
        for day in self.working_days:
            weeks.setdefault(day.isocalendar()[:2], []).append(day)
        for days in weeks.values():
            wished = min(len(days), chance.choices((0, 1, 2, 3), (30, 40, 25, 5))[0])
            chosen = sorted(chance.sample(days, wished))
            together = [day for day in days if day.isoweekday() == person.wave]
            if together and chance.random() < 0.97:
                chosen = sorted({*together, *chosen[:1]})
            self.plan_office_days(person, chance, days, chosen)
            if not chosen:
                continue
            if chance.random() < 0.05:
                chosen.append(_day_off_in_the_week_of(chosen[-1]))
            if chance.random() < 0.01:
                chosen.append(chosen[-1] + FAR)
            if chance.random() < 0.01:
                chosen.append(chosen[0])
            afar = self.province.zone_of(person, days[0]) != JAKARTA
            for part in [[day] for day in chosen] if chance.random() < 0.3 else [chosen]:
                on = min(part) - timedelta(days=0 if chance.random() < 0.02 else chance.randint(1, 4))
                hour = LATE if chance.random() < (0.3 if afar else 0.02) else SUBMIT
                self.at(on, hour, partial(self._submit, person, part), person.nip)

    async def _submit(self, person: Person, days: list[date]) -> None:
        chance = self.chance(person, *days)
        category = chance.choices(("residence", "another_office", "other_place", "office"), (86, 7, 4, 3))[0]
        place: dict[str, Any] = {"category": category}
        if (category in ("another_office", "other_place")) == (chance.random() < 0.97):
            place["round_trip_km"] = str(Decimal(chance.randint(5, 300)) / 10)
        due = outputs(chance, sorted(set(days)))
        if chance.random() < 0.01:
            due[0]["day"] = str(days[0] + FAR)
        body: dict[str, Any] = {"days": [str(d) for d in days], "place": place, "outputs": due}
        body |= {"reason": "Pekerjaan terencana yang dapat diselesaikan di luar kantor."}
        if category == "office":
            late = chance.random() < 0.1
            body["window"] = {"starts": "22:00" if late else "10:00", "ends": "04:00" if late else "18:30"}
        asked = await self._ask(person, body)
        if asked is None:
            return
        self._send_to_superior(asked)
        if chance.random() < 0.05:
            think_better = self._withdraw if chance.random() < 0.6 else self._change
            self._later(chance.choice((0, 0, 1)), partial(think_better, asked), person)

    def _later(self, days: int, action: Any, person: Person) -> None:
        """At noon, some days from now, or on the next where that is over."""
        over = self.now.time() >= RECONSIDER
        self.at(self.now.date() + timedelta(days=days + over), RECONSIDER, action, person.nip)

    async def _ask(self, person: Person, body: dict[str, Any], instead_of: Asked | None = None) -> Asked | None:
        """Ask for days, when requests has heard of all that was decided before. What was accepted."""
        await self.requests_show(person.nip)
        verdict = self.rules.asking(person, body, self.now, instead_of.request if instead_of else None)
        if instead_of:
            seen = (await self.request_shows(instead_of.request)).get("version", 0)
            path = f"/v1/requests/{instead_of.id}:change"
            answer = await self.apis.post(person.subject, "requests", path, body, seen=seen)
        else:
            answer = await self.apis.post(person.subject, "requests", "/v1/requests", body)
        if not self.answered("changed" if instead_of else "submitted", verdict, answer):
            return None
        if instead_of:
            self.account.took_back(instead_of.request, instead_of.request.remaining, "withdrawn")
        return self._remember(answer, person, body)

    def _remember(self, answer: httpx.Response, person: Person, body: dict[str, Any]) -> Asked:
        told = answer.json()
        days = sorted(date.fromisoformat(day) for day in body["days"])
        due, targets = agreed(told["outputs"], body["outputs"])
        policy = self.rules.policy
        request = Request(
            told["request_id"],
            person.nip,
            person.on(days[0]).unit,
            self.province.zone_of(person, days[0]),
            days,
            body["place"]["category"],
            Decimal(body["place"].get("round_trip_km", 0)),
            _window(body),
            due,
            policy.share,
            policy.quantity_counts,
        )
        self.account.asked(request)
        chance = self.chance(person, *days, told.get("replaces") is not None)
        return Asked(request, person, targets, chance, body)

    def _send_to_superior(self, asked: Asked) -> None:
        """It lies in the superior's inbox, who looks soon, or when it is too late, or never."""
        if asked.chance.random() < 0.03:
            return
        days = asked.chance.choices((0, 1, 4, 8), (82, 13, 3, 2))[0] + (self.now.time() > DECIDE)
        self._put_before_the_superior(asked, self.now.date() + timedelta(days=days))

    def _put_before_the_superior(self, asked: Asked, when: date) -> None:
        if not asked.person.on(when).superior:
            return
        superior = self.desk_of(asked.person, when)
        slot = (datetime.combine(when, DECIDE, WIB), superior.nip)
        if slot not in self._inboxes:
            self._inboxes[slot] = []
            self.at(when, DECIDE, partial(self._decide, superior, slot), superior.nip)
        self._inboxes[slot].append(asked)

    async def _decide(self, superior: Person, slot: Slot) -> None:
        """Read the inbox until all that was sent is there, then decide: many in one call, few one by one."""
        today = slot[0].date()
        waiting: dict[str, Asked] = {}
        for asked in self._inboxes.pop(slot):
            if self.desk_of(asked.person, today) is superior:
                waiting[asked.id] = asked
            else:  # a transfer has moved it since it was sent
                self._put_before_the_superior(asked, today)
        if not waiting:
            return
        seen = await self._read_inbox(superior, list(waiting.values()), today)
        decisions = {
            id_: "approve" if one.steady else one.chance.choices(("approve", "reject", "return"), (92, 4, 4))[0]
            for id_, one in waiting.items()
        }
        verdicts = {
            id_: self.rules.deciding(superior, decisions[id_], one.request, self.now) for id_, one in waiting.items()
        }
        if len(waiting) >= MANY:
            items = [_item(id_, seen[id_], decision) for id_, decision in decisions.items()]
            answer = await self.apis.post(superior.subject, "approvals", "/v1/cases:decide", {"items": items})
            done = {item["request_id"]: item for item in answer.raise_for_status().json()["items"]}
            accepted = [
                id_ for id_ in waiting if self.answered_item(f"{decisions[id_]} in bulk", verdicts[id_], done[id_])
            ]
        else:
            accepted = []
            for id_, one in waiting.items():
                await self._decide_wrongly(one, seen[id_])
                path = f"/v1/cases/{id_}:{decisions[id_]}"
                answer = await self.apis.post(
                    superior.subject, "approvals", path, _reason(decisions[id_]), seen=seen[id_]
                )
                if self.answered(decisions[id_], verdicts[id_], answer):
                    accepted.append(id_)
        for request_id in accepted:
            self._goes_on(waiting[request_id], decisions[request_id])

    async def _decide_wrongly(self, asked: Asked, seen: int) -> None:
        """Now and then somebody decides who may not: the employees themselves, or one whom it is no business of."""
        if asked.chance.random() > 0.1:
            return
        people = sorted(self.province.people)
        other = self.province.people[asked.chance.choice(people)]
        for person in (asked.person, other):
            verdict = self.rules.deciding(person, "approve", asked.request, self.now)
            if not verdict.accepted:
                path = f"/v1/cases/{asked.id}:approve"
                answer = await self.apis.post(person.subject, "approvals", path, seen=seen)
                self.answered("decided by others", verdict, answer)

    async def _read_inbox(self, superior: Person, wanted: Sequence[Asked], today: date) -> dict[str, int]:
        """The versions of the cases that wait: as the inbox shows them, which must show all that are open; and those
        that are open no more, when they stand as they must."""
        seen: dict[str, int] = {}
        params = {"from": str(today - timedelta(days=30)), "status": "open"}
        open_ = {asked.id for asked in wanted if asked.request.status == "submitted"}

        async def read() -> bool:
            cases = await self.apis.every(superior.subject, "approvals", "/v1/cases", **params)
            seen.update({case["request_id"]: case["version"] for case in cases})
            return open_ <= seen.keys()

        await self.until(read, f"the inbox of {superior.nip}")
        for asked in wanted:
            if asked.id not in open_:
                seen[asked.id] = (await self.case_shows(asked.request)).get("version", 0)
        return {asked.id: seen.get(asked.id, 0) for asked in wanted}

    def _goes_on(self, asked: Asked, decision: str) -> None:
        """What follows a decision that was accepted."""
        today = self.now.date()
        self.account.decided(asked.request, decision, asked.targets)
        if decision == "return":
            tomorrow = today + timedelta(days=1)
            mended = self._change if asked.chance.random() < 0.8 else self._withdraw
            self.at(tomorrow, SUBMIT, partial(mended, asked), asked.person.nip)
        if decision != "approve":
            return
        if not asked.steady:
            if asked.chance.random() < 0.05:
                when = today + timedelta(days=asked.chance.randint(0, 8))
                self.at(when, RECONSIDER, partial(self._revoke, asked, when), asked.person.nip)
            if asked.chance.random() < 0.05:
                when = today + timedelta(days=asked.chance.randint(0, 5))
                self.at(when, RECONSIDER, partial(self._withdraw, asked), asked.person.nip)
        self.expect_reports(asked)

    def _some(self, asked: Asked) -> list[date]:
        """Some of the days of a request, or none: which means all that can be."""
        days = asked.request.days
        if len(days) < 2 or asked.chance.random() < 0.5:
            return []
        return [asked.chance.choice(days)]

    async def _withdraw(self, asked: Asked) -> None:
        days = self._some(asked)
        seen = (await self.request_shows(asked.request)).get("version", 0)
        verdict, taken = self.rules.withdrawing(asked.request, days, self.now)
        path = f"/v1/requests/{asked.id}:withdraw"
        answer = await self.apis.post(asked.person.subject, "requests", path, _named(days), seen=seen)
        if self.answered("withdrawn", verdict, answer):
            self.account.took_back(asked.request, taken, "withdrawn")

    async def _change(self, asked: Asked) -> None:
        """Ask for something else instead: the same days, worked from home."""
        days = sorted({str(day) for day in asked.request.remaining or asked.request.days})
        due = [output for output in asked.body["outputs"] if output["day"] in days]
        body = asked.body | {"place": {"category": "residence"}, "days": days, "outputs": due}
        if again := await self._ask(asked.person, body, asked):
            again.steady = asked.steady
            if again.steady:
                self._put_before_the_superior(again, self.now.date() + timedelta(days=1))
            else:
                self._send_to_superior(again)

    async def _revoke(self, asked: Asked, today: date) -> None:
        superior, days = self.desk_of(asked.person, today), self._some(asked)
        seen = (await self.case_shows(asked.request)).get("version", 0)
        verdict, taken = self.rules.revoking(superior, asked.request, days, self.now)
        path = f"/v1/cases/{asked.id}:revoke"
        body = {"reason": "Ada keperluan dinas mendesak."} | (_named(days) or {})
        answer = await self.apis.post(superior.subject, "approvals", path, body, seen=seen)
        if self.answered("revoked", verdict, answer):
            self.account.took_back(asked.request, taken, "revoked")


def _day_off_in_the_week_of(day: date) -> date:
    """A holiday on a weekday of that week, or its Saturday."""
    monday = day - timedelta(days=day.weekday())
    week = [monday + timedelta(days=n) for n in range(5)]
    return next((one for one in week[::-1] if is_off(one)), monday + timedelta(days=5))


def _window(body: dict[str, Any]) -> tuple[int, int] | None:
    if "window" not in body:
        return None
    starts, ends = (time.fromisoformat(body["window"][end]) for end in ("starts", "ends"))
    return starts.hour * 60 + starts.minute, ends.hour * 60 + ends.minute


def _named(days: Sequence[date]) -> dict[str, Any] | None:
    return {"days": [str(day) for day in days]} if days else None


def _reason(decision: str) -> dict[str, str] | None:
    reasons = {"reject": "Diperlukan di kantor pada hari tersebut.", "return": "Mohon dari rumah saja."}
    return {"reason": reasons[decision]} if decision in reasons else None


def _item(request_id: str, version: int, decision: str) -> dict[str, Any]:
    return {"request_id": request_id, "version": version, "decision": decision, **(_reason(decision) or {})}
