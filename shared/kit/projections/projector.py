"""How events become read models: a batch is folded in memory by a pure function and written in one transaction."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from bson import ObjectId
from pymongo import DeleteOne, InsertOne, ReplaceOne, UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession

from shared.contracts.event import Event, Publisher
from shared.kit.base import tasks, tracing
from shared.kit.base.generations import Models
from shared.kit.base.mongo import Database
from shared.kit.decisions.decider import Document
from shared.kit.messaging.cloudevents import ReceivedEvent
from shared.kit.messaging.consumer import Consumer, Runner
from shared.kit.projections.lookup import AT_ONCE, LookedUp
from shared.kit.projections.writeset import ANY_MONTH, VERSIONS, Known, LoadPlan, WriteSet, counts_of

INVALIDATIONS = "invalidations"
"""The collection of a generation that holds marks."""

TOUCHED = "touched"
"""The collection of a generation that holds the months whose totals have changed and are to be looked at again. A mark
of its own for each transaction: two that touch the same month do not meet."""

PUBLISHING = "publishing"
"""Who counts a month for having published it."""

NO_IDS: Document = {"$in": []}
OF_A_PERSON = {"employee_id": {"$exists": True}}
PEOPLE_AT_ONCE = 200


async def load(
    session: AsyncClientSession | None,
    db: Models | Database,
    wanted: LoadPlan,
    fields: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Known:
    """The documents that a fold asks for, by collection and id; for a list of no ids nothing is read. Of collections
    that `fields` names, those fields alone."""
    known: dict[str, dict[str, Document]] = {name: {} for name in wanted}
    for name, where in wanted.items():
        if NO_IDS not in where.values():
            found = db[name].find(where, fields.get(name), session=session, batch_size=AT_ONCE)
            known[name] = {str(one["_id"]): one async for one in found}
    return known


async def write(session: AsyncClientSession, db: Models, changes: WriteSet, by: str) -> None:
    """Inserts, replacements and additions apart: an insert of what is known to be new costs half of an upsert. Each
    setting of a mark is another one, so that none is taken away for one that was there before it. `by` is the part of
    a consumer group or the job that changes this, which one process works on at a time: marks and parts of totals are
    its own, so that no two meet."""
    collections = {*changes.insert, *changes.replace, *changes.change, *changes.add}
    for collection in sorted(collections):
        operations: list[Any] = [InsertOne(new) for new in changes.insert.get(collection, [])]
        operations += [ReplaceOne({"_id": d["_id"]}, d) for d in changes.replace.get(collection, [])]
        operations += [UpdateOne({"_id": one.id}, {"$set": one.paths}) for one in changes.change.get(collection, [])]
        part = f"|{by}" if collection in changes.apart else ""
        operations += [
            UpdateOne({"_id": f"{id_}{part}"}, {"$set": of, "$inc": amounts}, upsert=True)
            for id_, (of, amounts) in changes.add.get(collection, {}).items()
        ]
        if operations:
            await db[collection].bulk_write(operations, ordered=False, session=session)
    marks = [
        UpdateOne({"_id": f"{id_}|{by}"}, {"$set": {**of, "setting": ObjectId()}}, upsert=True)
        for id_, of in changes.marks.items()
    ]
    if marks:
        await db[INVALIDATIONS].bulk_write(marks, ordered=False, session=session)
    await count(session, db, changes.months, by)
    months = {of["month"] for totals in changes.add.values() for of, _ in totals.values() if "month" in of}
    if months:
        await db[TOUCHED].insert_many([{"month": month} for month in sorted(months)], session=session)


async def count(session: AsyncClientSession | None, db: Models, months: Iterable[str], by: str) -> None:
    """Say that months have changed, by whom, so that no two that are at work at once meet."""
    counts = [UpdateOne({"_id": f"{month}|{by}"}, {"$inc": {"n": 1}}, upsert=True) for month in sorted(months)]
    if counts:
        await db[VERSIONS].bulk_write(counts, ordered=False, session=session)


class Versions(NamedTuple):
    """What a month is known by until a transaction changes it, or what is of no month; and what those know it by who
    read it as it was published, which no live change moves."""

    live: str
    published: str


async def versions(models: Models, month: str) -> Versions:
    """How a month of read models stands."""
    return versions_of(models.name, await models[VERSIONS].find(told_apart_by(month)).to_list())


def told_apart_by(month: str) -> Document:
    """Which of the counts in `VERSIONS` a month's version is made of."""
    return counts_of(month, ANY_MONTH)


