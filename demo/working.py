"""How outputs are worked: reported, late or short at times, judged, returned, doubted; at home and at the office."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from demo.oracle import Plan, Report
from demo.province import Person
from demo.stage import JUDGE, LOG, RECONSIDER, SUBMIT, Asked, Stage, agreed, outputs

SHARES = (Decimal(1), Decimal(1), Decimal(1), Decimal("0.8"), Decimal("0.35"), Decimal("1.2"))


@dataclass
class Working(Stage):
    """What people do with the outputs that were agreed."""

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
            asked = Asked(
                told["request_id"], person, days, "office", Decimal(0), *agreed(told["outputs"]), chance, body
            )
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
        plan = await self._plan_of(who, asked)
        for output_id in _outputs(plan, day, {"agreed", "returned"}):
            quantity = (asked.targets[output_id] * asked.chance.choice(SHARES)).quantize(Decimal("0.001"))
            reports[output_id] = Report(quantity, (today - day).days)
        items = [
            {"output_id": id_, "quantity": str(report.quantity), "note": "Selesai.", "link": "https://contoh.example/1"}
            for id_, report in reports.items()
        ]
        done = await self._on_outputs("logged", who, asked, "log", items, plan["version"])
        for output_id in done:
            self.account.reported(asked.request_id, output_id, reports[output_id])
        if done and asked.chance.random() < 0.96:
            when = today + timedelta(days=asked.chance.choices((0, 1, 2, 3), (65, 20, 10, 5))[0])
            self.at(when, JUDGE, partial(self._judge, asked, day, when))

    async def _judge(self, asked: Asked, day: date, today: date) -> None:
        """The superior verifies what was reported, or sends it back, to see it again."""
        who, tomorrow = self.superior_of(asked.person, today), today + timedelta(days=1)
        plan = await self._plan_of(who, asked)
        waiting = _outputs(plan, day, {"logged"})
        back = {output_id for output_id in waiting if asked.chance.random() < 0.06}
        items: list[dict[str, Any]] = [
            {"output_id": id_, "verdict": "return", "reason": "Belum lengkap."}
            if id_ in back
            else {"output_id": id_, "verdict": "verify"}
            for id_ in waiting
        ]
        done = await self._on_outputs("judged", who, asked, "judge", items, plan["version"])
        for output_id in done:
            if output_id in back:
                self.account.returned(asked.request_id, output_id)
                self.at(tomorrow, LOG, partial(self._log, asked, day, tomorrow))
                continue
            self.account.verified(asked.request_id, output_id)
            if asked.chance.random() < 0.02:
                self.at(tomorrow, RECONSIDER, partial(self._doubt, asked, day, output_id, tomorrow))

    async def _doubt(self, asked: Asked, day: date, output_id: str, today: date) -> None:
        """The superior takes a verification back, and half of the time gives it again."""
        who, tomorrow = self.superior_of(asked.person, today), today + timedelta(days=1)
        item = {"output_id": output_id, "reason": "Ternyata keliru."}
        version = (await self._plan_of(who, asked))["version"]
        if await self._on_output("doubted", who, asked, "withdraw-verification", item, version):
            self.account.verification_withdrawn(asked.request_id, output_id)
            if asked.chance.random() < 0.5:
                self.at(tomorrow, JUDGE, partial(self._judge, asked, day, tomorrow))

    async def _on_outputs(
        self, what: str, who: str, asked: Asked, verb: str, items: list[dict[str, Any]], version: int
    ) -> list[str]:
        """A command on some outputs of a plan: one alone by its own address, several in one call. Those accepted."""
        if len(items) == 1 and verb == "log":
            return [items[0]["output_id"]] if await self._on_output(what, who, asked, verb, items[0], version) else []
        done: list[str] = []
        while items:
            body = {"items": [{"request_id": asked.request_id, "version": version, **item} for item in items]}
            answer = await self.apis.post(who, "performance", f"/v1/plans:{verb}", body)
            told = answer.raise_for_status().json()["items"]
            stale = {item["output_id"] for item in told if item["status"] == 412}
            done += [item["output_id"] for item in told if item["status"] != 412 and self.counts_item(what, item)]
            items = [item for item in items if item["output_id"] in stale]
            version = (await self._plan_of(who, asked))["version"] if items else version
        return done

    async def _on_output(
        self, what: str, who: str, asked: Asked, verb: str, item: dict[str, Any], version: int
    ) -> bool:
        """A command on one output, on the version of its plan that was seen, and on a newer one if that is stale."""
        path = f"/v1/plans/{asked.request_id}/outputs/{item['output_id']}:{verb}"
        body = {name: value for name, value in item.items() if name != "output_id"}
        while (answer := await self.apis.post(who, "performance", path, body, seen=version)).status_code == 412:
            version = (await self._plan_of(who, asked))["version"]
        return self.counts(what, answer)

    async def _plan_of(self, who: str, asked: Asked) -> dict[str, Any]:
        """The plan, as soon as performance has heard of the approval."""
        found: dict[str, Any] = {}

        async def read() -> bool:
            answer = await self.apis.get(who, "performance", f"/v1/plans/{asked.request_id}")
            found.update(answer.json())
            return answer.status_code == 200

        await self.until(read, f"the plan of {asked.request_id}")
        return found


def _outputs(plan: dict[str, Any], day: date, progress: set[str]) -> list[str]:
    """The outputs of a day that stand so."""
    return [one["output_id"] for one in plan["outputs"] if one["day"] == str(day) and one["progress"] in progress]
