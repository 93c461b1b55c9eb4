"""Long lists, page by page."""

import base64
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Generic, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from pymongo.asynchronous.collection import AsyncCollection

from shared.kit.web.problems import Refusal

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """Some items in a stable order, and the cursor of the page after them."""

    model_config = ConfigDict(json_schema_extra={"description": "A page of items in a stable order."})

    items: Annotated[list[T], Field(description="The items, at most `limit` of them.")]
    next_cursor: Annotated[
        str | None,
        Field(description="`cursor` for the page that follows; null after the last. It is opaque and does not expire."),
    ] = None


class PublishedPage(Page[T]):
    """A page of figures as they were published, or as they are now for the personnel agency."""

    as_of: Annotated[
        datetime | None,
        Field(
            description="Moment of publication, in UTC. Null for the personnel agency, which reads current figures, "
            "and while nothing of the month is published."
        ),
    ] = None


def cursor_of(*place: Any) -> str:
    """An opaque cursor that names the last item of a page."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def place_of(cursor: str | None, size: int = 1) -> list[str] | None:
    """Where a page begins. Raises `Refusal` for a cursor that is not ours."""
    if cursor is None:
        return None
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if isinstance(place, list) and len(place) == size and all(isinstance(part, str) for part in place):
            "".join(place).encode()
            return place
    except (ValueError, RecursionError):  # not Base64, not JSON, or a text that no database can hold
        pass
    raise Refusal(400, "cursor-invalid")


class Found(NamedTuple):
    """The documents of a page, and the cursor that asks for those after them."""

    documents: list[dict[str, Any]]
    next_cursor: str | None


async def find_page(
    collection: AsyncCollection[dict[str, Any]],
    where: Mapping[str, Any],
    cursor: str | None,
    limit: int,
    *,
    newest_first: bool = False,
) -> Found:
    """At most `limit` documents after the cursor, by id. Raises `Refusal` for a cursor that is not ours."""
    place = place_of(cursor)
    after: Mapping[str, Any] = {"_id": {"$lt" if newest_first else "$gt": place[0]}} if place else {}
    found = collection.find({"$and": [where, after]}).sort("_id", -1 if newest_first else 1)
    documents = await found.limit(limit).to_list()
    return Found(documents, cursor_of(documents[-1]["_id"]) if len(documents) == limit else None)


Documents = Iterable[dict[str, Any]]


async def find_within(
    collection: AsyncCollection[dict[str, Any]],
    where: Mapping[str, Any],
    group: str,
    items_of: Callable[[list[dict[str, Any]]], Documents],
    cursor: str | None,
    limit: int,
) -> Found:
    """At most `limit` of the items that documents hold, after the cursor. All documents that have the same in the field
    `group` are read together; items are in order of that, and then of their id, and each says both. Raises `Refusal`
    for a cursor that is not ours."""
    place = place_of(cursor, 2)
    after = {group: {"$gte": place[0]}} if place else {}
    items: list[dict[str, Any]] = []
    async for together in _grouped(collection, {"$and": [where, after]}, group):
        items += [one for one in items_of(together) if place is None or [one[group], one["_id"]] > place]
        if len(items) >= limit:
            break
    return first_of(limit, group, items)


async def _grouped(
    collection: AsyncCollection[dict[str, Any]], where: Mapping[str, Any], group: str
) -> AsyncIterator[list[dict[str, Any]]]:
    together: list[dict[str, Any]] = []
    async for one in collection.find(where).sort(group, 1):
        if together and together[-1][group] != one[group]:
            yield together
            together = []
        together.append(one)
    if together:
        yield together


def first_of(limit: int, group: str, *found: Documents) -> Found:
    """A page of what was found in several places, each of which has given as many as the page may have."""
    page = sorted((one for of in found for one in of), key=lambda one: (one[group], one["_id"]))[:limit]
    return Found(page, cursor_of(page[-1][group], page[-1]["_id"]) if len(page) == limit else None)
