"""What a transaction writes on read models, and what is taken away of it."""

from functools import partial

from shared.kit.base.mongo import in_transaction
from shared.kit.projections.projector import INVALIDATIONS, take_away, write
from shared.kit.projections.writeset import Increment, Upsert, WriteSet, of_person
from tests.harness.platform import Platform


async def test_an_invalidation_that_was_set_again_stays(memory: Platform) -> None:
    """What it is about has changed since it was read."""
    db = memory.databases["savings"]
    models = memory.runners["savings.days"].models
    again = partial(
        write, db=models, changes=WriteSet.of([of_person("emp-00000001"), of_person("emp-00000002")]), by="test"
    )
    await in_transaction(db, again)
    read = await models[INVALIDATIONS].find({}).to_list()
    await in_transaction(db, partial(write, db=models, changes=WriteSet.of([of_person("emp-00000001")]), by="test"))
    await take_away(models, read)
    assert [one["employee_id"] async for one in models[INVALIDATIONS].find({})] == ["emp-00000001"]


def test_writes_are_put_together() -> None:
    first, other = {"_id": "a", "n": 1}, {"_id": "b", "n": 2}
    made = WriteSet.of(
        [
            Upsert("days", "a", first, known=False),
            Upsert("days", "b", other, known=True),
            Increment("totals", "t", {"month": "2026-09"}, {"days": 1, "sen": 5}),
            Increment("totals", "t", {"month": "2026-09"}, {"days": -1, "grams": 7}),
            of_person("emp-00000001"),
        ]
    )
    assert (made.insert, made.replace) == ({"days": [first]}, {"days": [other]})
    assert made.add == {"totals": {"t": ({"month": "2026-09"}, {"days": 0, "sen": 5, "grams": 7})}}
    assert made.marks == {"emp-00000001": {"employee_id": "emp-00000001"}}
