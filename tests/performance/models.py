"""Performance's results in memory, kept by the same pure fold: what MongoDB would hold."""

import copy
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from services.performance.result.projection import Loaded, fold, settle
from shared.contracts import organisation
from shared.kit.decisions.decider import Document
from shared.kit.messaging.admission import Item, admit
from shared.kit.messaging.cloudevents import ReceivedEvent, Record
from shared.kit.projections.projector import INVALIDATIONS
from shared.kit.projections.writeset import Known, WriteSet
from shared.people.calendar import off_by

WANTED = ("counted_plans", "employees", "absences", "policies")
TOTALS = ("result_days", "employee_months", "unit_months")


class ResultModels:
    """Collections as dictionaries."""

    def __init__(self) -> None:
        self.collections: dict[str, dict[str, Document]] = defaultdict(dict)
        self.positions: dict[str, int] = {}

    def hear(self, events: Sequence[ReceivedEvent], now: datetime) -> None:
        """One batch: admitted as the runner admits, folded, written."""
        admission = admit([_item(heard) for heard in events], self.positions)
        assert not admission.aside, "a stream came out of order"
        self.positions |= admission.positions
        self._write(fold(self._known(), admission.apply, now))

    def pass_time(self, now: datetime) -> None:
        """What the passing of time brings, and what people's new terms change."""
        known = self._known()
        due = [id_ for id_, plan in Loaded.of(known).counted_plans.items() if plan.due_at and plan.due_at <= now]
        self._write(settle(known, due, now))
        self.look_at_moved(now)

    def look_at_moved(self, now: datetime) -> None:
        """What people's new terms and absences change, and new rules."""
        known, marks = self._known(), self.collections[INVALIDATIONS]
        ruled = any("policy_id" in mark for mark in marks.values())
        loaded = Loaded.of(known)
        policies = list(loaded.policies.values())
        touched = [
            id_
            for id_, plan in loaded.counted_plans.items()
            if plan.employee_id in marks or (ruled and off_by(policies, plan.days) != set(plan.off))
        ]
        self._write(settle(known, touched, now))
        marks.clear()

    def totals(self) -> dict[str, dict[str, Document]]:
        """All totals that count anything."""
        return {
            name: {id_: total for id_, total in self.collections[name].items() if total["agreed"]} for name in TOTALS
        }

    def _known(self) -> Known:
        return copy.deepcopy({name: self.collections[name] for name in WANTED})

    def _write(self, changes: WriteSet) -> None:
        for name, documents in changes.insert.items():
            for document in documents:
                assert document["_id"] not in self.collections[name], "an insert of what is there"
                self.collections[name][document["_id"]] = document
        for name, documents in changes.replace.items():
            self.collections[name] |= {document["_id"]: document for document in documents}
        self.collections[INVALIDATIONS] |= changes.marks
        for name, totals in changes.add.items():
            for id_, (of, amounts) in totals.items():
                total = self.collections[name].setdefault(id_, dict(of))
                total |= {amount: total.get(amount, 0) + by for amount, by in amounts.items()}


def _item(heard: ReceivedEvent) -> Item:
    record = Record(heard.publisher, 0, 0, None, None, [])
    return Item(record, heard.publisher == organisation.PUBLISHER.name, heard.stream, heard.n, heard=heard)
