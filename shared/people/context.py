"""What a route knows of the call it answers: who asks, when, in which language, and under which key."""

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from fastapi.security import HTTPBearer
from pymongo.asynchronous.collection import AsyncCollection

from shared.contracts.organisation import EmployeeTerms, Role
from shared.kit.base import points
from shared.kit.base.clock import local_date
from shared.kit.base.mongo import Database
from shared.kit.base.settings import Settings
from shared.kit.decisions.decider import Document, missing, no_right
from shared.kit.decisions.log import AppendResult, CommandMetadata
from shared.kit.web.auth import Identity, Unauthenticated
from shared.kit.web.schemas import Schema
from shared.people import subordinates as leading
from shared.people.accounts import reading_program
from shared.people.lookup import Actor, Directory, Memory, MonthNow
from shared.people.superiors import Superiors

VERSION_TAG = r'(W/)?"[0-9]{1,9}(-[a-z]{1,10})?"'
MAY_LOAD = {Role.ORGANISATION_ADMIN, Role.PERSONNEL_AGENCY}
"""Who may load sheets, and so be the second person that some of them need."""


class Step(Schema):
    """One event in the history of a resource."""

    number: int
    """Position in the history, from 1 without a gap."""

    type: str
    """Name of the event, such as `request-submitted`; the AsyncAPI documents describe each."""

    at: datetime
    """Moment at which it happened, in UTC."""

    actor: str
    """Employee who caused it, by id; an id that begins with `sys-` is the software itself."""

    days: list[date] | None = None
    """Days that it concerned, if it names any."""

    outcome: str | None = None
    """Outcome that it recorded, such as `approved` or `lapsed`, if it names one."""


@dataclass(frozen=True)
class RequestContext:
    """One authenticated call."""

    db: Database
    now: datetime
    today: date
    trace: str
    actor: Actor
    directory: Directory
    time_zone: str = "UTC"
    key: str | None = None
    fingerprint: str | None = None
    month: MonthNow | None = None
    """The month that is asked for, where its version was read with the call."""

    readings: dict[str, Any] = field(default_factory=dict)
    """By month, what of its publications this reader reads, where that was found with the call."""

    _leaders: dict[str, Superiors] = field(default_factory=dict)

    async def leaders_of(self, employee_id: str) -> Superiors:
        """Who leads an employee today; looked up once in a call."""
        if employee_id not in self._leaders:
            self._leaders[employee_id] = await leading.leaders_of(self.directory, employee_id, self._where)
        return self._leaders[employee_id]

    async def subordinates(self) -> list[str]:
        """Whom the actor leads today."""
        return await leading.subordinates_of(self.directory, self.actor, self._where)

    @property
    def _where(self) -> leading.Today:
        return leading.Today(self.now, self.time_zone)

    async def may_see(self, employee_id: str) -> bool:
        """Whether what is an employee's may be shown: to themselves, whoever leads them today, the personnel agency."""
        mine = self.actor.employee_id == employee_id or self.actor.has(Role.PERSONNEL_AGENCY)
        return mine or self.actor.employee_id in await self.leaders_of(employee_id)

    async def must_see(self, employee_id: str | None) -> None:
        """Raises `Refused` where what is an employee's may not be shown, as if there were nothing."""
        if not employee_id or not await self.may_see(employee_id):
            raise missing("not-found")

    def must_have(self, *roles: Role) -> None:
        """Raises `Refused` unless the actor has one of the roles."""
        if not any(self.actor.has(role) for role in roles):
            raise no_right("role-missing", role=roles)

    def origin(self, expected: int | None = None, texts: Mapping[str, str] | None = None) -> CommandMetadata:
        """What the commit will say of this call."""
        return CommandMetadata(
            actor=self.actor.employee_id,
            now=self.now,
            trace=self.trace,
            key=self.key,
            fingerprint=self.fingerprint,
            expected=expected,
            texts=texts or {},
        )


class Caller(HTTPBearer):
    """A dependency: a call by an employee whom this service knows. One step, since FastAPI goes through all that a
    dependency depends on wherever it is named, also where it is known already."""

    async def __call__(self, request: Request) -> RequestContext:  # type: ignore[override]
        """Raises `Unauthenticated`, and `Refused` for somebody whom nobody here has heard of."""
        known: RequestContext | None = getattr(request.state, "call", None)
        if known is None:
            known = request.state.call = await _call(request)
        return known


caller = Caller(
    auto_error=False,
    scheme_name="HTTPBearer",
    description="Access token (RFC 9068) of the instance's OpenID Connect issuer.",
)


