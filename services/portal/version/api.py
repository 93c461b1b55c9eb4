"""The pages on which the personnel agency publishes a further version of a policy or a factor set: a form that begins
with a version, then what differs from it, then it is published. Nothing is published by an address alone."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from services.portal import pages
from services.portal.access import AskedBy, Form, Sent
from services.portal.fact.api import Id
from services.portal.fact.model import Fact
from services.portal.fact.value import differences
from services.portal.factor_set import value as factor_set
from services.portal.factor_set.model import FactorSet
from services.portal.person.model import Answered
from services.portal.person.queries import agency, links, person
from services.portal.policy import value as policy
from services.portal.policy.model import Policy
from services.portal.reach import JUDGED, Asker, Away, Broken, Listed, Reach
from services.portal.version.model import Document, Draft, Typed
from services.portal.version.value import drafted, parts, path_of
from shared.kit.web.problems import Refusal

CARRIED = ("seed", "draws", "low_percentile", "high_percentile")
"""What a factor set's ranges are drawn by: the next set is drawn so too."""
NOT_TYPED = ("csrf", "key", "step", "sure", "remove")
LONGEST = 2000
router = APIRouter()


class Published(Answered):
    """What was published."""


@dataclass(frozen=True)
class Kind:
    """What is published in versions: where its pages and its API are, the field of its id, and its facts."""

    path: str
    title: str
    service: str
    api: str
    id_field: str
    facts: Callable[[Mapping[str, object]], list[Fact]]

    @property
    def apart(self) -> tuple[str, ...]:
        """Fields that are not in the form, or apart from its parts."""
        return (self.id_field, "corrects", "title", "effective_from", *CARRIED)


POLICIES = Kind(
    "/policies",
    "page-policies",
    "requests",
    "/v1/policies",
    "policy_id",
    lambda document: policy.facts(Policy.model_validate(document)),
)
FACTOR_SETS = Kind(
    "/factor-sets",
    "page-factor-sets",
    "savings",
    "/v1/factor-sets",
    "factor_set_id",
    lambda document: factor_set.facts(FactorSet.model_validate(document)),
)


@router.get("/policies/{key}/next")
async def next_policy(request: Request, who: AskedBy, key: Id) -> Response:
    """A form that begins with a policy."""
    return await _begin(request, who, POLICIES, key)


@router.post("/policies/{key}/next")
async def publish_policy(request: Request, who: AskedBy, key: Id, sent: Sent) -> Response:
    """Look at a further policy, or publish it."""
    return await _go_on(request, who, POLICIES, key, sent)


@router.get("/factor-sets/{key}/next")
async def next_factor_set(request: Request, who: AskedBy, key: Id) -> Response:
    """A form that begins with a factor set."""
    return await _begin(request, who, FACTOR_SETS, key)


@router.post("/factor-sets/{key}/next")
async def publish_factor_set(request: Request, who: AskedBy, key: Id, sent: Sent) -> Response:
    """Look at a further factor set, or publish it."""
    return await _go_on(request, who, FACTOR_SETS, key, sent)


@dataclass(frozen=True)
class Base:
    """The version that a form begins with, as its service tells it and as it would be sent, among all of them."""

    told: Document
    document: Document
    every: Sequence[Document]


async def _base(request: Request, who: Asker, kind: Kind, key: str) -> Base:
    """Raises `Refusal` for who may not publish, and for a version that there is not."""
    reach: Reach = request.app.state.reach
    me, read = await asyncio.gather(person(reach, who), reach.get(who, kind.service, kind.api, Listed))
    if not me.is_agency:
        raise Refusal(403, "agency-only")
    every: list[Document] = read.value.items  # type: ignore[assignment]
    told = next((one for one in every if one[kind.id_field] == key), None)
    if told is None:
        raise Refusal(404, "no-such-page")
    drawn = told.get("simulation")
    carried = {name: drawn[name] for name in CARRIED} if isinstance(drawn, Mapping) else {}
    document = {name: value for name, value in told.items() if name != "simulation"} | carried
    return Base(told, document, every)


