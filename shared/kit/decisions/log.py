"""How a decision becomes durable: one commit document, which is the event log of record and the outbox at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any, Generic

import pymongo
from pymongo import ReplaceOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import BulkWriteError

from shared.contracts.event import EVENT_BYTES_MAX, Event, Publisher
from shared.kit.base import tracing
from shared.kit.base.ids import new_event_id
from shared.kit.base.mongo import Conflict, Database, in_transaction
from shared.kit.decisions import reservations
from shared.kit.decisions.decider import C, Decider, Document, Kind, Refused, S, Violation, missing

PATIENCE_S = 15


@dataclass(frozen=True, slots=True)
class CommandMetadata:
    """Who or what asks for a commit and when.

    `key` is the sender and the Idempotency-Key of an HTTP command, `fingerprint` a hash of the whole command, so that
    the same key with another command is noticed. `expected` is the version the sender has seen (If-Match).
    `texts` is the free text that the events name by id.
    """

    actor: str
    now: datetime
    trace: str
    cause: str | None = None
    key: str | None = None
    fingerprint: str | None = None
    expected: int | None = None
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AppendResult(Generic[S]):
    """Where an aggregate stands after a command, and how many events that took; `replayed` where the same command had
    been carried out before."""

    aggregate: str
    n: int
    state: S
    events: int = 0
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Loaded(Generic[S]):
    """An aggregate as its commits tell it: the state, the number of its last event and that of its last public one in
    what is published (0 for none)."""

    state: S | None
    n: int
    sequence: int = 0


async def load(
    db: Database, decider: Decider[C, S], aggregate: str, session: AsyncClientSession | None = None, until: int = 2**31
) -> Loaded[S]:
    """Fold an aggregate from its commits, up to the one that begins with number `until`."""
    commits = db.commits.find({"aggregate": aggregate, "n": {"$lte": until}}, session=session).sort("n", 1)
    return _loaded(decider, await commits.to_list())


def _loaded(decider: Decider[C, S], commits: Sequence[Document]) -> Loaded[S]:
    events = [event for commit in commits for event in events_of(decider.publisher, commit)]
    published = [sequence for commit in commits for _, sequence in numbered(commit) if sequence is not None]
    return Loaded(decider.fold(events), len(events), published[-1] if published else 0)


def events_of(publisher: Publisher, commit: Document) -> list[Event]:
    """The events of one commit document, in today's versions."""
    return [publisher.read(event["type"], event["data"]) for event in commit["events"]]


def numbered(commit: Document) -> list[tuple[Document, int | None]]:
    """The events of one commit document, each with its number among the published ones of its aggregate; none where it
    is private. A commit that says no such number is of when every event was public, and has the log's."""
    return [(event, event.get("sequence", n)) for n, event in enumerate(commit["events"], commit["n"])]


async def transact(
    db: Database, decider: Decider[C, S], aggregate: str, command: C, origin: CommandMetadata
) -> AppendResult[S]:
    """Load, decide and append in one transaction; durable on a majority when this returns.

    Raises `Refused`, and PyMongo's errors when no primary answers within `PATIENCE_S`. A command whose key was seen
    before returns what it returned then.
    """
    with pymongo.timeout(PATIENCE_S):
        return await in_transaction(db, lambda session: append(session, db, decider, aggregate, command, origin))


async def append(
    session: AsyncClientSession,
    db: Database,
    decider: Decider[C, S],
    aggregate: str,
    command: C,
    origin: CommandMetadata,
) -> AppendResult[S]:
    """One command inside a running transaction. Raises `Refused`, or `Conflict` when it must be run again."""
    if origin.key and (done := await db.commits.find_one({"command.key": origin.key}, session=session)):
        return await _replay(session, db, decider, done, origin)
    (committed,) = await append_all(session, db, decider, [(aggregate, command)], origin)
    return committed