async def _call(request: Request) -> RequestContext:
    who: Identity | None = getattr(request.state, "identity", None)
    if who is None:
        raise Unauthenticated("token-missing")
    state = request.app.state
    now, zone = state.clock.now(), state.settings.time_zone
    today = local_date(now, zone)
    if not hasattr(state, "memory"):
        state.memory = Memory(state.db)
    memory: Memory = state.memory
    month = _month(request) if request.scope["route"].path in memory.of_versions else None
    directory, point, known = await memory.now_and_month(month) if month else await memory.now()
    if point:
        request.state.point = points.written(point)
    actor = await directory.actor(who.iss, who.sub, now, zone)
    actor = actor or await reading_program(request, directory, who, now, zone)
    actor = actor or await _administrator(directory, state.settings, who, today)
    if actor is None:
        raise no_right("unknown-person")
    return RequestContext(state.db, now, today, request.state.trace, actor, directory, zone, month=known)


def _month(request: Request) -> str | None:
    named = str(request.path_params.get("month") or request.query_params.get("month"))
    return named if re.fullmatch(r"[0-9]{4}-[0-9]{2}", named) else None


async def _administrator(directory: Directory, settings: Settings, who: Identity, today: date) -> Actor | None:
    """Whom an instance's settings name to load the first sheets, as long as there are not two on record who can look at
    each other's: one alone could give nobody a right. Never somebody who is on record themselves, such as one who has
    left."""
    if not settings.admin_subject or who.sub != settings.admin_subject:
        return None
    if await directory.with_subject(who.iss, who.sub):
        return None
    administrators = await directory.who_have({Role.ORGANISATION_ADMIN}, today)
    if administrators and len(await directory.who_have(MAY_LOAD, today)) > 1:
        return None
    roles = (Role.ORGANISATION_ADMIN,)
    nowhere = EmployeeTerms(effective_from=today, active=True, unit_id="unit-none", position_id="pos-none", roles=roles)
    return Actor("sys-administrator", nowhere)


async def commander(
    request: Request,
    context: Annotated[RequestContext, Depends(caller)],
    idempotency_key: Annotated[
        str,
        Header(
            pattern=r"^[\x21-\x7e]{1,128}$",
            description="Chosen by the caller: new for every command, the same when it is retried.",
        ),
    ],
) -> RequestContext:
    """A call that changes something, once however often it is sent."""
    what = hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + await request.body()).hexdigest()
    key = f"{context.actor.employee_id}:{idempotency_key}"
    return replace(context, key=key, fingerprint=what)


def if_match(
    if_match: Annotated[
        str,
        Header(
            pattern=rf"^{VERSION_TAG}( *, *{VERSION_TAG})*$",
            description="`ETag` of the version that the command is based on.",
        ),
    ],
) -> int:
    """The version that a change is based on; of several, the newest. A proxy that compresses weakens the tag, or adds
    how it compressed: the version is the same."""
    return max(int(version) for version in re.findall(r'"([0-9]+)', if_match))


def having(*roles: Role) -> Any:
    """A dependency of routes for these roles: it is asked for before a body is read."""

    async def check(context: Annotated[RequestContext, Depends(caller)]) -> None:
        context.must_have(*roles)

    return Depends(check)


Reader = Annotated[RequestContext, Depends(caller)]
Writer = Annotated[RequestContext, Depends(commander)]
IfMatch = Annotated[int, Depends(if_match)]


def set_etag(response: Response, committed: AppendResult[Any]) -> None:
    """Tell the version that a command led to, and whether it had been carried out before."""
    response.headers["ETag"] = f'"{committed.n}"'
    if committed.replayed:
        response.headers["Idempotency-Replayed"] = "true"


async def visible(context: RequestContext, collection: AsyncCollection[Document], id_: str) -> Document:
    """An employee's document, for those who may see it.

    Raises `Refused` in the same way for what is not there and what the actor may not know of.
    """
    found = await all_visible(context, collection, [id_])
    if id_ not in found:
        raise missing("not-found")
    return found[id_]


async def all_visible(
    context: RequestContext, collection: AsyncCollection[Document], ids: Collection[str]
) -> dict[str, Document]:
    """Those of some employees' documents that the actor may see, by id."""
    found = await collection.find({"_id": {"$in": sorted(set(ids))}}).to_list()
    return {one["_id"]: one for one in found if one["employee_id"] and await context.may_see(one["employee_id"])}


def _said(data: str) -> Document:
    told = json.loads(data)
    return {"days": told.get("days"), "outcome": "lapsed" if told.get("lapsed") else told.get("outcome")}


async def history(db: Database, aggregate: str) -> list[Step]:
    """What happened to an aggregate, in order."""
    return [
        Step(number=n, type=event["type"], at=commit["occurred_at"], actor=commit["actor"], **_said(event["data"]))
        async for commit in db.commits.find({"aggregate": aggregate}).sort("n", 1)
        for n, event in enumerate(commit["events"], commit["n"])
    ]
