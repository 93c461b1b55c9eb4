"""The peers' own, simpler job: flat events, folded into two collections of totals."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

TOPIC = "bench.flat"
UNITS, PEOPLE, DAYS = 45, 2500, 20
Folded = dict[str, dict[str, list[int]]]


def events(count: int) -> Iterable[tuple[bytes, bytes]]:
    """Keys and values: one person's saving of one day."""
    for number in range(count):
        person = number % PEOPLE
        said = {
            "employee_id": f"emp-{person:08}",
            "unit_id": f"unit-{person % UNITS:04}",
            "day": f"2026-01-{number // PEOPLE % DAYS + 1:02}",
            "sen": 100 + number % 7,
            "microlitres": 1000 + number % 11,
        }
        yield said["employee_id"].encode(), json.dumps(said).encode()  # type: ignore[attr-defined]


def fold(batch: Iterable[Mapping[str, Any]]) -> Folded:
    """What a batch adds: days, sen and microlitres, by unit and day and by employee and month."""
    added: dict[str, dict[str, list[int]]] = {
        "unit_days": defaultdict(lambda: [0, 0, 0]),
        "employee_months": defaultdict(lambda: [0, 0, 0]),
    }
    for one in batch:
        day, sen, microlitres = one["day"], one["sen"], one["microlitres"]
        for collection, key in (
            ("unit_days", f"{one['unit_id']}:{day}"),
            ("employee_months", f"{one['employee_id']}:{day[:7]}"),
        ):
            total = added[collection][key]
            total[0] += 1
            total[1] += sen
            total[2] += microlitres
    return {name: dict(totals) for name, totals in added.items()}


def increments(totals: Mapping[str, list[int]]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Filters and updates that add them."""
    return [
        ({"_id": key}, {"$inc": {"days": days, "sen": sen, "microlitres": microlitres}})
        for key, (days, sen, microlitres) in totals.items()
    ]


def expected_sen(count: int) -> int:
    """What all of it comes to, in sen: the sum that both collections must have."""
    return sum(100 + number % 7 for number in range(count))
