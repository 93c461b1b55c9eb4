"""What an event is: a frozen fact with a type, a version and the key that orders it."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from pydantic import ConfigDict, ValidationError

from shared.contracts.described import Described

Upcast = Callable[[dict[str, Any]], dict[str, Any]]

EVENT_BYTES_MAX = 512 * 1024
"""The size of an event's body in bytes of UTF-8: what is larger is never written, and what is written, all can read."""

INSTANCE = r"[a-z][a-z0-9-]{1,30}"
SOURCE = rf"/{INSTANCE}/[a-z][a-z0-9_-]{{0,30}}"
TYPE = re.compile(r"mkd\.([a-z][a-z0-9_-]{0,30})\.([a-z-]+)\.v([1-9][0-9]{0,3})")
"""Whose events they are, as a pattern: `/<instance>/<service>`."""


class Fact(Described):
    """A value inside an event: frozen, strictly typed, and deaf to fields that a newer writer added.

    The text below each field is its description in the schema. A process needs few of those that it imports: their
    validators are made when they are first needed.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", allow_inf_nan=False, defer_build=True)


class Event(Fact):
    """Something that happened, as its publisher tells it. The body is the data alone; the rest travels in headers.

    A new optional field needs nothing. Any other change raises `version` and adds to `upcasts` the pure function that
    turns the body of the version before into this one, so that handlers know only today's shape.
    """

    type: ClassVar[str]
    version: ClassVar[int] = 1
    keyed_by: ClassVar[str]
    about: ClassVar[str]
    upcasts: ClassVar[Mapping[int, Upcast]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.type = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    @property
    def key(self) -> str:
        """Events of one key keep their order: the Kafka message key."""
        return str(getattr(self, self.keyed_by))

    @property
    def subject(self) -> str:
        """The aggregate that the event is about; with the publisher it names the stream."""
        return str(getattr(self, self.about))


class Rejected(Exception):
    """A record that cannot be taken as one of our events. Carries the rule that it breaks and a sentence."""

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(detail)
        self.rule = rule
        self.detail = detail


@dataclass(frozen=True)
class Publisher:
    """A service that publishes: its name, its topic and every event that it may say.

    `events` are public: they have a schema and examples, go out on the topic, and stay readable for ever. `private`
    ones are kept in the service's log and folded there alone; one that was public before is still read where it was
    published. `whole`: each event carries the full history of its entity, so that a newer one replaces all before it
    and a gap in the sequence loses nothing.
    """

    name: str
    events: tuple[type[Event], ...]
    whole: bool = False
    private: tuple[type[Event], ...] = ()

    @property
    def topic(self) -> str:
        return f"mkd.{self.name}"

    @cached_property
    def _kinds(self) -> dict[str, tuple[type[Event], int]]:
        return {}

    @cached_property
    def _by_type(self) -> dict[str, type[Event]]:
        return {event.type: event for event in (*self.private, *self.events)}

    def source(self, instance: str) -> str:
        """The CloudEvents source of what it publishes in an instance."""
        return f"/{instance}/{self.name}"

    def is_public(self, event: Event) -> bool:
        """Whether an event goes out on the topic. Raises `ValueError` for one that is not among this publisher's."""
        if type(event) not in (*self.events, *self.private):
            raise ValueError(f"{type(event).__name__} is not an event of {self.name}")
        return type(event) in self.events

    def type_of(self, event: Event | type[Event]) -> str:
        """The CloudEvents type, such as `mkd.requests.request-submitted.v1`."""
        return f"mkd.{self.name}.{event.type}.v{event.version}"

    def kind(self, type_: str) -> tuple[type[Event], int]:
        """The event class and the version that a CloudEvents type names.

        Raises `Rejected` for a type that this publisher does not have and for a version newer than this code.
        """
        if type_ in self._kinds:
            return self._kinds[type_]
        parts = TYPE.fullmatch(type_)
        known = self._by_type.get(parts[2]) if parts and parts[1] == self.name else None
        if not parts or not known:
            raise Rejected("unknown-type", f"{type_!r} is not an event that {self.name} publishes")
        version = int(parts[3])
        if version > known.version:
            raise Rejected("unknown-version", f"{type_!r} is newer than version {known.version}, the newest known")
        return self._kinds.setdefault(type_, (known, version))

    def read(self, type_: str, body: str | bytes) -> Event:
        """The event in a body of that type, brought to today's version. Raises `Rejected`."""
        known, version = self.kind(type_)
        try:
            if version == known.version:
                return known.model_validate_json(body)
            data = json.loads(body)
            for older in range(version, known.version):
                data = known.upcasts[older](data)
            return known.model_validate_json(json.dumps(data))
        except ValidationError as wrong:
            raise Rejected(*_first_fault(wrong)) from wrong
        except (ValueError, KeyError, TypeError, RecursionError) as wrong:
            raise Rejected("not-json", f"the body cannot be read as version {version}: {wrong}") from wrong


def _first_fault(wrong: ValidationError) -> tuple[str, str]:
    faults = wrong.errors(include_url=False, include_input=False, include_context=False)
    field = ".".join(str(part) for part in faults[0]["loc"])
    rule = "not-json" if faults[0]["type"] == "json_invalid" else "bad-field"
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return rule, f"{field or 'body'}: {faults[0]['msg']}{more}"
