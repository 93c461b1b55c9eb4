"""What is published of documents that are stored already stays as it is: a hash that changed by itself would be taken
for a change of the person whose part it is, and published as one."""

import hashlib
import json

from services.savings.publication.projection import Where, units
from shared.kit.decisions.decider import Document

MONTH = "2026-09"
SEAT = {"building_id": "bld-1", "zone": "lantai-1"}
WIB = {"time_zone": "Asia/Jakarta"}
UNITS: list[Document] = [
    {
        "_id": "unit-1",
        "unit_id": "unit-1",
        "history": [
            {
                "effective_from": "2025-01-01",
                "name": "Biro",
                "time_zone": "Asia/Jakarta",
                "kind": "org_unit",
                "seat": None,
            },
            {
                "effective_from": "2026-03-01",
                "name": "Biro",
                "time_zone": "Asia/Jakarta",
                "kind": "org_unit",
                "seat": SEAT,
            },
            {"effective_from": "2026-09-15", "name": "Biro Umum", "time_zone": "Asia/Jakarta", "seat": SEAT},
        ],
    },
    {
        "_id": "unit-2",
        "unit_id": "unit-2",
        "history": [{"effective_from": "2026-01-01", "name": "Loket", "seat": SEAT}],
    },
]
BUILDINGS: list[Document] = [
    {
        "_id": "bld-1",
        "building_id": "bld-1",
        "history": [
            {
                "effective_from": "2026-01-01",
                "name": "Gedung",
                "base_watt_hours": 900_000,
                "per_head_watt_hours": 1_250,
                "tariff_class": "P-1/TR",
                "zones": [{"zone": "lantai-1", "load_watt_hours": 120_000}],
            }
        ],
    }
]
EMPLOYEES: list[Document] = [
    {"_id": "emp-1", "history": [{"effective_from": "2025-01-01", "unit_id": "unit-1", "active": True}]},
    {
        "_id": "emp-2",
        "history": [
            {"effective_from": "2025-01-01", "unit_id": "unit-1", "active": True},
            {"effective_from": "2026-09-10", "unit_id": "unit-2", "active": True},
        ],
    },
    {"_id": "emp-3", "history": [{"effective_from": "2026-10-01", "unit_id": "unit-2", "active": True}]},
]
ABSENCES: list[Document] = [
    {
        "_id": "abs-1",
        "employee_id": "emp-2",
        "history": [{"effective_from": "2026-08-30", "ends_on": "2026-09-02", "kind": "leave"}],
    }
]
DAYS: list[Document] = [
    {
        "_id": "emp-1:2026-09-07",
        "employee_id": "emp-1",
        "day": "2026-09-07",
        "counted": {
            "unit_id": "unit-1",
            "month": MONTH,
            "numbers": {"days_agreed": 1, "days_realised": 1, "lacks.commute": 1},
            "factor_set_id": "fac-1",
        },
        "position": {"unit_id": "unit-1", "place": "residence"},
    },
    {
        "_id": "emp-2:2026-09-08",
        "employee_id": "emp-2",
        "day": "2026-09-08",
        "counted": {
            "unit_id": "unit-1",
            "month": MONTH,
            "numbers": {"days_agreed": 1, "lacks.verification": 1},
            "factor_set_id": None,
        },
    },
]


def total(category: str, beneficiary: str, **of: object) -> Document:
    """A running total; what it has no use for, such as a scope before scopes were told apart, is not there."""
    money = {"sen": {"low": -300, "central": 425_000, "high": 500_000}}
    about = {"unit_id": "unit-1", "month": MONTH, "factor_set_id": "fac-1", "tier": 1, "range": "worst-with-worst"}
    said = {"category": category, "beneficiary": beneficiary, "budget_line": None, "cashable": False}
    return {"_id": "any", **about, **said, "days": 1, "amounts": money, **of}


UNIT_MONTHS = [
    total("fuel", "employee", scope=None, warnings={"price-old": 1}),
    total("office_electricity", "regional_budget", scope=None),
    total("co2e", "society", scope=2),
    total("co2e", "society", scope=3),
    total("co2e", "society"),
    total("meals", "regional_budget", scope=None),
]
EMPLOYEE_MONTHS = [
    total("fuel", "employee", scope=None, employee_id="emp-1", warnings={"price-old": 1}),
    total("home_electricity", "employee", scope=None, employee_id="emp-1"),
    total("co2e", "society", scope=3, employee_id="emp-1"),
    total("meals", "regional_budget", scope=None, employee_id="emp-1"),
]


def test_what_is_published_of_stored_documents_stays_as_it_is() -> None:
    where = Where(MONTH, UNITS, BUILDINGS, EMPLOYEES, ABSENCES, DAYS)
    found = units(UNIT_MONTHS, EMPLOYEE_MONTHS, DAYS, where)["unit-1"]
    figures = {name: [of.tags, of.value, of.numbers, of.summed] for name, of in found.figures.items()}
    assert _hash(found.numbers) == "efe001317858ac95680d5ff32822967c"
    assert _hash(figures) == "72b8f971e323900a6d3c552577aa827e"
    assert set(found.numbers["~zone"]) == {"emp-1", "emp-2"}
    assert found.numbers["away|fac-1"].keys() == {"emp-1"}


def _hash(of: object) -> str:
    return hashlib.sha256(json.dumps(of, sort_keys=True).encode()).hexdigest()[:32]
