"""Who belongs where, who is absent and who is away, on a day, by documents as they are stored. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from shared.contracts.values import PlaceCategory
from shared.kit.decisions.decider import Document

NOT_AT_AN_OFFICE = {PlaceCategory.RESIDENCE.value, PlaceCategory.OTHER_PLACE.value}


def terms_on(entity: Mapping[str, Any] | None, day: str) -> Any:
    """The terms in force on a day, of an entity as it is stored."""
    history = entity["history"] if entity else ()
    before = [terms for terms in history if terms["effective_from"] <= day]
    return max(before, key=lambda terms: terms["effective_from"], default=None)


def is_absent(absences: Iterable[Mapping[str, Any]], day: str) -> bool:
    """Whether somebody is on leave or on a trip on a day, by their absences as they are stored."""
    found = [terms_on(absence, day) for absence in absences]
    return any(terms is not None and day <= terms["ends_on"] for terms in found)


def absences_by_person(absences: Iterable[Document]) -> dict[str, list[Document]]:
    """Whose absences are whose."""
    found: dict[str, list[Document]] = {}
    for one in absences:
        found.setdefault(one["employee_id"], []).append(one)
    return found


@dataclass
class Whereabouts:
    """Who belongs where, who was absent and who was away, on the days looked at. Documents by id, as they are
    stored."""

    units: Mapping[str, Document]
    buildings: Mapping[str, Document]
    employees: Mapping[str, Document]
    days: Mapping[str, Document]
    absences: Mapping[str, Document]
    _heads: dict[str, dict[str, int]] = field(default_factory=dict)
    _zones: dict[str, dict[tuple[str, str], list[str]]] = field(default_factory=dict)

    def heads(self, unit_id: str, day: str) -> int:
        """How many people are expected in a unit on a day: those active and not absent."""
        if day not in self._heads:
            counted: dict[str, int] = {}
            for id_, employee in self.employees.items():
                terms = terms_on(employee, day)
                if terms and terms["active"] and not is_absent(self._absent.get(id_, ()), day):
                    counted[terms["unit_id"]] = counted.get(terms["unit_id"], 0) + 1
            self._heads[day] = counted
        return self._heads[day].get(unit_id, 0)

    @cached_property
    def _absent(self) -> dict[str, list[Document]]:
        return absences_by_person(self.absences.values())

    @cached_property
    def _away(self) -> dict[tuple[str, str], list[Document]]:
        found: dict[tuple[str, str], list[Document]] = {}
        for one in sorted(self.days.values(), key=lambda one: str(one["_id"])):
            if one["position"]:
                found.setdefault((one["position"]["unit_id"], one["day"]), []).append(one)
        return found

    def away(self, unit_id: str, day: str) -> list[Document]:
        """The realised days of a unit's people."""
        return self._away.get((unit_id, day), [])

    def units_in(self, seat: Document, day: str) -> list[str]:
        """The units that sit in a building's zone on a day."""
        if day not in self._zones:
            seated: dict[tuple[str, str], list[str]] = {}
            for id_, unit in self.units.items():
                terms = terms_on(unit, day)
                if terms and terms["seat"]:
                    seated.setdefault(_zone(terms["seat"]), []).append(id_)
            self._zones[day] = seated
        return self._zones[day].get(_zone(seat), [])

    def in_zone(self, seat: Document, day: str) -> tuple[int, int]:
        """How many people are expected in a zone, and how many of them were away."""
        units = self.units_in(seat, day)
        return sum(self.heads(id_, day) for id_ in units), sum(len(self.away(id_, day)) for id_ in units)


def _zone(seat: Document) -> tuple[str, str]:
    return seat["building_id"], seat["zone"]