async def append_all(
    session: AsyncClientSession,
    db: Database,
    decider: Decider[C, S],
    commands: Sequence[tuple[str, C]],
    origin: CommandMetadata,
) -> list[AppendResult[S]]:
    """Commands to aggregates of one kind, all or nothing. Raises as `append` does."""
    stands = await _load_all(session, db, decider, [aggregate for aggregate, _ in commands])
    commits: list[Document] = []
    shown: dict[str, Document] = {}
    done: list[AppendResult[S]] = []
    for aggregate, command in commands:
        before, n = stands[aggregate].state, stands[aggregate].n
        if origin.expected is not None and origin.expected != n:
            raise Refused(Violation("version-changed", "", n), kind=Kind.STALE)
        events = decider.decide(command, before)
        after = decider.fold(events, before)
        if after is None:
            raise missing("not-found")
        if events:
            commits.append(_commit(decider, aggregate, stands[aggregate], events, origin))
            n += len(events)
            shown[aggregate] = {**decider.show(after), "_id": aggregate, "n": n}
            published = sum(decider.publisher.is_public(event) for event in events)
            stands[aggregate] = Loaded(after, n, stands[aggregate].sequence + published)
            await reservations.move(session, db, aggregate, decider.reservations(before), decider.reservations(after))
        done.append(AppendResult(aggregate, n, after, len(events)))
    if commits:
        with tracing.step(f"commit {decider.name}", after=origin.trace, ids={"mkd.commit": commits[0]["_id"]}) as step:
            commits = [commit | {"trace": step.trace} for commit in commits]
            await _write(session, db, decider.name, commits, list(shown.values()), origin.texts)
    return done


async def _load_all(
    session: AsyncClientSession, db: Database, decider: Decider[C, S], aggregates: Sequence[str]
) -> dict[str, Loaded[S]]:
    commits: dict[str, list[Document]] = {aggregate: [] for aggregate in aggregates}
    found = db.commits.find({"aggregate": {"$in": list(commits)}}, session=session).sort([("aggregate", 1), ("n", 1)])
    async for commit in found:
        commits[commit["aggregate"]].append(commit)
    return {aggregate: _loaded(decider, told) for aggregate, told in commits.items()}


async def _write(
    session: AsyncClientSession,
    db: Database,
    collection: str,
    commits: Sequence[Document],
    shown: Sequence[Document],
    texts: Mapping[str, str],
) -> None:
    try:
        await db.commits.insert_many(commits, session=session)
    except BulkWriteError as taken:
        raise Conflict from taken
    changes = [ReplaceOne({"_id": document["_id"]}, document, upsert=True) for document in shown]
    await db[collection].bulk_write(changes, session=session)
    if texts:
        about = commits[0]["key"]
        written = [{"_id": id_, "text": text, "employee_id": about} for id_, text in texts.items()]
        await db.texts.insert_many(written, session=session)


async def _replay(
    session: AsyncClientSession, db: Database, decider: Decider[C, S], done: Document, origin: CommandMetadata
) -> AppendResult[S]:
    if done["command"]["fingerprint"] != origin.fingerprint:
        raise Refused(Violation("idempotency-key-reused"))
    then = await load(db, decider, done["aggregate"], session, until=done["n"])
    if then.state is None:
        raise missing("not-found")
    return AppendResult(done["aggregate"], then.n, then.state, replayed=True)


def _commit(
    decider: Decider[Any, Any], aggregate: str, after: Loaded[Any], events: Sequence[Event], origin: CommandMetadata
) -> Document:
    """Events are numbered on from where the aggregate stands, public ones also in what is published; their JSON is
    stored as it will be published, byte for byte. Raises `Refused` for one that readers would not take."""
    bodies = [event.model_dump_json() for event in events]
    if any(len(body.encode()) > EVENT_BYTES_MAX for body in bodies):
        raise Refused(Violation("event-too-large", value=EVENT_BYTES_MAX))
    n, sequences = after.n + 1, count(after.sequence + 1)
    commit: Document = {
        "_id": f"{aggregate}#{n}",
        "aggregate": aggregate,
        "n": n,
        "key": events[0].key,
        "events": [
            {
                "id": new_event_id(),
                "type": decider.publisher.type_of(event),
                "data": body,
                "sequence": next(sequences) if decider.publisher.is_public(event) else None,
            }
            for event, body in zip(events, bodies, strict=True)
        ],
        "actor": origin.actor,
        "occurred_at": origin.now,
        "recorded_at": datetime.now(UTC),
        "trace": origin.trace,
        "sent": False,
    }
    if origin.cause:
        commit["cause"] = origin.cause
    if origin.key:
        commit["command"] = {"key": origin.key, "fingerprint": origin.fingerprint}
    return commit