async def _begin(request: Request, who: Asker, kind: Kind, key: str) -> Response:
    base = await _base(request, who, kind, key)
    values = {"title": str(base.told["title"]), kind.id_field: "", "effective_from": str(pages.today_of(request))}
    return await _form(request, who, kind, key, base, Typed(values))


async def _go_on(request: Request, who: Asker, kind: Kind, key: str, sent: Form) -> Response:
    base, typed, words = await _base(request, who, kind, key), _typed(sent), pages.Words(request)
    draft = _drafted(kind, base, typed)
    wrong = [(path, words.text(rule)) for path, rule in draft.wrong]
    wrong += [(name, words.text("draft-empty")) for name in ("title", kind.id_field) if not typed.values.get(name)]
    differ = _differences(kind, base, draft) if not wrong else None
    if wrong or differ is None:
        return await _form(request, who, kind, key, base, replace(typed, wrong=tuple(wrong)), 422)
    if sent.one("step") == "form":
        return await _form(request, who, kind, key, base, typed)
    if sent.one("step") != "publish":
        return await _preview(request, who, kind, key, base, draft, typed)
    if not sent.one("sure"):
        unsure = replace(typed, wrong=(("sure", words.text("draft-be-sure")),))
        return await _preview(request, who, kind, key, base, draft, unsure, 422)
    return await _publish(request, who, kind, key, base, draft, typed)


async def _publish(
    request: Request, who: Asker, kind: Kind, key: str, base: Base, draft: Draft, typed: Typed
) -> Response:
    reach: Reach = request.app.state.reach
    try:
        await reach.post(who, kind.service, kind.api, draft.document, Published, typed.key)
    except Broken as refused:
        if refused.status not in JUDGED:
            raise
        said = tuple((path_of(one.pointer), one.detail) for one in refused.said.errors)
        again = replace(typed, key="", wrong=said or (("", refused.said.detail),))
        return await _form(request, who, kind, key, base, again, 422)
    except Away:
        away = replace(typed, wrong=(("", pages.Words(request).text("away-typed")),))
        return await _preview(request, who, kind, key, base, draft, away, 503)
    return pages.to(f"{kind.path}/{draft.document[kind.id_field]}?with={key}")


def _typed(sent: Form) -> Typed:
    values = {name: value.strip()[:LONGEST] for name, value in sent.pairs if name not in NOT_TYPED}
    return Typed(values, frozenset(sent.many("remove")), sent.key)


def _drafted(kind: Kind, base: Base, typed: Typed) -> Draft:
    """The version that was typed. One for a day that has a version takes that one's place."""
    draft = drafted({**base.document, "corrects": None}, typed)
    corrected = {one["corrects"] for one in base.every}
    day = draft.document["effective_from"]
    held = (one for one in base.every if one["effective_from"] == day and one[kind.id_field] not in corrected)
    return replace(draft, document={**draft.document, "corrects": next((one[kind.id_field] for one in held), None)})


def _differences(kind: Kind, base: Base, draft: Draft) -> Sequence[object] | None:
    """What the draft says otherwise than the version that it began with; nothing for what cannot be told."""
    try:
        return differences(kind.facts(base.told), kind.facts({**base.told, **draft.document}))
    except ValidationError:
        return None


async def _form(
    request: Request, who: Asker, kind: Kind, key: str, base: Base, typed: Typed, status: int = 200
) -> Response:
    me = await person(request.app.state.reach, who)
    return pages.page(
        request,
        "draft.html",
        status,
        links=links(me),
        tabs=agency(me),
        kind=kind,
        base=base.told,
        at=f"{kind.path}/{key}/next",
        parts_of=parts(base.document, kind.apart),
        typed=typed,
        key=typed.key or pages.new_key(),
    )


async def _preview(
    request: Request, who: Asker, kind: Kind, key: str, base: Base, draft: Draft, typed: Typed, status: int = 200
) -> Response:
    me = await person(request.app.state.reach, who)
    return pages.page(
        request,
        "draft_preview.html",
        status,
        links=links(me),
        tabs=agency(me),
        kind=kind,
        base=base.told,
        at=f"{kind.path}/{key}/next",
        draft=draft.document,
        differences=_differences(kind, base, draft) or (),
        typed=typed,
        key=typed.key or pages.new_key(),
    )
