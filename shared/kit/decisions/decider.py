"""What a decision is: a command meets a state and becomes events, or is refused. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import reduce
from typing import Any, Generic, TypeVar

from shared.contracts.event import Event, Publisher

S = TypeVar("S")
C = TypeVar("C")
Document = dict[str, Any]


class Kind(Enum):
    """Why a command is refused, which decides how an API answers."""

    RULE = "rule"
    STATE = "state"
    RIGHT = "right"
    MISSING = "missing"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: its name in the catalogue, where in the input, the limit it sets and where it comes from.

    `facts` are the values that the catalogue's sentence names besides.
    """

    rule: str
    pointer: str = ""
    value: Any = None
    source: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


class Refused(Exception):
    """A command that changes nothing because of the violations that it carries."""

    def __init__(self, *violations: Violation, kind: Kind = Kind.RULE) -> None:
        super().__init__(", ".join(violation.rule for violation in violations))
        self.violations = violations
        self.kind = kind


def wrong_state(rule: str, **facts: Any) -> Refused:
    """The thing is not in a state in which this can be done."""
    return Refused(Violation(rule, facts=facts), kind=Kind.STATE)


def no_right(rule: str, **facts: Any) -> Refused:
    """The actor may not do this."""
    return Refused(Violation(rule, facts=facts), kind=Kind.RIGHT)


def missing(rule: str, **facts: Any) -> Refused:
    """There is no such thing, or none that the actor may know of."""
    return Refused(Violation(rule, facts=facts), kind=Kind.MISSING)


NO_LIMIT = 10**6


@dataclass(frozen=True, slots=True)
class Reservation:
    """What an aggregate holds of something scarce: `units` of at most `limit`, shared by all who reserve of the same
    id. With `NO_LIMIT` it is always had, and leaves less to others who reserve of the same."""

    id: str
    units: int
    limit: int
    violation: Violation


def no_reservations(_: Any) -> Sequence[Reservation]:
    return ()


@dataclass(frozen=True)
class Decider(Generic[C, S]):
    """One kind of aggregate: how its state comes from its events, and how commands become events.

    `reservations` names what a state holds, from which the log works out what a decision takes and gives back.
    `show` is the document kept beside the log for this aggregate, in the collection `name`. Of what processes remember,
    changes are counted.
    """

    name: str
    publisher: Publisher
    evolve: Callable[[S | None, Any], S | None]
    decide: Callable[[C, S | None], Sequence[Event]]
    show: Callable[[S], Document]
    reservations: Callable[[S | None], Sequence[Reservation]] = no_reservations
    remembered: bool = False

    def fold(self, events: Sequence[Event], state: S | None = None) -> S | None:
        """The state after these events."""
        return reduce(self.evolve, events, state)
