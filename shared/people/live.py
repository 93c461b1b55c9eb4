"""Who listens for changes, and what each of them is told: that something which they may read has changed, by its id and
version, and never what it says.

One follower asks the database, for all who listen at a process. Whose a change is decides who hears of it, by the same
records and at the same moment as if they had read it.
"""

import asyncio
import random
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from bson.timestamp import Timestamp

from shared.contracts.organisation import Role
from shared.kit.base import changes, points, tasks
from shared.kit.base.clock import Clock
from shared.kit.base.following import Changed, Follower
from shared.kit.base.generations import FIRST
from shared.kit.base.mongo import Database
from shared.kit.projections.writeset import ANY_MONTH
from shared.kit.web.eventstream import Mailbox
from shared.kit.web.problems import Refusal
from shared.people.lookup import BY_SUBJECT, Actor, Directory, Memory
from shared.people.subordinates import Today, leaders_of

STREAMS_MAX = 600
STREAMS_OF_ONE_MAX = 20
LENGTH_S = 600.0
KEPT_MAX = 2000
"""So many changes are kept for those who have read a page and do not listen yet."""
STAYS_S = 60.0
"""So long it is followed on when nobody listens any more: people go from page to page."""
FROM_S = 120
"""Who has read longer ago is told to look again, rather than that all is looked through."""
FEW = 5
SPREAD_S = 0.4
"""Where more than a few are told the same, they are told over so long, so that they do not all ask at once."""
SELDOM_S = 10.0
"""So often it is told, at most, that much has changed, or reference data: a sheet of them changes for minutes."""
MUCH = 200
"""Of more changes at once it is not told which they are."""
SOFTWARE = "sys-"
"""What the id of an actor begins with who is on no record."""
ABOUT = "about"
FIELDS = ("employee_id", "n", "month", "number", "publication", "live", "history.for_id", "history.acting_id")
"""Of documents, what says whose they are and which version they have."""
DIRECTORY = "directory"
ANY = "any"
"""The id of what is told to whoever wants to hear of its kind."""


class Whose(StrEnum):
    """Scope of what is told: `mine`, your own; `led`, of the people you lead today."""

    MINE = "mine"
    LED = "led"


@dataclass(frozen=True, slots=True)
class Item:
    """Something that has changed, and whose it is: an employee's, for those who may see what is theirs; or else of
    everybody who has one of the roles; or of everybody."""

    kind: str
    id: str
    version: str = ""
    employee_id: str | None = None
    led: bool = True
    """Whether those who lead the employee may see it as well."""
    roles: frozenset[Role] = frozenset()
    hidden: frozenset[str] = frozenset()
    """Who does not read it all the same."""

    @property
    def told(self) -> Mapping[str, str]:
        """As it is told."""
        return {"kind": self.kind, "id": self.id} | ({"version": self.version} if self.version else {})


@dataclass(frozen=True, slots=True)
class Kind:
    """What changes of a collection are told as. One `of_models` lies in a generation of read models."""

    collection: str
    name: str
    about: str
    """What it is, for the document of the API."""
    read: Callable[[Changed], Iterable[Item]]
    of_models: bool = False
    hidden: Callable[[Database, Changed], Awaitable[Collection[str]]] | None = None
    """Of what everybody hears: those who do not read it, by their ids."""


def of_months(name: str, about: str, collection: str, roles: Collection[Role]) -> Kind:
    """Counts of what changes months of read models (`projector.VERSIONS`), for those who read them as they are now."""

    def read(changed: Changed) -> Iterable[Item]:
        month = changed.id.partition("|")[0]
        id_ = ANY if month == ANY_MONTH else month
        yield Item(name, id_, points.written(changed.point), roles=frozenset(roles))

    return Kind(collection, name, about, read, of_models=True)


def of_employees(name: str, about: str, collection: str) -> Kind:
    """Documents that are an employee's, beside the log."""

    def read(changed: Changed) -> Iterable[Item]:
        if whose := changed.document.get("employee_id"):
            yield Item(name, changed.id, str(changed.document.get("n", "")), whose)

    return Kind(collection, name, about, read)


