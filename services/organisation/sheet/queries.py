"""What is held over a whole sheet and the record together, as both will be: codes that look alike, circles, subjects,
letters that add up, absences on one day; and whether a second person has to confirm it.

Nothing comes between the check and the change (`turn`), so that what is found here is so.
"""

import asyncio
import re
import unicodedata
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import TypeVar

from services.organisation.absence.rules import Away, days_away, overlaps
from services.organisation.entity.model import Recorded, code_of
from services.organisation.entry.model import Entry, Known
from services.organisation.entry.queries import Lookup, keys_of
from services.organisation.entry.rules import RowProblem
from services.organisation.hierarchy.rules import Belonging, circles
from services.organisation.mandate.rules import faults
from services.organisation.right.rules import favoured
from services.organisation.row.value import ROWS, SheetKind
from shared.contracts.organisation import (
    AbsenceRecorded,
    ActingKind,
    ActingRecorded,
    ActingTerms,
    EmployeeRecorded,
    UnitRecorded,
)
from shared.kit.base.mongo import Database
from shared.kit.decisions.decider import Document

T = TypeVar("T")
AT_ONCE = 1_000
ALIKE = (SheetKind.UNITS, SheetKind.BUILDINGS, SheetKind.POSITIONS, SheetKind.ACTING)
Numbered = tuple[ActingTerms, int | None]


@dataclass
class Whole:
    """What has been seen of a sheet, by the ids of what it changes."""

    reader: Lookup
    by: str = ""
    superiors_of_sender: frozenset[str] = frozenset()
    codes: dict[str, int] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    links: dict[str, list[Belonging]] = field(default_factory=dict)
    subjects: dict[tuple[str, str], list[tuple[str, int]]] = field(default_factory=lambda: defaultdict(list))
    letters: dict[tuple[str, str], list[Numbered]] = field(default_factory=lambda: defaultdict(list))
    away: dict[str, list[Away]] = field(default_factory=lambda: defaultdict(list))
    favours: list[int] = field(default_factory=list)
    """The first row of each change that the sender cannot confirm alone."""

    def see(self, entry: Entry, known: Known, after: Recorded | None) -> None:
        """An entry that is right by itself, and what it becomes; none for what has only a code."""
        numbers = {line.row.effective_from: line.number for line in entry.lines}
        self.codes.setdefault(entry.code, entry.lines[0].number)
        self.seen.add(entry.id)
        match after:
            case UnitRecorded():
                above = [(terms.effective_from, terms.parent_id) for terms in after.history]
                self.links[entry.id] = _links(above, numbers)
            case EmployeeRecorded():
                above = [(terms.effective_from, terms.superior_id) for terms in after.history]
                self.links[entry.id] = _links(above, numbers)
                said = self.subjects[after.identity.iss, after.identity.sub]
                said.append((entry.id, entry.standing(known.today).number))
            case ActingRecorded():
                for terms in after.history:
                    number = numbers.get(terms.effective_from)
                    self.letters[terms.for_id, terms.acting_id].append((terms, number))
            case AbsenceRecorded():
                self.away[after.employee_id] += days_away(entry.id, after.history, numbers)
        if self.by and favoured(known.own.get(entry.id), after, self.by, self.superiors_of_sender):
            self.favours.append(entry.lines[0].number)

    async def problems(self) -> list[RowProblem]:
        """What is wrong with the whole."""
        found = [problem async for problem in self._alike()] if self.reader.kind in ALIKE else []
        match self.reader.kind:
            case SheetKind.UNITS:
                units = await self._others("units", "parent_id")
                rows = await asyncio.to_thread(circles, units | self.links)
                found += [RowProblem(row, "parent_code", "parent-circle") for row in rows]
            case SheetKind.EMPLOYEES:
                found += [problem async for problem in self._subjects()]
                rows = await asyncio.to_thread(circles, await self._above(), deep=True)
                found += [RowProblem(row, "superior_nip", "superior-circle") for row in rows]
            case SheetKind.ACTING:
                found += [problem async for problem in self._letters()]
            case SheetKind.ABSENCES:
                found += [problem async for problem in self._absences()]
        return found

    async def _alike(self) -> AsyncIterator[RowProblem]:
        """A spreadsheet makes 1 of 001: a new code that differs from another by leading zeros, case or spaces alone is
        not meant as another."""
        found = self.reader.db.codes.find(keys_of(ROWS[self.reader.kind]), {"_id": 1}, session=self.reader.session)
        on_record = {code_of(code["_id"]) async for code in found}
        known = {alike(code): code for code in on_record}
        for code, row in sorted(self.codes.items(), key=lambda one: one[1]):
            other = known.setdefault(alike(code), code)
            if other != code and code not in on_record:
                yield RowProblem(row, ROWS[self.reader.kind].named_by, "code-alike", value=other)

    async def _others(self, collection: str, link: str) -> dict[str, list[Belonging]]:
        """What is on record beside the sheet."""
        only = {"history.effective_from": 1, f"history.{link}": 1}
        found = self.reader.db[collection].find({}, only, session=self.reader.session)
        return {one["_id"]: _recorded_links(one, link) async for one in found if one["_id"] not in self.seen}

    async def _above(self) -> dict[str, list[Belonging]]:
        """The sheet's people and all who lead them on any day, however far up: a circle that the sheet closes is among
        these."""
        known = dict(self.links)
        ask = _parents(known.values()) - known.keys()
        while ask:
            found: dict[str, list[Belonging]] = {id_: [] for id_ in ask}
            only = {"history.effective_from": 1, "history.superior_id": 1}
            for some in in_batches(sorted(ask)):
                cursor = self.reader.db.employees.find({"_id": {"$in": some}}, only, session=self.reader.session)
                found |= {one["_id"]: _recorded_links(one, "superior_id") async for one in cursor}
            known |= found
            ask = _parents(found.values()) - known.keys()
        return known

    async def _subjects(self) -> AsyncIterator[RowProblem]:
        """A subject speaks for one person, once the whole sheet is taken: two may exchange theirs. That of a service
        account speaks for nobody."""
        for held in self.subjects.values():
            for _, row in held[1:]:
                yield RowProblem(row, "subject", "subject-taken")
        for some in in_batches(self.subjects):
            where = {"identity.sub": {"$in": [subject for _, subject in some]}}
            async for one in self.reader.db.employees.find(where, {"identity": 1}, session=self.reader.session):
                held = self.subjects.get((one["identity"]["iss"], one["identity"]["sub"]), [])
                if one["_id"] not in self.seen:
                    for _, row in held:
                        yield RowProblem(row, "subject", "subject-taken")
            async for one in self.reader.db.accounts.find(where, {"identity": 1}, session=self.reader.session):
                for _, row in self.subjects.get((one["identity"]["iss"], one["identity"]["sub"]), []):
                    yield RowProblem(row, "subject", "subject-account")

    async def _letters(self) -> AsyncIterator[RowProblem]:
        """The law counts the months of a Plt, and not the letters."""
        people = {for_id for for_id, _ in self.letters}
        for some in in_batches(sorted(people)):
            where = {"history.for_id": {"$in": some}}
            async for one in self.reader.db.acting_assignments.find(where, session=self.reader.session):
                if one["_id"] not in self.seen:
                    for terms in ActingRecorded.model_validate(one, strict=False).history:
                        if held := self.letters.get((terms.for_id, terms.acting_id)):
                            held.append((terms, None))
        for letters in self.letters.values():
            for problem in add_up(letters):
                yield problem

    async def _absences(self) -> AsyncIterator[RowProblem]:
        for some in in_batches(sorted(self.away)):
            where = {"employee_id": {"$in": some}}
            async for one in self.reader.db.absences.find(where, session=self.reader.session):
                if one["_id"] not in self.seen:
                    absence = AbsenceRecorded.model_validate(one, strict=False)
                    self.away[absence.employee_id] += days_away(absence.absence_id, absence.history, {})
        for away in self.away.values():
            for row in sorted(set(overlaps(away))):
                yield RowProblem(row, "effective_from", "absence-overlaps")


