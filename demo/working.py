"""How outputs are worked: reported, late or short at times, judged, returned, doubted; at home and at the office."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from demo.oracle import Plan, Report
from demo.province import Person
from demo.stage import JUDGE, LOG, RECONSIDER, SUBMIT, Asked, Stage, agreed, outputs

ITEMS_MAX = 100
"""So many outputs are reported or judged in one call."""
SHARES = (Decimal(1), Decimal(1), Decimal(1), Decimal("0.8"), Decimal("0.35"), Decimal("1.2"))


@dataclass
class Working(Stage):
    """What people do with the outputs that were agreed."""

    _reported: dict[date, list[tuple[Asked, date]]] = field(default_factory=dict)

    def expect_reports(self, asked: Asked) -> None:
        """Each day's outputs are reported on the day, later, or never."""
        for day in asked.days:
            if asked.chance.random() < 0.95:
                on = day + timedelta(days=asked.chance.choices((0, 1, 2, 3), (88, 6, 4, 2))[0])
                self.at(on, LOG, partial(self._log, asked, day, on))

    async def open_office_plan(self, person: Person, days: list[date]) -> None:
        """Somebody agrees on outputs for days at the office."""
        chance = self.chance(person, "office", *days)
        body = {"outputs": outputs(chance, days)}
        answer = await self.apis.post(person.subject, "performance", "/v1/office-plans", body)
        if self.counts("office plans", answer):
            told = answer.json()
            due, targets = agreed(told["outputs"])
            unit, nowhere = person.on(days[0]).unit, Decimal(0)
            asked = Asked(told["request_id"], person, unit, days, "office", nowhere, due, targets, chance, body)
            self.account.planned(asked.request_id, Plan(person.nip, "office", asked.outputs, asked.targets))
            self.expect_reports(asked)

    def plan_office_days(self, person: Person, chance: random.Random, days: list[date], away: list[date]) -> None:
        """Now and then somebody agrees on outputs for a day at the office too."""
        free = [day for day in days if day not in away]
        if free and person.history[0].superior and chance.random() < 0.06:
            day = chance.choice(free)
            self.at(day, SUBMIT, partial(self.open_office_plan, person, [day]))

    async def _log(self, asked: Asked, day: date, today: date) -> None:
        """Report the outputs of a day that are not verified yet."""
        if asked.gone:
            return
        who = asked.person.subject
        reports = {}
        plan = await self._plan_of(who, asked.request_id)
        for output_id in _outputs(plan, day, {"agreed", "returned"}):
            quantity = (asked.targets[output_id] * asked.chance.choice(SHARES)).quantize(Decimal("0.001"))
            reports[output_id] = Report(quantity, (today - day).days)
        done = await self._report(who, asked, plan["version"], reports)
        for output_id in done:
            self.account.reported(asked.request_id, output_id, reports[output_id])
        if done and asked.chance.random() < 0.96:
            when = today + timedelta(days=asked.chance.choices((0, 1, 2, 3), (65, 20, 10, 5))[0])
            self._goes_to_be_judged(asked, day, when)

    async def _report(self, who: str, asked: Asked, version: int, reports: dict[str, Report]) -> list[str]:
        """One output alone by its own address, several in one call. Those accepted."""
        told = {"note": "Selesai.", "link": "https://contoh.example/1"}
        bodies = {output_id: {"quantity": str(report.quantity), **told} for output_id, report in reports.items()}
        if len(bodies) == 1:
            ((output_id, body),) = bodies.items()
            accepted = await self._on_output("logged", who, asked, output_id, "log", body, version)
            return [output_id] if accepted else []
        about = {"request_id": asked.request_id, "version": version}
        items = [{**about, "output_id": output_id, **body} for output_id, body in bodies.items()]
        return [item["output_id"] for item in await self._in_bulk("logged", who, "log", items)]

    def _goes_to_be_judged(self, asked: Asked, day: date, when: date) -> None:
        if when not in self._reported:
            self._reported[when] = []
            self.at(when, JUDGE, partial(self._share_out, when))
        self._reported[when].append((asked, day))

    async def _share_out(self, today: date) -> None:
        """What waits to be judged lies before whoever leads its employees today."""
        desks: dict[str, list[tuple[Asked, date]]] = {}
        for asked, day in self._reported.pop(today):
            desks.setdefault(self.superior_of(asked.person, today), []).append((asked, day))
        for who, waiting in sorted(desks.items(), key=lambda desk: len(desk[1]), reverse=True):
            self.at(today, JUDGE, partial(self._judge, who, waiting, today))

    async def _judge(self, who: str, waiting: list[tuple[Asked, date]], today: date) -> None:
        """The superior verifies what was reported, or sends it back, to see it again: all that is there in one call."""
        tomorrow = today + timedelta(days=1)
        led = await self.apis.every(who, "performance", "/v1/plans", whose="led", progress="logged")
        plans = {plan["request_id"]: plan for plan in led}
        of: dict[str, tuple[Asked, date]] = {}
        items: list[dict[str, Any]] = []
        for asked, day in waiting:
            plan = plans.get(asked.request_id) or await self._plan_of(who, asked.request_id)
            for output_id in _outputs(plan, day, {"logged"}):
                if output_id in of:
                    continue
                of[output_id] = asked, day
                back = asked.chance.random() < 0.06
                verdict = {"verdict": "return", "reason": "Belum lengkap."} if back else {"verdict": "verify"}
                about = {"request_id": asked.request_id, "version": plan["version"], "output_id": output_id}
                items.append(about | verdict)
        for item in await self._in_bulk("judged", who, "judge", items):
            request_id, output_id = item["request_id"], item["output_id"]
            asked, day = of[output_id]
            if item["verdict"] == "return":
                self.account.returned(request_id, output_id)
                self.at(tomorrow, LOG, partial(self._log, asked, day, tomorrow))
                continue
            self.account.verified(request_id, output_id)
            if asked.chance.random() < 0.02:
                self.at(tomorrow, RECONSIDER, partial(self._doubt, asked, day, output_id, tomorrow))

    async def _doubt(self, asked: Asked, day: date, output_id: str, today: date) -> None:
        """The superior takes a verification back, and half of the time gives it again."""
        who, tomorrow = self.superior_of(asked.person, today), today + timedelta(days=1)
        reason = {"reason": "Ternyata keliru."}
        version = (await self._plan_of(who, asked.request_id))["version"]
        if await self._on_output("doubted", who, asked, output_id, "withdraw-verification", reason, version):
            self.account.verification_withdrawn(asked.request_id, output_id)
            if asked.chance.random() < 0.5:
                self._goes_to_be_judged(asked, day, tomorrow)

    async def _in_bulk(self, what: str, who: str, verb: str, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """A command on many outputs, on the versions of their plans that were seen, and again on newer ones where those
        are stale. Those accepted."""
        done: list[dict[str, Any]] = []
        while items:
            now, items = items[:ITEMS_MAX], items[ITEMS_MAX:]
            answer = await self.apis.post(who, "performance", f"/v1/plans:{verb}", {"items": now})
            for item, told in zip(now, answer.raise_for_status().json()["items"], strict=True):
                if told["status"] == 412:
                    newer = await self._plan_of(who, item["request_id"])
                    items.append(item | {"version": newer["version"]})
                elif self.counts_item(what, told):
                    done.append(item)
        return done

    async def _on_output(
        self, what: str, who: str, asked: Asked, output_id: str, verb: str, body: dict[str, str], version: int
    ) -> bool:
        """A command on one output, on the version of its plan that was seen, and on a newer one if that is stale."""
        path = f"/v1/plans/{asked.request_id}/outputs/{output_id}:{verb}"
        while (answer := await self.apis.post(who, "performance", path, body, seen=version)).status_code == 412:
            version = (await self._plan_of(who, asked.request_id))["version"]
        return self.counts(what, answer)

    async def _plan_of(self, who: str, request_id: str) -> dict[str, Any]:
        """The plan, as soon as performance has heard of the approval."""
        found: dict[str, Any] = {}

        async def read() -> bool:
            answer = await self.apis.get(who, "performance", f"/v1/plans/{request_id}")
            found.update(answer.json())
            return answer.status_code == 200

        await self.until(read, f"the plan of {request_id}")
        return found


def _outputs(plan: dict[str, Any], day: date, progress: set[str]) -> list[str]:
    """The outputs of a day that stand so."""
    return [one["output_id"] for one in plan["outputs"] if one["day"] == str(day) and one["progress"] in progress]
