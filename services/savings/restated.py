"""How the unit-months of a month have changed since a moment, added up from the rows before and the rows since; and how
many people the change is about."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.savings.entries import BOUNDS, KIND, TAGS, UNITS
from services.savings.queries import AMOUNTS, Kind, kind_of, plus
from shared.contracts.savings import Category
from shared.kit.decider import Document
from shared.kit.disclosure import PEOPLE_MIN
from shared.kit.generations import Models

SIDES = ("before", "difference")


async def restated(models: Models, month: str, since: datetime) -> list[Document]:
    """Unit-months to which rows have been added since a moment: what they were, what came, and what they are."""
    groups = await models["postings"].aggregate(
        [
            {"$match": {"month": month}},
            {"$group": {"_id": {name: f"${name}" for name in TAGS}, "rows": _if_since(since, 1, 0), **_sums(since)}},
            {"$match": {"rows": {"$gt": 0}}},
            {"$sort": {"_id": 1}},
        ]
    )
    found = []
    async for group in groups:
        held = [unit for unit in UNITS if group[f"has_{unit}"]]
        sides = {
            side: {unit: {bound: group[f"{side}_{unit}_{bound}"] for bound in BOUNDS} for unit in held}
            for side in SIDES
        }
        after = plus(sides["before"], sides["difference"])
        found.append({**group["_id"], "rows": group["rows"], **sides, "after": after})
    return found


def _if_since(since: datetime, then: Any, otherwise: Any) -> Document:
    return {"$sum": {"$cond": [{"$gte": ["$at", since]}, then, otherwise]}}


def _sums(since: datetime) -> Document:
    sums: Document = {f"has_{unit}": {"$max": {"$gt": [f"$amounts.{unit}", None]}} for unit in UNITS}
    for path in AMOUNTS:
        amount, name = {"$ifNull": [f"${path}", 0]}, path.removeprefix("amounts.").replace(".", "_")
        sums[f"before_{name}"] = _if_since(since, 0, amount)
        sums[f"difference_{name}"] = _if_since(since, amount, 0)
    return sums


@dataclass
class Concerned:
    """People who had figures before a moment, and those whose figures have changed since."""

    before: set[str]
    changed: set[str]

    @property
    def few(self) -> bool:
        """Whether the change, or what was there before it, is about fewer people than may be shown."""
        return len(self.changed) < PEOPLE_MIN or 0 < len(self.before) < PEOPLE_MIN


class People:
    """Whom the restatements of a month are about, by unit and kind. What is a unit's own is about all its people."""

    def __init__(self) -> None:
        self._of_kind: dict[tuple[str, Kind], Concerned] = {}
        self._of_unit: dict[str, Concerned] = {}

    def learn(self, group: Document) -> None:
        """One employee's rows of one kind in one unit."""
        of, unit_id = group["_id"], group["_id"]["unit_id"]
        for concerned in (
            self._of_kind.setdefault((unit_id, kind_of(of)), Concerned(set(), set())),
            self._of_unit.setdefault(unit_id, Concerned(set(), set())),
        ):
            if group["days_before"] > 0:
                concerned.before.add(of["employee_id"])
            if group["rows"]:
                concerned.changed.add(of["employee_id"])

    def few(self, found: Document) -> bool:
        """Whether a restatement is about too few to be shown."""
        kind, unit_id = kind_of(found), found["unit_id"]
        whole = self._of_unit.get(unit_id, Concerned(set(), set()))
        own = self._of_kind.get((unit_id, kind))
        if kind[1] == Category.OFFICE_ELECTRICITY or (kind[1] == Category.CO2E and own is None):
            return whole.few
        return own is None or own.few


async def people(models: Models, month: str, since: datetime) -> People:
    """Counted from the rows that name somebody."""
    named = {name: f"${name}" for name in ("unit_id", *KIND, "employee_id")}
    found = People()
    groups = await models["postings"].aggregate(
        [
            {"$match": {"month": month, "employee_id": {"$ne": None}}},
            {
                "$group": {
                    "_id": named,
                    "rows": _if_since(since, 1, 0),
                    "days_before": _if_since(since, 0, "$days"),
                }
            },
        ]
    )
    async for group in groups:
        found.learn(group)
    return found
