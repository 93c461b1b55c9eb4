"""What batches look up is kept while nobody changes it, and seen as it is by now once somebody has."""

from functools import partial
from typing import Any

import pytest

from shared.kit.base.generations import Models
from shared.kit.base.mongo import Database, in_transaction
from shared.kit.projections import lookup
from shared.kit.projections.lookup import LookedUp
from shared.kit.projections.projector import write
from shared.kit.projections.remembered import Kept, once
from shared.kit.projections.writeset import Upsert, WriteSet
from tests.harness.platform import Platform

ANI, DEDI = "emp-00000001", "emp-00000002"
WANTED = {"employees": {"_id": {"$in": [ANI, DEDI]}}, "absences": {"employee_id": {"$in": [ANI]}}, "policies": {}}


async def _written(db: Database, models: Models, *documents: tuple[str, dict[str, Any]], known: bool = False) -> None:
    changes = WriteSet.of([Upsert(name, str(one["_id"]), one, known) for name, one in documents])
    await in_transaction(db, partial(write, db=models, changes=changes, by="other"))


async def test_it_is_kept_until_any_of_it_changes(memory: Platform) -> None:
    db, models = memory.databases["savings"], memory.runners["savings.days"].models
    absences = [("absences", {"_id": f"abs-{n}", "employee_id": ANI}) for n in range(2)]
    await _written(db, models, ("employees", {"_id": ANI, "grade": "III/a"}), *absences)
    looked_up = LookedUp(models)
    first = await looked_up.load(WANTED)
    assert {name: set(found) for name, found in first.items()} == {
        "employees": {ANI},
        "absences": {"abs-0", "abs-1"},
        "policies": set(),
    }
    await models["employees"].update_one({"_id": ANI}, {"$set": {"grade": "nobody says so"}})
    assert (await looked_up.load(WANTED))["employees"][ANI] is first["employees"][ANI]
    told = ("employees", {"_id": ANI, "grade": "III/b"}), ("policies", {"_id": "policy-1"})
    await _written(db, models, told[0], known=True)
    await _written(db, models, told[1], ("employees", {"_id": DEDI}))
    now = await looked_up.load(WANTED)
    assert (now["employees"][ANI]["grade"], set(now["employees"]), set(now["policies"])) == (
        "III/b",
        {ANI, DEDI},
        {"policy-1"},
    )


async def test_only_so_much_is_kept(memory: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "KEPT_MAX", 2)
    db, models = memory.databases["savings"], memory.runners["savings.days"].models
    await _written(db, models, *(("employees", {"_id": f"emp-{n}"}) for n in range(3)))
    looked_up = LookedUp(models)
    for number in range(6):
        found = await looked_up.load({"employees": {"_id": {"$in": [f"emp-{number % 3}", "nobody"]}}})
        assert set(found["employees"]) == {f"emp-{number % 3}"}
        assert looked_up._many <= 3


def test_what_is_kept_is_made_into_a_value_once() -> None:
    made: list[object] = []

    def make(document: object) -> int:
        made.append(document)
        return len(made)

    value, kept = once(make), Kept({"n": 1})
    assert [value(kept), value(kept), value({"n": 1}), value({"n": 1}), value(kept)] == [1, 1, 2, 3, 1]
