"""Whether savings' read models hold what they have to: every day that was worked, once, and no other; totals that are
the sum of their rows; and litres that a commute's length alone tells."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import pymongo

from benchmarks.parts import Parts
from benchmarks.population import Population
from services.savings.employee_month.document import month_of, positions
from services.savings.ledger.document import moved_of, row_documents
from services.savings.unit_month.document import months_of, total_documents
from shared.contracts.organisation import Vehicle

MICROLITRES_PER_KM = {Vehicle.MOTORCYCLE: 21_250, Vehicle.CAR: 85_000}
"""By the shipped factors: a litre for 40 or 10 km, less the 15 percent that is driven for other ends."""

SUMS = ("sen", "microlitres", "days")
Worked = tuple[int, date]
"""Somebody, by number, and a day of theirs."""


def everything(of: Population) -> Iterator[Worked]:
    """All that a population has worked."""
    return ((number, day) for day in of.dates() for number in range(of.people))


def faults(at: Parts, of: Population, worked: Iterable[Worked]) -> list[str]:
    """In what savings does not hold exactly what was worked."""
    wanted = list(worked)
    ids = {f"{of.whose(number)}:{day}" for number, day in wanted}
    with pymongo.MongoClient[dict[str, Any]](at.admin_url) as client:
        models = client["mkd_savings"][_live(client)]
        found = {id_ for id_, _ in _positions(models)}
        rows = _sums(row for one in moved_of(models["movements"].find({})) for row in row_documents(one))
        totals = _sums(total for one in months_of(models["unit_months"].find({})) for total in total_documents(one))
    said = [f"{len(ids - found)} days are missing and {len(found - ids)} too many"] if found != ids else []
    if rows != totals:
        said.append(f"rows come to {rows} and totals to {totals}")
    if (fuel := sum(_microlitres(of, number) for number, _ in wanted)) != totals.get("microlitres"):
        said.append(f"fuel comes to {totals.get('microlitres')} microlitres, and must come to {fuel}")
    return said


def digest(at: Parts) -> str:
    """One hash over all net positions: the same events always lead to the same."""
    content = hashlib.sha256()
    with pymongo.MongoClient[dict[str, Any]](at.admin_url) as client:
        models = client["mkd_savings"][_live(client)]
        of_units = models["unit_days"].find({"position": {"$ne": None}}, {"position": 1})
        of_people = ({"_id": id_, "position": position} for id_, position in _positions(models))
        for one in sorted([*of_people, *of_units], key=lambda one: str(one["_id"])):
            content.update(json.dumps(one, sort_keys=True, default=str).encode())
    return content.hexdigest()


def _positions(models: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """What employees' days are worth, by id."""
    return (one for month in models["employee_months"].find({}) for one in positions(month_of(month)))


def _live(client: pymongo.MongoClient[dict[str, Any]]) -> str:
    return str((client["mkd_savings"].about.find_one({"_id": "generation"}) or {"live": "g1"})["live"])


def _sums(of: Iterable[dict[str, Any]]) -> dict[str, int]:
    added = Counter[str]()
    for one in of:
        central = {unit: bounds["central"] for unit, bounds in one["amounts"].items()}
        added.update({name: n for name, n in (central | {"days": one["days"]}).items() if name in SUMS})
    return dict(added)


def _microlitres(of: Population, number: int) -> int:
    commute = of.commute(number)
    return int(commute.round_trip_km) * MICROLITRES_PER_KM.get(commute.vehicle, 0)
