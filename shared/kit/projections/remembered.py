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
