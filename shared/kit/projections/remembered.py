"""Documents that are read again in every batch, and made into values once. Pure as seen from outside: the same document
always comes to an equal value, whether it was kept or not."""

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

import bson

V = TypeVar("V")


class Remembered(Generic[V]):
    """The values of the documents that were used last, `most` of them at most.

    Documents are told apart by their bytes: two that only compare equal, as 1 and 1.0, are not the same. What is kept
    is handed out again, so that values must be frozen.
    """

    def __init__(self, make: Callable[[Mapping[str, Any]], V], most: int) -> None:
        self._make = make
        self._most = most
        self._kept: dict[bytes, V] = {}

    def __call__(self, document: Mapping[str, Any]) -> V:
        """What a document comes to. Raises as `make` does, each time."""
        written = bson.encode(document)
        value = self._kept.pop(written, None)
        if value is None:
            value = self._make(document)
            if len(self._kept) >= self._most:
                del self._kept[next(iter(self._kept))]
        self._kept[written] = value
        return value


class Kept(dict[str, Any]):
    """A document that is handed out again and again, so that nobody may change it, with what it was made into."""

    __slots__ = ("made",)

    def __init__(self, document: Mapping[str, Any]) -> None:
        super().__init__(document)
        self.made: tuple[object, Any] | None = None


def once(make: Callable[[Mapping[str, Any]], V]) -> Callable[[Mapping[str, Any]], V]:
    """The same, made once of what is kept, for as long as that is. Raises as `make` does, each time."""

    def of(document: Mapping[str, Any]) -> V:
        if not isinstance(document, Kept):
            return make(document)
        if document.made is None or document.made[0] is not make:
            document.made = make, make(document)
        value: V = document.made[1]
        return value

    return of
