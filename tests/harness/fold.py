"""Savings' read models in memory, kept by the same pure fold: what MongoDB would hold."""

import copy
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.savings.employee_day.projection import fold, settle
from services.savings.employee_month.document import day_documents, month_of
from services.savings.employee_month.document import total_documents as totals_of_person
from services.savings.ledger.document import moved_of, row_documents
from services.savings.ledger.model import DayKey
from services.savings.ledger.value import digest
from services.savings.presence import UNITS_BY_ID
from services.savings.unit_day import rules
from services.savings.unit_day.projection import settle_units
from services.savings.unit_month.document import completeness_document, months_of, total_documents
from shared.contracts.savings import FactorSetPublished
from shared.kit.decisions.decider import Document
from shared.kit.messaging.admission import Item, admit
from shared.kit.messaging.cloudevents import ReceivedEvent, Record
from shared.kit.projections.projector import INVALIDATIONS
from shared.kit.projections.writeset import WriteSet

WHOLE = {"organisation"}
KNOWN = (
    *("employee_months", "employee_totals", "away", "unit_days"),
    *("employees", "units", "buildings", "absences", "policies", "factor_sets"),
)


class ReadModels:
    """Collections as dictionaries."""

    def __init__(self, *factor_sets: FactorSetPublished) -> None:
        self.collections: dict[str, dict[str, Document]] = defaultdict(dict)
        self.positions: dict[str, int] = {}
        for factors in factor_sets:
            self.publish(factors)

    def hear(self, events: Sequence[ReceivedEvent], now: datetime) -> None:
        """One batch: admitted as the runner admits, folded, written."""
        admission = admit([_item(heard) for heard in events], self.positions)
        assert not admission.aside, "a stream came out of order"
        self.positions |= admission.positions
        self._write(fold(self._all(), admission.apply, now))

    def publish(self, factors: FactorSetPublished) -> None:
        """A factor set is decided while events come."""
        self.collections["factor_sets"][factors.factor_set_id] = factors.model_dump(mode="json")

    def settle(self, now: datetime) -> None:
        """What no event brings: days that time has reached or that were last looked at with fewer factor sets or
        policies, those of people whose marks are set, and then units' days."""
        moved = {mark["employee_id"] for mark in self.collections[INVALIDATIONS].values() if "employee_id" in mark}
        due = {day["_id"] for day in self.days if day["employee_id"] in moved or self._is_due(day, now)}
        self._settle_days(due, now)
        waiting = [mark for mark in self.collections[INVALIDATIONS].values() if "employee_id" not in mark]
        units, invalid = UNITS_BY_ID.validate_python(self.collections["units"]), rules.read(waiting)
        ranges = rules.ranges(units, invalid)
        days = {key for key in self._somebody_away() if key.whose in ranges and _within(key.day, *ranges[key.whose])}
        days |= rules.single(invalid)
        sets, held = len(self.collections["factor_sets"]), self.collections["unit_days"].values()
        days |= {DayKey(one["unit_id"], one["day"]) for one in held if one["factors_seen"] < sets}
        were = {DayKey(one["unit_id"], one["day"]): one["building_id"] for one in held}
        beside = {key: building for key, building in were.items() if key in days}
        self._settle_units(rules.with_neighbours(units, days, beside), now)
        self.collections[INVALIDATIONS].clear()

    def _is_due(self, day: Document, now: datetime) -> bool:
        sets, policies = len(self.collections["factor_sets"]), len(self.collections["policies"])
        in_time = day["due_at"] is not None and day["due_at"] <= now
        return bool(in_time or day["factors_seen"] < sets or day["policies_seen"] < policies)

    def settle_all(self, now: datetime) -> None:
        """Settle every day there is, whether it is marked or not."""
        self._settle_days({day["_id"] for day in self.days}, now)
        self._settle_units(self._somebody_away(), now)

    def _settle_days(self, ids: set[str], now: datetime) -> None:
        self._write(settle(self._all(), ids, now))

    def _settle_units(self, days: set[DayKey], now: datetime) -> None:
        self._write(settle_units(self._all(), days, now))

    def _somebody_away(self) -> set[DayKey]:
        """Units' days on which somebody is away, or that have been settled before."""
        held = {DayKey(one["unit_id"], one["day"]) for one in self.collections["unit_days"].values()}
        positions = [(one["position"], one["day"]) for one in self.days]
        return held | {DayKey(position["unit_id"], day) for position, day in positions if position}

    def digest(self) -> str:
        """The hash over all net positions."""
        days = [*self.days, *self.collections["unit_days"].values()]
        return digest((day["_id"], day["position"]) for day in days if day["position"])

    @property
    def days(self) -> list[Document]:
        """Employees' days, whole."""
        months = self.collections["employee_months"].values()
        return [day for month in months for day in day_documents(month_of(month))]

    @property
    def shown(self) -> dict[str, dict[str, Document]]:
        """What is read of the collections, by what it is: days, rows of the ledger, totals and counts, by id."""
        months = [month_of(month) for month in self.collections["employee_months"].values()]
        of_units = months_of(self.collections["unit_months"].values())
        of_people = [total for month in months for total in totals_of_person(month)]
        found = {
            "days": self.days,
            "unit_days": self.collections["unit_days"].values(),
            "postings": [row for one in moved_of(self.collections["movements"].values()) for row in row_documents(one)],
            "unit_months": [total for one in of_units for total in total_documents(one)],
            "completeness": [completeness_document(one, one.counted) for one in of_units if one.counted],
            "employee_months": [*of_people, *self.collections["employee_totals"].values()],
        }
        return {name: {one["_id"]: one for one in of} for name, of in found.items()}

    def _all(self) -> dict[str, dict[str, Document]]:
        """The documents themselves: what is pure changes none."""
        return {name: dict(self.collections[name]) for name in KNOWN}

    def _write(self, changes: WriteSet) -> None:
        for name, documents in changes.insert.items():
            for document in documents:
                assert document["_id"] not in self.collections[name], "an insert of what is there"
                self.collections[name][document["_id"]] = document
        for name, documents in changes.replace.items():
            self.collections[name] |= {document["_id"]: document for document in documents}
        for name, changed in changes.change.items():
            for one in changed:
                self.collections[name][one.id] = copy.deepcopy(self.collections[name][one.id])
                for path, value in one.paths.items():
                    _set(self.collections[name][one.id], path, value)
        self.collections[INVALIDATIONS] |= changes.marks
        for name, totals in changes.add.items():
            for id_, (of, amounts) in totals.items():
                total = self.collections[name].setdefault(id_, {"_id": id_})
                for path, value in of.items():
                    _set(total, path, value)
                for path, amount in amounts.items():
                    _add(total, path, amount)


def _within(day: str, first: str, last: str) -> bool:
    return first <= day <= last


def _add(total: Document, path: str, amount: int) -> None:
    at, last = _at(total, path)
    at[last] = at.get(last, 0) + amount


def _set(total: Document, path: str, value: Any) -> None:
    at, last = _at(total, path)
    at[last] = copy.deepcopy(value)


def _at(total: Document, path: str) -> tuple[Document, str]:
    *parents, last = path.split(".")
    for parent in parents:
        total = total.setdefault(parent, {})
    return total, last


def _item(heard: ReceivedEvent) -> Item:
    record = Record(heard.publisher, 0, 0, None, None, [])
    return Item(record, heard.publisher in WHOLE, heard.stream, heard.n, heard=heard)
