"""Given what happened, when a command comes, then these events follow, or it is refused by this rule."""

from dataclasses import dataclass
from typing import Any

from shared.contracts.event import Event
from shared.kit.decisions.decider import Decider, Refused, Violation


@dataclass
class Given:
    """The start of a sentence about one kind of aggregate."""

    decider: Decider[Any, Any]

    def __call__(self, *events: Event) -> "When":
        return When(self.decider, self.decider.fold(events))


@dataclass
class When:
    """What happened, folded."""

    decider: Decider[Any, Any]
    state: Any

    def when(self, command: Any) -> "Then":
        try:
            return Then(list(self.decider.decide(command, self.state)), ())
        except Refused as refused:
            return Then([], refused.violations)


@dataclass
class Then:
    """What came of it."""

    events: list[Event]
    violations: tuple[Violation, ...]

    def then(self, *events: Event) -> None:
        assert not self.violations, f"refused: {self.violations}"
        assert self.events == list(events)

    def refused(self, *rules: str) -> tuple[Violation, ...]:
        assert [violation.rule for violation in self.violations] == list(rules)
        return self.violations
