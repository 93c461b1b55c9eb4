"""How a decision becomes durable: one commit document, which is the event log of record and the outbox at once."""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any, Generic

import pymongo
from pymongo import ReplaceOne, UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import BulkWriteError

from shared.contracts.event import EVENT_BYTES_MAX, Event, Publisher
from shared.kit.base import changes, tracing
from shared.kit.base.ids import new_event_id
from shared.kit.base.mongo import Conflict, Database, in_transaction, runs_again
from shared.kit.decisions import reservations
from shared.kit.decisions.decider import C, Decider, Document, Kind, Refused, Reservation, S, Violation, missing

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
    """Where an aggregate stands after a command, how many events that took, and the free text that was written with
    them; `replayed` where the same command had been carried out before."""

    aggregate: str
    n: int
    state: S
    events: int = 0
    replayed: bool = False
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Loaded(Generic[S]):
    """An aggregate as its commits tell it: the state, the number of its last event and that of its last public one in
    what is published (0 for none)."""

    state: S | None
    n: int
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class Ask(Generic[C]):
    """A command to one aggregate, and who or what asks for it. A `new` one's id was made up for the command, so that
    nothing can be known of it unless the command was carried out before."""

    aggregate: str
    command: C
    origin: CommandMetadata
    new: bool = False


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
    db: Database, decider: Decider[C, S], aggregate: str, command: C, origin: CommandMetadata, *, new: bool = False
) -> AppendResult[S]:
    """Load, decide and append in one transaction; durable on a majority when this returns.

    Raises `Refused`, and PyMongo's errors when no primary answers within `PATIENCE_S`. A command whose key was seen
    before returns what it returned then.
    """
    (done,) = await transact_each(db, decider, [Ask(aggregate, command, origin, new)])
    return _carried_out(done)


async def transact_on(
    db: Database,
    decider: Decider[C, S],
    aggregate: str,
    command: Callable[[S], Awaitable[C]],
    origin: CommandMetadata,
) -> AppendResult[S]:
    """The same with a command that is made of where the aggregate stands, perhaps several times. Raises what making it
    raises, and `Refused` where there is no such aggregate."""

    async def work(session: AsyncClientSession) -> AppendResult[S]:
        unit = UnitOfWork(session, db, decider)
        await unit.load({aggregate}, {origin.key} if origin.key else set())
        if (state := unit.state(aggregate)) is None:
            raise missing("not-found")
        done = await unit.decide(Ask(aggregate, await command(state), origin))
        await unit.write()
        return done

    with pymongo.timeout(PATIENCE_S):
        return await in_transaction(db, work)


async def transact_each(
    db: Database, decider: Decider[C, S], asks: Sequence[Ask[C]]
) -> list[AppendResult[S] | Refused]:
    """The commands of one call, in order, in one transaction: each is carried out, or refused by itself.

    What the call itself adds to an aggregate is no change since the version that was seen. Raises PyMongo's errors as
    `transact` does.
    """
    with pymongo.timeout(PATIENCE_S):
        return await in_transaction(db, lambda session: _append_each(session, db, decider, asks))


async def append(
    session: AsyncClientSession,
    db: Database,
    decider: Decider[C, S],
    aggregate: str,
    command: C,
    origin: CommandMetadata,
    *,
    new: bool = False,
) -> AppendResult[S]:
    """One command inside a running transaction. Raises `Refused`, or `Conflict` when it must be run again."""
    (done,) = await _append_each(session, db, decider, [Ask(aggregate, command, origin, new)])
    return _carried_out(done)


async def append_all(
    session: AsyncClientSession,
    db: Database,
    decider: Decider[C, S],
    commands: Sequence[tuple[str, C]],
    origin: CommandMetadata,
) -> list[AppendResult[S]]:
    """Commands to aggregates of one kind, all or nothing. Raises as `append` does."""
    asks = [Ask(aggregate, command, origin) for aggregate, command in commands]
    return [_carried_out(done) for done in await _append_each(session, db, decider, asks)]


