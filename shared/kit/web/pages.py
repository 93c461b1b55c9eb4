"""Long lists, page by page."""

import base64
import json
from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from shared.kit.web.problems import Refusal

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """Some items, and the cursor that asks for those after them."""

    items: list[T]
    next_cursor: str | None = None


class PublishedPage(Page[T]):
    """A page of figures. `as_of` is when they were published, for whoever reads them as published; nothing for the
    personnel agency, which reads what is so now, and while nothing of the month is published."""

    as_of: datetime | None = None


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
