"""What measurements stand on: kept from one to the next for as long as they ask for the same, since making it takes
longer than much of what is measured."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from benchmarks.exact import digest, everything, faults
from benchmarks.measuring import Sample, costing
from benchmarks.office import Office, office
from benchmarks.parts import Parts, parts
from benchmarks.population import Population, tell, tell_worked
from benchmarks.workers import Workers, tenths, working


@dataclass
class Told:
    """A Kafka that holds a population's events, and a MongoDB in which savings knows the people and has yet to hear of
    their days. `digest` is what the positions of those always come to, once it is known."""

    at: Parts
    of: Population
    digest: str = ""

    def begin_again(self) -> None:
        """Savings has heard of no day."""
        self.at.begin_again("savings")

    def caught_up(self, name: str, workers: int = 1) -> Sample:
        """Begin again and catch up, end to end: from where the workers listen until nothing is due any more."""
        self.begin_again()
        self.at.after(self.of.dates()[-1])
        aborted = self.at.aborted()
        with working(self.at, workers) as there:
            with costing(self.at.of(*there.pids)) as cost:
                way = there.settled()
            noted = self._noted(way, there)
        again = {"transactions run again": float(self.at.aborted() - aborted)}
        return Sample(name, self.of.events, cost, noted | again, self.is_exact())

    def is_exact(self) -> bool:
        """Whether savings holds what it has to, and positions are those of each time before."""
        found = digest(self.at)
        wrong = faults(self.at, self.of, everything(self.of))
        if self.digest and found != self.digest:
            wrong.append("positions are not those of the run before")
        self.digest = self.digest or found
        for fault in wrong:
            print(f"not exact: {fault}")
        return not wrong

    def _noted(self, way: list[tuple[float, int]], there: Workers) -> dict[str, float]:
        heard_s = next(took for took, done in way if done == way[-1][1])
        by_tenth = tenths(way)
        grown = {"first tenth /s": by_tenth[0], "last tenth /s": by_tenth[-1]} if by_tenth else {}
        ratio = {"last / first": by_tenth[-1] / by_tenth[0]} if by_tenth and by_tenth[0] else {}
        return {"heard s": heard_s, "RSS MiB": there.rss_mib(), **grown, **ratio}


@contextmanager
def told(of: Population) -> Iterator[Told]:
    """It, on parts of its own."""
    with parts() as at:
        at.after(of.dates()[-1])
        tell(at, of)
        with working(at) as people:
            people.settled()
        at.keep("mkd_savings")
        tell_worked(at, of)
        yield Told(at, of)


@dataclass
class Grounds:
    """The last ground that was asked for, until another is, or all is done."""

    _open: ExitStack = field(default_factory=ExitStack)
    _what: tuple[str, Any] | None = None
    _it: Any = None

    def __enter__(self) -> "Grounds":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, at: TracebackType | None
    ) -> None:
        self._open.close()

    def told(self, of: Population) -> Told:
        """A Kafka and a MongoDB in which a population's days are told."""
        ground: Told = self._get(("told", of), lambda: told(of))
        return ground

    def leave(self) -> None:
        """Whoever asks next gets a new one."""
        self._open.close()
        self._what, self._it = None, None

    def office(self, people: int) -> Office:
        """A whole stack with an office in it."""
        ground: Office = self._get(("office", people), lambda: office(people))
        return ground

    def _get(self, what: tuple[str, Any], make: Callable[[], AbstractContextManager[Any]]) -> Any:
        if self._what != what:
            self.leave()
            self._it = self._open.enter_context(make())
            self._what = what
        return self._it
