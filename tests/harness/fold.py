"""Savings' read models in memory, kept by the same pure fold: what MongoDB would hold."""

import copy
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from services.savings.net import Day, digest
from services.savings.projection import fold
from services.savings.settle import settle, settle_units
from shared.contracts.savings import FactorSetPublished
from shared.kit.admission import Item, admit
from shared.kit.changes import Changes
from shared.kit.cloudevents import Heard, Record
from shared.kit.decider import Document

WHOLE = {"organisation"}
KNOWN = ("days", "unit_days", "employees", "units", "buildings", "factor_sets")


class ReadModels:
    """Collections as dictionaries."""

    def __init__(self, *factor_sets: FactorSetPublished) -> None:
        self.collections: dict[str, dict[str, Document]] = defaultdict(dict)
        self.positions: dict[str, int] = {}
        for factors in factor_sets:
            self.collections["factor_sets"][factors.factor_set_id] = factors.model_dump(mode="json")

    def hear(self, events: Sequence[Heard], now: datetime) -> None:
        """One batch: admitted as the runner admits, folded, written."""
        admission = admit([_item(heard) for heard in events], self.positions)
        assert not admission.aside, "a stream came out of order"
        self.positions |= admission.positions
        self._write(fold(copy.deepcopy(dict(self._all())), admission.apply, now))

    def settle(self, now: datetime) -> None:
        """What the passing of time brings."""
        days = {id_: cast("Day", day) for id_, day in self.collections["days"].items()}
        self._write(settle(copy.deepcopy(dict(self._all())), copy.deepcopy(days), self.collections["employees"], now))
        self.settle_units(now)

    def settle_units(self, now: datetime) -> None:
        """Bring every unit's day up to date that somebody was away on, or that has been settled before."""
        held = {(one["unit_id"], one["day"]) for one in self.collections["unit_days"].values()}
        positions = [(one["position"], one["day"]) for one in self.collections["days"].values()]
        away = {(position["unit_id"], day) for position, day in positions if position}
        self._write(settle_units(copy.deepcopy(dict(self._all())), held | away, now))
        self.collections["unsettled"].clear()

    def digest(self) -> str:
        """The hash over all net positions."""
        days = {**self.collections["days"], **self.collections["unit_days"]}
        return digest((id_, day["position"]) for id_, day in days.items() if day["position"])

    def _all(self) -> dict[str, dict[str, Document]]:
        return {name: self.collections[name] for name in KNOWN}

    def _write(self, changes: Changes) -> None:
        for name, documents in changes.insert.items():
            for document in documents:
                assert document["_id"] not in self.collections[name], "an insert of what is there"
                self.collections[name][document["_id"]] = document
        for name, documents in changes.replace.items():
            self.collections[name] |= {document["_id"]: document for document in documents}
        for name, totals in changes.add.items():
            for id_, (of, amounts) in totals.items():
                total = self.collections[name].setdefault(id_, copy.deepcopy(of))
                for path, amount in amounts.items():
                    _add(total, path, amount)


def _add(total: dict[str, Any], path: str, amount: int) -> None:
    *parents, last = path.split(".")
    for parent in parents:
        total = total.setdefault(parent, {})
    total[last] = total.get(last, 0) + amount


def _item(heard: Heard) -> Item:
    record = Record(heard.publisher, 0, 0, None, None, [])
    return Item(record, heard.publisher in WHOLE, heard.stream, heard.n, heard=heard)