def add_up(letters: Sequence[Numbered]) -> Iterator[RowProblem]:
    """What is wrong with all letters by which one acts for another; the last row where a letter on record is named."""
    plt = [one for one in letters if one[0].kind is ActingKind.PLT and one[0].ends_on >= one[0].effective_from]
    rows = [row for _, row in plt if row]
    if not rows:
        return
    in_order = sorted(plt, key=lambda one: one[0].effective_from)
    numbers = {id(terms): row for terms, row in in_order}
    for terms, broken in faults([terms for terms, _ in in_order]):
        row = numbers[id(terms)] or max(rows)
        yield RowProblem(row, "ends_on", broken.rule, value=broken.value, source=broken.source)


def alike(code: str) -> str:
    """What codes have in common that differ by leading zeros, case, spaces or apostrophes alone."""
    plain = re.sub(r"[\s']", "", unicodedata.normalize("NFKC", code).casefold())
    return plain.lstrip("0") or "0"


async def superiors(db: Database, employee_id: str) -> frozenset[str]:
    """Whoever leads somebody on any day."""
    found: Document = await db.employees.find_one({"_id": employee_id}, {"history.superior_id": 1}) or {}
    return frozenset(terms["superior_id"] for terms in found.get("history", []) if terms.get("superior_id"))


def in_batches(items: Iterable[T]) -> Iterator[list[T]]:
    """As many at a time as one query asks for."""
    left = iter(items)
    while batch := list(islice(left, AT_ONCE)):
        yield batch


def _links(history: Iterable[tuple[date, str | None]], numbers: Mapping[date, int]) -> list[Belonging]:
    return [Belonging(since, parent, numbers.get(since)) for since, parent in history]


def _recorded_links(found: Document, link: str) -> list[Belonging]:
    return [Belonging(date.fromisoformat(terms["effective_from"]), terms.get(link)) for terms in found["history"]]


def _parents(links: Collection[list[Belonging]]) -> set[str]:
    return {belonging.parent for each in links for belonging in each if belonging.parent}