def of_everybody(name: str, about: str, collection: str, roles: Collection[Role] = ()) -> Kind:
    """Documents that everybody may read, or everybody who has one of some roles."""

    def read(changed: Changed) -> Iterable[Item]:
        yield Item(name, changed.id, str(changed.document.get("n", "")), roles=frozenset(roles))

    return Kind(collection, name, about, read)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to hear of; without kinds and ids, of everything."""

    kinds: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    whose: Whose | None = None

    def takes(self, item: Item) -> bool:
        named = not self.ids or item.id in self.ids or item.id == ANY
        return named and (not self.kinds or item.kind in self.kinds)


@dataclass(eq=False, slots=True)
class Listener:
    """Somebody who listens, who they are by now, and what waits for them."""

    iss: str
    sub: str
    actor: Actor
    wanted: Wanted
    box: Mailbox = field(default_factory=Mailbox)


class _Kept(NamedTuple):
    point: Timestamp
    item: Item


def hears(listener: Listener, item: Item, leaders: Collection[str]) -> bool:
    """Whether somebody may read what has changed, and wants to know. `leaders` are those of the employee whose it is.
    Pure."""
    if not listener.wanted.takes(item):
        return False
    me, whose = listener.actor.employee_id, listener.wanted.whose
    if item.employee_id is None:
        return me not in item.hidden and (not item.roles or any(listener.actor.has(role) for role in item.roles))
    mine, led = me == item.employee_id, item.led and me in leaders
    if whose is not None:
        return mine if whose is Whose.MINE else led
    return mine or led or listener.actor.has(Role.PERSONNEL_AGENCY)


class Listening:
    """All who listen at a process, and the one who follows for them."""

    def __init__(
        self, db: Database, kinds: Sequence[Kind], memory: Callable[[], Memory], clock: Clock, time_zone: str
    ) -> None:
        self._db = db
        self._kinds = {(one.collection, one.of_models): one for one in kinds}
        self._memory = memory
        self._clock = clock
        self._zone = time_zone
        names = [rf"{'g[0-9]+[.]' if one.of_models else ''}{one.collection}" for one in kinds]
        self._follower = Follower(db, f"^({'|'.join([ABOUT, *names])})$", FIELDS)
        self._listeners: set[Listener] = set()
        self._of: Counter[tuple[str, str]] = Counter()
        self._kept: deque[_Kept] = deque(maxlen=KEPT_MAX)
        self._from: Timestamp | None = None
        self._until: Timestamp | None = None
        """Up to there all has been told."""
        self._heard: Timestamp | None = None
        """Up to there it is known, if not told yet."""
        self._live = FIRST
        self._as_of: object = None
        self._following: asyncio.Task[None] | None = None
        self._ending: asyncio.Task[None] | None = None
        self._begun = asyncio.Event()
        self._idle: asyncio.TimerHandle | None = None
        self._later: dict[Callable[[], None], asyncio.TimerHandle] = {}
        self._told_at: dict[Callable[[], None], float] = {}

    def __len__(self) -> int:
        return len(self._listeners)

    async def listen(self, iss: str, sub: str, actor: Actor, wanted: Wanted, since: str | None) -> Listener:
        """Somebody listens from now on, and is told what has changed since a point that a page was made after, or that
        they are to look again where that is not known any more. Raises `Refusal`."""
        if len(self._listeners) >= STREAMS_MAX:
            raise Refusal(503, "busy")
        if self._of[iss, sub] >= STREAMS_OF_ONE_MAX:
            raise Refusal(429, "too-many-streams", value=STREAMS_OF_ONE_MAX, wait_s=30)
        listener = Listener(iss, sub, actor, wanted)
        self._listeners.add(listener)
        self._of[iss, sub] += 1
        try:
            await self._catch_up(listener, points.read(since) if since else None, bool(since))
        except BaseException:
            self.leave(listener)
            raise
        return listener

    def leave(self, listener: Listener) -> None:
        """Somebody listens no more."""
        if listener in self._listeners:
            self._listeners.remove(listener)
            self._of[listener.iss, listener.sub] -= 1
            self._of += Counter()
        if not self._listeners and self._following and not self._idle:
            self._idle = asyncio.get_running_loop().call_later(STAYS_S, self._stop)

    async def close(self) -> None:
        """Everybody is let go."""
        for listener in self._listeners:
            listener.box.close()
        for timer in (self._idle, *self._later.values()):
            if timer:
                timer.cancel()
        self._stop()
        if self._ending:
            await self._ending

    def _stop(self) -> None:
        following, self._following, self._idle = self._following, None, None
        self._kept.clear()
        self._begun = asyncio.Event()
        self._from = self._until = self._heard = None
        if following:
            self._ending = asyncio.create_task(tasks.end(following))

    async def _catch_up(self, listener: Listener, since: Timestamp | None, named: bool) -> None:
        if self._idle:
            self._idle.cancel()
            self._idle = None
        if self._following is None:
            begin = await self._begin(since) if since else None
            if self._following is None:
                self._from = begin
                self._following = asyncio.create_task(self._follow(begin))
        await self._begun.wait()
        if since is None or self._from is None or since < self._from:
            if named:
                listener.box.miss(self._id)
        else:
            after = [one.item for one in self._kept if one.point > since]
            directory = (await self._memory().now()).directory if after else None
            for item in after:
                assert directory
                if hears(listener, item, await self._leaders(directory, item)):
                    listener.box.put(f"{item.kind} {item.id}", item.told, self._id)
        listener.box.id = listener.box.id or self._id

    async def _begin(self, since: Timestamp) -> Timestamp | None:
        """From where to follow so that nothing after a point is missed; nowhere if that is long ago. A point that is
        still to come is somebody's invention: others who listen are not to wait for it."""
        now = (await self._memory().now()).point
        return min(since, now) if now and now.time - since.time <= FROM_S else None

    @property
    def _id(self) -> str:
        known = self._until or self._from
        return points.written(known) if known else ""

    async def _follow(self, since: Timestamp | None) -> None:
        """What is learnt first is where the read models are that answer."""
        self._live = (await self._memory().now()).directory.generation
        await self._follower.run(since, self._begun, self._hear)

    async def _hear(self, changed: Sequence[Changed], until: Timestamp, missed: bool) -> None:
        self._heard = until
        self._from = self._from or until
        if missed:
            self._forget_all(until)
            self._tell_all()
        if len(changed) > MUCH:
            self._forget_all(until)
            self._seldom(self._tell_all)
        items = [(one.point, item) for one in changed for item in await self._items(one)]
        if len(changed) <= MUCH:
            await self._tell_of(items)
        if not self._later:
            # Whoever came again from after what waits to be told would never be told it.
            self._until = until
        for listener in self._listeners:
            listener.box.id = self._id

    def _forget_all(self, until: Timestamp) -> None:
        self._kept.clear()
        self._from = until

    async def _tell_of(self, items: Sequence[tuple[Timestamp, Item]]) -> None:
        for point, item in items:
            self._keep(point, item)
        if items and self._listeners:
            directory = (await self._memory().now()).directory
            await self._know_again(directory)
            for item in dict.fromkeys(item for _, item in items):
                await self._tell(directory, item)

    def _keep(self, point: Timestamp, item: Item) -> None:
        if len(self._kept) == KEPT_MAX:
            self._from = self._kept[0].point
        self._kept.append(_Kept(point, item))

    async def _items(self, changed: Changed) -> Iterable[Item]:
        if changed.collection == ABOUT:
            self._note(changed)
            return ()
        generation, of_models, name = changed.collection.partition(".")
        if of_models and generation != self._live:
            return ()
        kind = self._kinds.get((name or generation, bool(of_models)))
        if kind is None:
            return ()
        hidden = frozenset(await kind.hidden(self._db, changed)) if kind.hidden else frozenset()
        return [replace(item, hidden=hidden) if hidden else item for item in kind.read(changed)]

    def _note(self, changed: Changed) -> None:
        """Of what is noted beside the data: other read models answer from now on, or reference data have changed."""
        if changed.id == "generation":
            self._live = str(changed.document.get("live", self._live))
            self._as_of = None
            self._tell_all()
        elif changed.id.startswith(changes.PREFIX):
            self._seldom(self._tell_of_reference)

    def _seldom(self, tell: Callable[[], None]) -> None:
        """Tell soon, but not soon again."""
        if tell not in self._later:
            loop = asyncio.get_running_loop()
            wait_s = max(0.0, self._told_at.get(tell, -SELDOM_S) + SELDOM_S - loop.time())
            self._later[tell] = loop.call_later(wait_s, self._tell_now, tell)

    def _tell_now(self, tell: Callable[[], None]) -> None:
        del self._later[tell]
        self._told_at[tell] = asyncio.get_running_loop().time()
        tell()

    def _tell_of_reference(self) -> None:
        """Names, superiors, mandates, absences or rules: whom that concerns is not looked for."""
        item = Item(DIRECTORY, ANY)
        if self._heard:
            self._keep(self._heard, item)
        self._put([one for one in self._listeners if one.wanted.takes(item)], item)

    def _tell_all(self) -> None:
        for listener in self._listeners:
            listener.box.miss(self._id, _moment(len(self._listeners)))

    async def _know_again(self, directory: Directory) -> None:
        """Who they are by now, all by one question; whoever is nobody any more is let go."""
        if directory.as_of and directory.as_of == self._as_of:
            return
        self._as_of = directory.as_of
        by_issuer: dict[str, list[Listener]] = {}
        for listener in self._listeners:
            by_issuer.setdefault(listener.iss, []).append(listener)
        now = self._clock.now()
        for listeners in by_issuer.values():
            await directory.find(BY_SUBJECT, {one.sub for one in listeners})
            for listener in listeners:
                if listener.actor.employee_id.startswith(SOFTWARE):
                    continue
                if (actor := await directory.actor(listener.iss, listener.sub, now, self._zone)) is None:
                    listener.box.close()
                else:
                    listener.actor = actor

    async def _tell(self, directory: Directory, item: Item) -> None:
        leaders = await self._leaders(directory, item)
        self._put([one for one in self._listeners if hears(one, item, leaders)], item)

    def _put(self, listeners: Sequence[Listener], item: Item) -> None:
        for listener in listeners:
            listener.box.put(f"{item.kind} {item.id}", item.told, self._id, _moment(len(listeners)))

    async def _leaders(self, directory: Directory, item: Item) -> Collection[str]:
        if item.employee_id is None or not item.led:
            return ()
        found = await leaders_of(directory, item.employee_id, Today(self._now(), self._zone))
        known = {found.superior_id} if found.superior_id else set()
        return known | found.acting | found.agency

    def _now(self) -> datetime:
        return self._clock.now()


def _moment(many: int) -> float:
    return random.random() * SPREAD_S if many > FEW else 0.0
