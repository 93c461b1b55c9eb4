"""The mutants, as they are written down."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILE = Path(__file__).with_name("mutants.toml")
PLAY = "tests/mutants/played.py"


@dataclass(frozen=True)
class Mutant:
    """A text of a file that stands there once, what stands in its place, and the tests that die of it."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    must_die: bool = False

    def applied(self, text: str) -> str:
        """The file's text with the fault in it. Raises `ValueError` unless the old text stands there once."""
        if text.count(self.old) != 1:
            raise ValueError(f"{self.name!r}: its text stands {text.count(self.old)} times in {self.file}")
        return text.replace(self.old, self.new)


def mutants(file: Path = FILE) -> list[Mutant]:
    """All of them, in the order of the file."""
    told = tomllib.loads(file.read_text())["mutant"]
    return [Mutant(**{**one, "tests": tuple(PLAY if t == "play" else t for t in one["tests"])}) for one in told]
