"""Employees' days that no event brings up to date."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from pymongo.asynchronous.client_session import AsyncClientSession

from services.savings.employee_day.projection import load_plan_of_days, settle
from services.savings.employee_month.document import month_of
from services.savings.employee_month.model import NEVER
from services.savings.factor_set.queries import how_many, known_of
from services.savings.ledger.document import moved_of, row_documents
from services.savings.ledger.model import DayKey
from services.savings.ledger.projection import MOVEMENTS
from services.savings.month import queries
from shared.kit.base import generations
from shared.kit.base.clock import Clock
from shared.kit.base.generations import Models
from shared.kit.base.mongo import Database, in_transaction
from shared.kit.decisions.decider import Document
from shared.kit.messaging.jobs import in_turns, left_out
from shared.kit.process.service import Job
from shared.kit.projections.projector import work_off_people, write

NAME = "savings.settle-days"
SETTLED_AT_ONCE = 500
MONTHS_AT_ONCE = 50
VERIFIED_MONTHS = 50
LOOK_AGAIN: Document = {
    "factors_seen": NEVER,
    "looks.factors": {
        "$arrayToObject": {
            "$map": {"input": {"$objectToArray": "$looks.factors"}, "in": {"k": "$$this.k", "v": {"$literal": NEVER}}}
        }
    },
}
"""A month of which each day is to be looked at again."""


async def settle_days(db: Database, generation: str, clock: Clock) -> None:
    """Bring up to date what no event will: days whose date has passed, days that a new factor set, another policy, or a
    person's new terms or absences concern. What one day fails on is set aside with it, and the others go on."""
    models = generations.of(db, generation)
    await work_off_people(models, "employee_months", MONTHS_AT_ONCE, partial(_look_again, models))
    job = generations.group_of(NAME, generation)
    while due := await _due(db, generation, clock.now()):
        await in_turns(db, job, due, SETTLED_AT_ONCE, partial(_settle_days, db, models, clock))


async def _look_again(models: Models, months: Sequence[Document]) -> None:
    """A mark becomes that of each day: one that fails keeps it."""
    ids = [month["_id"] for month in months]
    await models["employee_months"].update_many({"_id": {"$in": ids}}, [{"$set": LOOK_AGAIN}])


async def _settle_days(db: Database, models: Models, clock: Clock, ids: Sequence[str]) -> None:
    wanted, now = load_plan_of_days(ids), clock.now()

    async def work(session: AsyncClientSession) -> None:
        known = await known_of(session, db, models, wanted)
        await write(session, models, settle(known, ids, now), NAME)

    await in_transaction(db, work)


async def count_due(db: Database, generation: str, clock: Clock) -> int:
    """How many months have days that wait, but for those set aside for a human."""
    months, due = generations.of(db, generation)["employee_months"], await Due.of(db, generation, clock.now())
    aside = due.months_aside
    others = await months.count_documents(due.but_for(aside))
    held = await months.find(due.among(aside)).to_list() if aside else []
    return others + sum(bool(due.days([one])) for one in held)


async def _due(db: Database, generation: str, now: datetime) -> list[str]:
    """Some of the days that wait. Months in which one is set aside are looked through after all others."""
    months, due = generations.of(db, generation)["employee_months"], await Due.of(db, generation, now)
    aside = due.months_aside
    for where in (due.but_for(aside), *([due.among(aside)] if aside else [])):
        if found := due.days(await months.find(where).limit(MONTHS_AT_ONCE).to_list()):
            return found
    return []


@dataclass(frozen=True, slots=True)
class Due:
    """Which days wait: those that time has reached, or that have not been looked at with all factor sets and policies
    that there are; but for those set aside."""

    now: datetime
    factor_sets: int
    policies: int
    aside: frozenset[str]

    @classmethod
    async def of(cls, db: Database, generation: str, now: datetime) -> "Due":
        policies = await generations.of(db, generation)["policies"].count_documents({})
        aside = await left_out(db, generations.group_of(NAME, generation))
        return cls(now, await how_many(db), policies, frozenset(aside))

    @property
    def months_aside(self) -> list[str]:
        """The months in which a day is set aside."""
        return sorted({DayKey.of(id_).month_id for id_ in self.aside})

    def but_for(self, months: Sequence[str]) -> Document:
        """Months in which a day waits, but for these."""
        seen = [{"factors_seen": {"$lt": self.factor_sets}}, {"policies_seen": {"$lt": self.policies}}]
        return {"$or": [{"due_at": {"$lte": self.now}}, *seen], **({"_id": {"$nin": months}} if months else {})}

    def among(self, months: Sequence[str]) -> Document:
        """The same, of these alone."""
        return {**self.but_for(()), "_id": {"$in": months}}

    def days(self, months: Iterable[Document]) -> list[str]:
        """The days of months that wait."""
        due = [key for month in months for key in month_of(month).due(self.now, self.factor_sets, self.policies)]
        return [str(key) for key in due if str(key) not in self.aside]


async def verify(db: Database, generation: str, clock: Clock) -> list[str]:
    """In what a generation contradicts itself: days that are worth something else when they are worked out again, of
    months drawn at random, and totals that are not the sum of their rows."""
    models = generations.of(db, generation)
    aside = await left_out(db, generations.group_of(NAME, generation))
    drawn = await models["employee_months"].aggregate([{"$sample": {"size": VERIFIED_MONTHS}}])
    ids = [str(key) for month in await drawn.to_list() for key in month_of(month).keys if str(key) not in aside]
    known = await known_of(None, db, models, load_plan_of_days(ids))
    again = settle(known, ids, clock.now())
    rows = [row for one in moved_of(again.insert.get(MOVEMENTS, [])) for row in row_documents(one)]
    return [f"day {row['day_id']} is posted otherwise" for row in rows] + await queries.unbalanced(models)


SETTLE_DAYS = Job(NAME, settle_days, count_due)