async def check_keys(db: Database, keys: Document, fingerprint: str | None) -> None:
    """Raises `Refused` when one of the keys that a filter describes was used for another command."""
    if await db.commits.find_one({"command.key": keys, "command.fingerprint": {"$ne": fingerprint}}, {"_id": 1}):
        raise Refused(Violation("idempotency-key-reused"))


def _carried_out(done: AppendResult[S] | Refused) -> AppendResult[S]:
    if isinstance(done, Refused):
        raise done
    return done


async def _append_each(
    session: AsyncClientSession, db: Database, decider: Decider[C, S], asks: Sequence[Ask[C]]
) -> list[AppendResult[S] | Refused]:
    work = UnitOfWork(session, db, decider)
    await work.load_for(asks)
    done: list[AppendResult[S] | Refused] = []
    for ask in asks:
        try:
            done.append(await work.decide(ask))
        except Refused as refused:
            done.append(refused)
    await work.write()
    return done


class UnitOfWork(Generic[C, S]):
    """Commands to aggregates of one kind inside a running transaction: loaded together, decided one after another, and
    written together. A command that is refused leaves nothing of itself.

    At first it is taken for granted that new aggregates are new, that their commands have not been carried out before,
    and that there is room for what is reserved. Unique keys say where that is wrong; what runs again reads it."""

    def __init__(self, session: AsyncClientSession, db: Database, decider: Decider[C, S]) -> None:
        self._session = session
        self._db = db
        self._decider = decider
        self._stands: dict[str, Loaded[S]] = {}
        self._by_key: dict[str, Document] = {}
        self._own: Counter[str] = Counter()
        self._commits: list[tuple[Document, CommandMetadata]] = []
        self._shown: dict[str, Document] = {}
        self._moves: list[UpdateOne] = []
        self._holders: dict[str, set[str]] = {}
        self._hopes = not runs_again()

    async def load_for(self, asks: Collection[Ask[C]]) -> None:
        """Read what commands are about, and what was done before under their keys."""
        if self._hopes:
            self._stands |= {ask.aggregate: Loaded(None, 0) for ask in asks if ask.new}
        keys = {ask.origin.key for ask in asks if ask.origin.key and ask.aggregate not in self._stands}
        await self.load({ask.aggregate for ask in asks}, keys)

    async def load_or_hope(self, about: Mapping[str, bool]) -> None:
        """Read aggregates, but for those of which it is said that they are new."""
        if self._hopes:
            self._stands |= {aggregate: Loaded(None, 0) for aggregate, new in about.items() if new}
        await self.load(about.keys())

    async def look_at(self, ids: Collection[str]) -> None:
        """Read who holds some reservations."""
        if unknown := sorted(set(ids) - self._holders.keys()):
            self._holders |= {id_: set() for id_ in unknown}
            async for one in self._db.reservations.find({"_id": {"$in": unknown}}, session=self._session):
                self._holders[one["_id"]] |= one["holders"].keys()

    def holders(self, ids: Collection[str]) -> set[str]:
        """Who holds one of some reservations that were looked at, after what was decided here."""
        return {holder for id_ in ids for holder in self._holders[id_]}

    async def load(self, about: Collection[str], keys: Collection[str] = ()) -> None:
        """Read aggregates that are not yet known here, and what was done before under some keys."""
        aggregates = sorted(set(about) - self._stands.keys())
        where: Document = {"aggregate": {"$in": aggregates}}
        if keys:
            where = {"$or": [where, {"command.key": {"$in": sorted(keys)}}]}
        elif not aggregates:
            return
        commits: dict[str, list[Document]] = {aggregate: [] for aggregate in aggregates}
        async for commit in self._db.commits.find(where, session=self._session).sort([("aggregate", 1), ("n", 1)]):
            if commit["aggregate"] in commits:
                commits[commit["aggregate"]].append(commit)
            if (key := commit.get("command", {}).get("key")) in keys:
                self._by_key[key] = commit
                self._own[commit["aggregate"]] += len(commit["events"])
        self._stands |= {aggregate: _loaded(self._decider, told) for aggregate, told in commits.items()}

    def state(self, aggregate: str) -> S | None:
        """Where an aggregate stands that was loaded, after what was decided here."""
        return self._stands[aggregate].state

    async def decide(self, ask: Ask[C]) -> AppendResult[S]:
        """Decide a command on an aggregate that was loaded. Raises `Refused`, or `Conflict` when the transaction must
        be run again."""
        if ask.origin.key and (done := self._by_key.get(ask.origin.key)):
            return await self._replay(done, ask.origin)
        aggregate, decider, stands = ask.aggregate, self._decider, self._stands[ask.aggregate]
        if ask.origin.expected is not None and ask.origin.expected != stands.n - self._own[aggregate]:
            raise Refused(Violation("version-changed", "", stands.n), kind=Kind.STALE)
        try:
            events = decider.decide(ask.command, stands.state)
        except Refused as refused:
            if self._hopes and ask.new:
                raise Conflict from refused
            raise
        if self._hopes and ask.new and not events:
            raise Conflict
        after = decider.fold(events, stands.state)
        if after is None:
            raise missing("not-found")
        n = stands.n + len(events)
        if events:
            commit = _commit(decider, aggregate, stands, events, ask.origin)
            await self._move(aggregate, decider.reservations(stands.state), decider.reservations(after))
            self._commits.append((commit, ask.origin))
            self._shown[aggregate] = {**decider.show(after), "_id": aggregate, "n": n}
            published = sum(decider.publisher.is_public(event) for event in events)
            self._stands[aggregate] = Loaded(after, n, stands.sequence + published)
            self._own[aggregate] += len(events)
        return AppendResult(aggregate, n, after, len(events), texts=ask.origin.texts if events else {})

    async def _move(self, holder: str, before: Sequence[Reservation], after: Sequence[Reservation]) -> None:
        if self._hopes:
            self._moves += reservations.at_once(holder, before, after)
        else:
            await reservations.move(self._session, self._db, holder, before, after)
        for reservation in before:
            self._holders.get(reservation.id, set()).discard(holder)
        for reservation in after:
            self._holders.get(reservation.id, set()).add(holder)

    async def _replay(self, done: Document, origin: CommandMetadata) -> AppendResult[S]:
        if done["command"]["fingerprint"] != origin.fingerprint:
            raise Refused(Violation("idempotency-key-reused"))
        then = await load(self._db, self._decider, done["aggregate"], self._session, until=done["n"])
        if then.state is None:
            raise missing("not-found")
        return AppendResult(done["aggregate"], then.n, then.state, replayed=True)

    async def write(self) -> None:
        """Write what was decided. Raises `Conflict` when the transaction must be run again."""
        if not self._commits:
            return
        traced: dict[str, str] = {}
        with ExitStack() as steps:
            for commit, origin in self._commits:
                if origin.trace not in traced:
                    ids = {"mkd.commit": commit["_id"]}
                    step = tracing.step(f"commit {self._decider.name}", after=origin.trace, ids=ids, directly=True)
                    traced[origin.trace] = steps.enter_context(step).trace
                commit["trace"] = traced[origin.trace]
            await self._write()

    async def _write(self) -> None:
        await reservations.write(self._session, self._db, self._moves)
        try:
            await self._db.commits.insert_many([commit for commit, _ in self._commits], session=self._session)
        except BulkWriteError as taken:
            raise Conflict from taken
        shown = [ReplaceOne({"_id": id_}, document, upsert=True) for id_, document in self._shown.items()]
        await self._db[self._decider.name].bulk_write(shown, ordered=False, session=self._session)
        if self._decider.remembered:
            await changes.count(self._session, self._db, self._decider.name)
        texts: dict[str, Document] = {}
        for commit, origin in self._commits:
            for id_, text in origin.texts.items():
                texts.setdefault(id_, {"_id": id_, "text": text, "employee_id": commit["key"]})
        if texts:
            await self._db.texts.insert_many(list(texts.values()), session=self._session)


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
