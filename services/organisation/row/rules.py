"""What a sheet leaves as it is by not having its column. An empty cell, by contrast, empties. Pure."""

from collections.abc import Mapping

from services.organisation.entity.model import Terms
from shared.contracts.organisation import Commute, EmployeeTerms, PositionTerms, UnitTerms

KEPT: Mapping[type[Terms], Mapping[str, frozenset[str]]] = {
    UnitTerms: {
        "time_zone": frozenset({"time_zone"}),
        "kind": frozenset({"kind"}),
        "parent_id": frozenset({"parent_code"}),
        "seat": frozenset({"building_code", "zone"}),
        "meal_allowance_by_attendance": frozenset({"meal_allowance_by_attendance"}),
        "public_facing": frozenset({"public_facing"}),
    },
    PositionTerms: {
        "assessed_by": frozenset({"assessed_by_nip"}),
        "assessed_on": frozenset({"assessed_on"}),
        "reason_text_id": frozenset({"reason"}),
    },
    EmployeeTerms: {
        "superior_id": frozenset({"superior_nip"}),
        "active": frozenset({"active"}),
        "grade": frozenset({"grade"}),
        "roles": frozenset({"roles"}),
        "commute": frozenset({"round_trip_km", "vehicle"}),
    },
}
"""By the kind of terms: what each part of them is said by."""

OF_COMMUTE = ("fuel", "km_per_litre", "occupants")


def keep(terms: Terms, before: Terms | None, absent: frozenset[str]) -> Terms:
    """Terms with what is on record on their day in the place of what the sheet has no column for."""
    if before is None or not absent:
        return terms
    kept = {part: getattr(before, part) for part, by in KEPT.get(type(terms), {}).items() if by <= absent}
    match terms, before:
        case EmployeeTerms(commute=Commute() as now), EmployeeTerms(commute=Commute() as then):
            parts = {part: getattr(then, part) for part in OF_COMMUTE if part in absent}
            kept = {"commute": now.model_copy(update=parts), **kept}
    return terms.model_copy(update=kept)
