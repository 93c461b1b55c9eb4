"""How a month is played: as people do, through the public APIs, with what they forget, mistake and think better of."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import httpx

from demo.oracle import Plan, Work
from demo.province import Person
from demo.stage import DECIDE, RECONSIDER, SUBMIT, WIB, Asked, agreed, outputs
from demo.working import Working

Slot = tuple[datetime, str]
MANY = 3
"""So many cases of an inbox are decided in one call."""


@dataclass
class Player(Working):
    """Plays everybody in a province over some working days."""

    _inboxes: dict[Slot, list[Asked]] = field(default_factory=dict)

    async def play(self) -> date:
        """Everything that everybody means to do. Returns the day on which all is over."""
        for person in self.province.people.values():
            self._plan(person)
        return await self.run()

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
            if chance.random() < 0.03:
                off = [day for day in self.days_off if day.isocalendar()[:2] == chosen[-1].isocalendar()[:2]]
                chosen.append(off[0] if off else chosen[-1] + timedelta(days=5 - chosen[-1].weekday()))
            for part in [[day] for day in chosen] if chance.random() < 0.3 else [chosen]:
                on = part[0] - timedelta(days=0 if chance.random() < 0.02 else chance.randint(1, 4))
                self.at(on, SUBMIT, partial(self._submit, person, part, on))

    async def _submit(self, person: Person, days: list[date], on: date) -> None:
        chance = self.chance(person, *days)
        category = chance.choices(("residence", "another_office", "other_place", "office"), (86, 7, 4, 3))[0]
        place: dict[str, Any] = {"category": category}
        if category in ("another_office", "other_place"):
            place["round_trip_km"] = str(Decimal(chance.randint(5, 300)) / 10)
        body: dict[str, Any] = {"days": [str(d) for d in days], "place": place, "outputs": outputs(chance, days)}
        body |= {"reason": "Pekerjaan terencana yang dapat diselesaikan di luar kantor."}
        if category == "office":
            body["window"] = {"starts": "10:00", "ends": "18:30"}
        answer = await self.apis.post(person.subject, "requests", "/v1/requests", body)
        if not self.counts("submitted", answer):
            return
        asked = self._remember(answer, person, body)
        self._send_to_superior(asked, on)
        if on < days[0] and chance.random() < 0.05:
            think_better = self._withdraw if chance.random() < 0.6 else self._change
            self.at(on, RECONSIDER, partial(think_better, asked, on))

    def _remember(self, answer: httpx.Response, person: Person, body: dict[str, Any]) -> Asked:
        told = answer.json()
        days = [date.fromisoformat(day) for day in told["days"]]
        alt_km = Decimal(body["place"].get("round_trip_km", 0))
        chance = self.chance(person, *days, told.get("replaces") is not None)
        return Asked(
            told["request_id"],
            person,
            person.on(min(days)).unit,
            days,
            body["place"]["category"],
            alt_km,
            *agreed(told["outputs"]),
            chance,
            body,
        )

    def _send_to_superior(self, asked: Asked, on: date) -> None:
        """It lies in the superior's inbox, who looks today, tomorrow, or never."""
        if asked.chance.random() < 0.03:
            return
        self._put_before_the_superior(asked, on + timedelta(days=asked.chance.choices((0, 1), (85, 15))[0]))

    def _put_before_the_superior(self, asked: Asked, when: date) -> None:
        superior = asked.person.on(when).superior
        if superior:
            superior = self.acting(superior, when, asked.person)
            slot = (datetime.combine(when, DECIDE, WIB), superior)
            if slot not in self._inboxes:
                self._inboxes[slot] = []
                self.at(when, DECIDE, partial(self._decide, superior, slot))
            self._inboxes[slot].append(asked)

    async def _decide(self, superior: str, slot: Slot) -> None:
        """Read the inbox until all that was sent is there, then decide: many in one call, few one by one."""
        who, today = self.province.people[superior].subject, slot[0].date()
        waiting: dict[str, Asked] = {}
        for asked in self._inboxes.pop(slot):
            leads = asked.person.on(today).superior
            if leads and self.acting(leads, today, asked.person) == superior:
                waiting[asked.request_id] = asked
            else:  # a transfer has moved it since it was sent
                self._put_before_the_superior(asked, today)
        if not waiting:
            return
        seen = await self._read_inbox(who, waiting.keys(), today)
        decisions = {
            request_id: asked.chance.choices(("approve", "reject", "return"), (92, 4, 4))[0]
            for request_id, asked in waiting.items()
        }
        if len(waiting) >= MANY:
            items = [_item(id_, seen[id_], decision) for id_, decision in decisions.items()]
            answer = await self.apis.post(who, "approvals", "/v1/cases:decide", {"items": items})
            done = {item["request_id"]: item for item in answer.raise_for_status().json()["items"]}
            accepted = [id_ for id_ in waiting if self.counts_item(f"{decisions[id_]} in bulk", done[id_])]
        else:
            accepted = [id_ for id_ in waiting if await self._decide_one(who, id_, seen[id_], decisions[id_])]
        for request_id in accepted:
            self._goes_on(waiting[request_id], decisions[request_id], today)

    async def _read_inbox(self, who: str, wanted: Iterable[str], today: date) -> dict[str, int]:
        """The versions of the cases in an inbox, of days from last week on."""
        seen: dict[str, int] = {}
        params = {"from": str(today - timedelta(days=7))}

        async def read() -> bool:
            cases = await self.apis.every(who, "approvals", "/v1/cases", **params)
            seen.update({case["request_id"]: case["version"] for case in cases})
            return set(wanted) <= seen.keys()

        await self.until(read, f"the inbox of {who}")
        return seen

    async def _decide_one(self, who: str, request_id: str, version: int, decision: str) -> bool:
        body = _reason(decision)
        answer = await self.apis.post(who, "approvals", f"/v1/cases/{request_id}:{decision}", body, seen=version)
        return self.counts(decision, answer)

    def _goes_on(self, asked: Asked, decision: str, today: date) -> None:
        """What follows a decision that was accepted."""
        if decision == "return":
            tomorrow = today + timedelta(days=1)
            mended = self._change if asked.chance.random() < 0.8 else self._withdraw
            self.at(tomorrow, SUBMIT, partial(mended, asked, tomorrow))
        if decision != "approve":
            return
        self.account.approved(
            asked.request_id,
            Work(asked.person.nip, asked.unit, asked.days, asked.place, asked.alt_km, asked.outputs),
        )
        self.account.planned(asked.request_id, Plan(asked.person.nip, "mkd", asked.outputs, asked.targets))
        if asked.chance.random() < 0.04:
            when = today + timedelta(days=asked.chance.randint(1, 8))
            self.at(when, RECONSIDER, partial(self._revoke, asked, when))
        self.expect_reports(asked)

    async def _withdraw(self, asked: Asked, _: date) -> None:
        answer = await self._on_request(asked, "withdraw", None)
        if self.counts("withdrawn", answer):
            self._is_gone(asked)

    async def _change(self, asked: Asked, today: date) -> None:
        """Ask for something else instead: the same days, worked from home."""
        body = asked.body | {"place": {"category": "residence"}}
        answer = await self._on_request(asked, "change", body)
        if self.counts("changed", answer):
            self._is_gone(asked)
            self._send_to_superior(self._remember(answer, asked.person, body), today)

    def _is_gone(self, asked: Asked) -> None:
        asked.gone = True
        self.account.cancelled(asked.request_id)

    async def _on_request(self, asked: Asked, verb: str, body: Any) -> httpx.Response:
        """A command on one's own request, on its newest version."""
        who, path = asked.person.subject, f"/v1/requests/{asked.request_id}"
        while True:
            known = await self.apis.get(who, "requests", path)
            answer = await self.apis.post(who, "requests", f"{path}:{verb}", body, seen=known.json()["version"])
            if answer.status_code != 412:
                return answer

    async def _revoke(self, asked: Asked, today: date) -> None:
        who, path = self.superior_of(asked.person, today), f"/v1/cases/{asked.request_id}"
        while True:
            known = await self.apis.get(who, "approvals", path)
            reason = {"reason": "Ada keperluan dinas mendesak."}
            answer = await self.apis.post(who, "approvals", f"{path}:revoke", reason, seen=known.json()["version"])
            if answer.status_code != 412:
                break
        if self.counts("revoked", answer):
            self.account.cancelled(asked.request_id)


def _reason(decision: str) -> dict[str, str] | None:
    reasons = {"reject": "Diperlukan di kantor pada hari tersebut.", "return": "Mohon dari rumah saja."}
    return {"reason": reasons[decision]} if decision in reasons else None


def _item(request_id: str, version: int, decision: str) -> dict[str, Any]:
    return {"request_id": request_id, "version": version, "decision": decision, **(_reason(decision) or {})}
