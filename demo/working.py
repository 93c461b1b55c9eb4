"""How outputs are worked: reported, late or short at times, judged, returned, doubted; at home and at the office."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from demo.account import Plan, Report, Request
from demo.calendar import date_in
from demo.province import WIB as JAKARTA
from demo.province import Person
from demo.rules import Verdict
from demo.stage import JUDGE, LATE, LOG, RECONSIDER, SUBMIT, Asked, Stage, agreed, closed_days, outputs

ITEMS_MAX = 100
"""So many outputs are reported or judged in one call."""
SHARES = (*(Decimal(1),) * 9, Decimal("0.8"), Decimal("0.35"), Decimal("1.2"))


@dataclass
class Working(Stage):
    """What people do with the outputs that were agreed."""

    _reported: dict[date, list[tuple[Asked, date]]] = field(default_factory=dict)

    def expect_reports(self, asked: Asked) -> None:
        """Each day's outputs are reported on the day, later, or never; and now and then before it has come."""
        for day in asked.request.days:
            if asked.steady:
                self._goes_to_be_reported(asked, day, day)
                continue
            if asked.chance.random() < 0.95:
                on = day + timedelta(days=asked.chance.choices((0, 1, 2, 3), (88, 6, 4, 2))[0])
                self._goes_to_be_reported(asked, day, on)
            if asked.chance.random() < 0.04:
                self._goes_to_be_reported(asked, day, day - timedelta(days=1), late=True)

    def _goes_to_be_reported(self, asked: Asked, day: date, on: date, *, late: bool = False) -> None:
        hour = LATE if late else LOG
        if on >= self.now.date():
            self.at(on, hour, partial(self._log, asked, day), asked.person.nip)

    async def open_office_plan(self, person: Person, days: list[date]) -> None:
        """Somebody agrees on outputs for days at the office."""
        chance = self.chance(person, "office", *days)
        body = {"outputs": outputs(chance, days)}
        for plan in list(self.account.plans_of(person.nip)):
            await self.plan_shows(plan)
        verdict = self.rules.planning(person, body["outputs"], self.now)
        answer = await self.apis.post(person.subject, "performance", "/v1/office-plans", body)
        if self.answered("office plans", verdict, answer):
            told = answer.json()
            due, targets = agreed(told["outputs"], body["outputs"])
            zone = self.province.zone_of(person, date_in(JAKARTA, self.now))
            unit = person.on(days[0]).unit
            request = Request(
                told["request_id"], person.nip, unit, zone, days, "office", Decimal(0), None, due, status="approved"
            )
            self.account.planned(Plan(request.id, person.nip, "office", zone, due, targets))
            self.expect_reports(Asked(request, person, targets, chance, body))

    def plan_office_days(self, person: Person, chance: random.Random, days: list[date], away: list[date]) -> None:
        """Now and then somebody agrees on outputs for a day at the office too, or tries to for a day away."""
        free = [day for day in days if day not in away]
        if free and chance.random() < 0.06:
            day = chance.choice(free)
            self.at(day, SUBMIT, partial(self.open_office_plan, person, [day]), person.nip)
        if away and chance.random() < 0.02:
            self.at(away[0], SUBMIT, partial(self.open_office_plan, person, [away[0]]), person.nip)

    async def _log(self, asked: Asked, day: date) -> None:
        """Report the outputs of a day: those not verified yet, or now and then all of them."""
        plan = self.account.plans[asked.id]
        again = asked.chance.random() < 0.02 and not asked.steady
        due = [
            id_ for id_, of in plan.days.items() if of == day and (again or plan.stands(id_) in ("agreed", "returned"))
        ]
        given_up = day in plan.closed and (asked.steady or asked.chance.random() > 0.3)
        if not due or given_up:
            return
        version = (await self.plan_shows(plan)).get("version", 0)
        late = (date_in(plan.zone, self.now) - day).days
        reports = {}
        for output_id in due:
            share = Decimal(1) if asked.steady else asked.chance.choice(SHARES)
            reports[output_id] = Report((plan.targets[output_id] * share).quantize(Decimal("0.001")), late)
        verdicts = {id_: self.rules.reporting(plan, id_, self.now) for id_ in reports}
        done = await self._report(asked, version, reports, verdicts)
        for output_id in done:
            self.account.reported(plan, output_id, reports[output_id])
        if not done:
            return
        today = self.now.date() + timedelta(days=self.now.time() > JUDGE)
        if asked.steady:
            self._goes_to_be_judged(asked, day, today)
        elif asked.chance.random() < 0.96:
            when = today + timedelta(days=asked.chance.choices((0, 1, 2, 3), (65, 20, 10, 5))[0])
            self._goes_to_be_judged(asked, day, when)

    async def _report(
        self, asked: Asked, version: int, reports: dict[str, Report], verdicts: dict[str, Verdict]
    ) -> list[str]:
        """One output alone by its own address, several in one call. Those accepted."""
        who, told = asked.person.subject, {"note": "Selesai.", "link": "https://contoh.example/1"}
        bodies = {output_id: {"quantity": str(report.quantity), **told} for output_id, report in reports.items()}
        if len(bodies) == 1:
            ((output_id, body),) = bodies.items()
            path = f"/v1/plans/{asked.id}/outputs/{output_id}:log"
            answer = await self.apis.post(who, "performance", path, body, seen=version)
            return [output_id] if self.answered("logged", verdicts[output_id], answer) else []
        about = {"request_id": asked.id, "version": version}
        items = [{**about, "output_id": output_id, **body} for output_id, body in bodies.items()]
        done = await self._in_bulk("logged", who, "log", items, list(verdicts.values()))
        return [item["output_id"] for item in done]

    def _goes_to_be_judged(self, asked: Asked, day: date, when: date) -> None:
        if when not in self._reported:
            self._reported[when] = []
            self.at(when, JUDGE, partial(self._share_out, when))
        self._reported[when].append((asked, day))

    async def _share_out(self, today: date) -> None:
        """What waits to be judged lies before whoever leads its employees today."""
        desks: dict[str, list[tuple[Asked, date]]] = {}
        for asked, day in self._reported.pop(today):
            if asked.person.on(today).superior:
                desks.setdefault(self.desk_of(asked.person, today).nip, []).append((asked, day))
        for nip, waiting in sorted(desks.items(), key=lambda desk: len(desk[1]), reverse=True):
            self.at(today, JUDGE, partial(self._judge, self.province.people[nip], waiting, today), nip)

    async def _judge(self, superior: Person, waiting: list[tuple[Asked, date]], today: date) -> None:
        """The superior verifies what was reported, or sends it back, to see it again: all that is there in one call."""
        tomorrow = today + timedelta(days=1)
        items: dict[str, tuple[Asked, date, Verdict, dict[str, Any]]] = {}
        led = await self.apis.every(superior.subject, "performance", "/v1/plans", whose="led", progress="logged")
        there = {plan["request_id"]: plan for plan in led}
        for asked, day in waiting:
            plan = self.account.plans[asked.id]
            found = there.get(plan.id)
            if found is None or closed_days(found) != plan.closed:
                found = await self.plan_shows(plan)
            version = found.get("version", 0)
            for output_id in [id_ for id_, of in plan.days.items() if of == day and id_ not in items]:
                ready = plan.stands(output_id) == "logged"
                if not ready and (asked.steady or asked.chance.random() > 0.03):
                    continue
                back = not asked.steady and asked.chance.random() < 0.06
                said = {"verdict": "return", "reason": "Belum lengkap."} if back else {"verdict": "verify"}
                about = {"request_id": asked.id, "version": version, "output_id": output_id}
                verdict = self.rules.judging(superior, plan, output_id, self.now)
                items[output_id] = asked, day, verdict, about | said
        verdicts = [verdict for _, _, verdict, _ in items.values()]
        for item in await self._in_bulk(
            "judged", superior.subject, "judge", [item for *_, item in items.values()], verdicts
        ):
            output_id = item["output_id"]
            asked, day, *_ = items[output_id]
            plan = self.account.plans[asked.id]
            if item["verdict"] == "return":
                plan.progress[output_id] = "returned"
                self._goes_to_be_reported(asked, day, tomorrow)
                continue
            plan.progress[output_id] = "verified"
            if not asked.steady and asked.chance.random() < 0.02:
                doubt = partial(self._doubt, asked, day, output_id, tomorrow)
                self.at(tomorrow, RECONSIDER, doubt, asked.person.nip)

    async def _doubt(self, asked: Asked, day: date, output_id: str, today: date) -> None:
        """The superior takes a verification back, and half of the time gives it again."""
        plan, superior = self.account.plans[asked.id], self.desk_of(asked.person, today)
        version = (await self.plan_shows(plan)).get("version", 0)
        verdict = self.rules.judging(superior, plan, output_id, self.now, load_plan="verified")
        path = f"/v1/plans/{asked.id}/outputs/{output_id}:withdraw-verification"
        body = {"reason": "Ternyata keliru."}
        answer = await self.apis.post(superior.subject, "performance", path, body, seen=version)
        if self.answered("doubted", verdict, answer):
            plan.progress[output_id] = "logged"
            if asked.chance.random() < 0.5:
                self._goes_to_be_judged(asked, day, today + timedelta(days=1))

    async def _in_bulk(
        self, what: str, who: str, verb: str, items: list[dict[str, Any]], verdicts: list[Verdict]
    ) -> list[dict[str, Any]]:
        """A command on many outputs, on the versions of their plans that were seen; several calls where they are more
        than one takes, each on the versions that the one before led to. Those accepted."""
        done: list[dict[str, Any]] = []
        newer: dict[str, int] = {}
        for first in range(0, len(items), ITEMS_MAX):
            some = [
                one | {"version": newer.get(one["request_id"], one["version"])} for one in items[first:][:ITEMS_MAX]
            ]
            answer = await self.apis.post(who, "performance", f"/v1/plans:{verb}", {"items": some})
            if not answer.is_success:  # nobody whom they know: all of it is refused
                self.answered(what, verdicts[first], answer)
                return done
            told = answer.json()["items"]
            for item, verdict, one in zip(some, verdicts[first:], told, strict=False):
                if one["plan"]:
                    newer[item["request_id"]] = one["plan"]["version"]
                if self.answered_item(what, verdict, one):
                    done.append(item)
        return done