def versions_of(generation: str, counts: Sequence[Document]) -> Versions:
    """The versions of a month that has these counts."""
    told = sorted((str(one["_id"]), f"{one['_id']}:{one['n']}") for one in counts)
    published = [one for id_, one in told if id_.startswith(f"{ANY_MONTH}|") or id_.endswith(f"|{PUBLISHING}")]
    return Versions(" ".join([generation, *(one for _, one in told)]), " ".join([generation, *published]))


async def take_away(models: Models, marks: Sequence[Document]) -> None:
    """Remove marks that have been worked off, unless they have been set again since they were read."""
    done = [DeleteOne({"_id": one["_id"], "setting": one["setting"]}) for one in marks]
    if done:
        await models[INVALIDATIONS].bulk_write(done, ordered=False)


async def work_off_people(
    models: Models, collection: str, at_once: int, work: Callable[[Sequence[Document]], Awaitable[None]]
) -> None:
    """Work off the marks of people: hand on their documents of a collection, some at a time. A document has what it is
    found again by: its id, and whose it is."""
    while marks := await models[INVALIDATIONS].find(OF_A_PERSON).limit(PEOPLE_AT_ONCE).to_list():
        whose = {"employee_id": {"$in": sorted(one["employee_id"] for one in marks)}}
        found = await models[collection].find(whose, {"employee_id": 1}).to_list()
        for first in range(0, len(found), at_once):
            await work(found[first : first + at_once])
        await take_away(models, marks)


@dataclass(frozen=True)
class Projection:
    """`handles` are event types; `load_plan` says what a batch of them touches, and `fold` what comes of it."""

    handles: tuple[type[Event], ...]
    load_plan: Callable[[Sequence[ReceivedEvent]], LoadPlan]
    fold: Callable[[Known, Sequence[ReceivedEvent], datetime], WriteSet]
    fields: Callable[[Sequence[ReceivedEvent]], Mapping[str, Sequence[str]]] = lambda _: {}
    """Of which collections only some fields are needed, and which."""
    looked_up: Callable[[Sequence[ReceivedEvent]], Collection[str]] = lambda _: ()
    """The collections of the plan that a batch looks things up in and does not change, as nobody else does while the
    partitions are this runner's: they are read beside the transaction, and kept until any such thing changes."""
    decided: LoadPlan = field(default_factory=dict)
    """What the service itself has decided and the fold needs: documents beside its own log, which are not rebuilt."""


def project(name: str, subscribes_to: tuple[Publisher, ...], projection: Projection, batch: int = 2000) -> Consumer:
    """A consumer that keeps read models."""
    lookups: WeakKeyDictionary[Runner, LookedUp] = WeakKeyDictionary()

    async def apply(
        session: AsyncClientSession, runner: Runner, events: Sequence[ReceivedEvent], now: datetime
    ) -> None:
        if handled := [heard for heard in events if isinstance(heard.event, projection.handles)]:
            lookup = lookups.setdefault(runner, LookedUp(runner.models))
            known = await _known(session, runner, projection, handled, lookup)
            with tracing.step(f"write {runner.group}", ids={"mkd.events": len(handled)}):
                changes = projection.fold(known, handled, now)
                await write(session, runner.models, changes, by=runner.part)

    return Consumer(name, subscribes_to, projection.handles, apply, batch, rebuilt=True)


async def _known(
    session: AsyncClientSession,
    runner: Runner,
    projection: Projection,
    events: Sequence[ReceivedEvent],
    lookup: LookedUp,
) -> Known:
    plan, fields, apart = projection.load_plan(events), projection.fields(events), projection.looked_up(events)
    changed = {name: where for name, where in plan.items() if name not in apart}
    found = await tasks.together(
        load(session, runner.models, changed, fields),
        load(None, runner.db, projection.decided),
        lookup.load({name: plan[name] for name in apart}),
    )
    return {name: documents for known in found for name, documents in known.items()}
