"""The mutants, as they are written down."""

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILE = Path(__file__).with_name("mutants.toml")
PLAY = "tests/mutants/played.py"


@dataclass(frozen=True)
class Mutant:
    """A text of a file that stands there once, what stands in its place, and the tests of which one has to fail; and
    whether the play must notice besides."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...] = ()
    play: bool = False
    must_die: bool = False

    @property
    def shown_to(self) -> list[str]:
        """All that it is shown to."""
        return [*self.tests, *([PLAY] if self.play and PLAY not in self.tests else [])]

    def without_play(self) -> "Mutant":
        """The same, for those who cannot wait for the play."""
        return replace(self, tests=tuple(test for test in self.tests if test != PLAY), play=False)

    def applied(self, text: str) -> str:
        """The file's text with the fault in it. Raises `ValueError` unless the old text stands there once."""
        if text.count(self.old) != 1:
            raise ValueError(f"{self.name!r}: its text stands {text.count(self.old)} times in {self.file}")
        return text.replace(self.old, self.new)


def mutants(file: Path = FILE) -> list[Mutant]:
    """All of them, in the order of the file."""
    told = tomllib.loads(file.read_text())["mutant"]
    return [Mutant(**{**one, "tests": tuple(PLAY if t == "play" else t for t in one["tests"])}) for one in told]
