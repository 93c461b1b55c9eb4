"""Whose events a consumer accepts, and which stream an event belongs to. Pure."""

import re
from collections.abc import Collection
from typing import NamedTuple

from shared.contracts.event import SOURCE, Publisher

STREAM = re.compile(rf"({SOURCE})/(.+)", re.DOTALL)


class Stream(NamedTuple):
    """The events of one aggregate: `source` is the publisher and its instance, `subject` the aggregate. What a consumer
    keeps of a stream is kept under the stream's id, so that the same aggregate id of two instances is two streams."""

    source: str
    subject: str

    @property
    def id(self) -> str:
        """A source has two slashes, so that the id is read in one way whatever the subject is."""
        return f"{self.source}/{self.subject}"

    @classmethod
    def of(cls, id_: str) -> "Stream | None":
        """The stream that an id names; none where it is no stream's id."""
        parts = STREAM.fullmatch(id_)
        return cls(parts[1], parts[2]) if parts else None


def service_of(source: str) -> str:
    """The service that a source names."""
    return source.rpartition("/")[2]


def accepted(publisher: Publisher, instance: str, besides: Collection[str] = ()) -> frozenset[str]:
    """The sources whose events are accepted on a publisher's topic: its own in this instance, and those of the same
    service that are stated besides."""
    return frozenset({publisher.source(instance), *(one for one in besides if service_of(one) == publisher.name)})
