"""How what is published in versions is shown: a list of them, one in words and numbers, and how two differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Path, Query, Request, Response

from services.portal import pages
from services.portal.fact.model import Fact, Published
from services.portal.fact.value import differences, versions
from services.portal.person.model import Person
from services.portal.person.queries import agency, links
from shared.kit.web.problems import Refusal

Id = Annotated[str, Path(pattern="^[A-Za-z0-9_.-]{1,60}$")]
Compared = Annotated[str, Query(alias="with", max_length=60)]


@dataclass(frozen=True)
class Kind:
    """What is published: where its pages are, what they are called, and what is said of them."""

    path: str
    title: str
    how: str


def list_page(request: Request, kind: Kind, me: Person, published: Sequence[Published]) -> Response:
    """All versions, newest first."""
    return pages.page(
        request,
        "versions.html",
        links=links(me),
        tabs=agency(me),
        kind=kind,
        every=versions(published, pages.today_of(request)),
    )


def one_page(
    request: Request,
    kind: Kind,
    me: Person,
    known: Mapping[str, tuple[Published, Sequence[Fact]]],
    key: str,
    other: str,
    note: Mapping[str, object] | None = None,
) -> Response:
    """One version, and how it differs from another. Raises `Refusal` for one that there is not."""
    if key not in known or (other and other not in known):
        raise Refusal(404, "no-such-page")
    every = versions([one for one, _ in known.values()], pages.today_of(request))
    return pages.page(
        request,
        "version.html",
        links=links(me),
        tabs=agency(me),
        kind=kind,
        publishes=me.is_agency,
        version=next(one for one in every if one.key == key),
        others=[one for one in every if one.key != key],
        other=next((one for one in every if one.key == other), None),
        facts=known[key][1],
        differences=differences(known[other][1], known[key][1]) if other else [],
        note=note,
    )
