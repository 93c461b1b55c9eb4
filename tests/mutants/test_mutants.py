"""Every mutant can still be put in: its text stands in its file once, and what comes of it is Python."""

import ast
import json
from collections import Counter

import pytest

from tests.mutants.known import PLAY, ROOT, Mutant, mutants

MUTANTS = mutants()


@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant.name for mutant in MUTANTS])
def test_a_mutant_applies(mutant: Mutant) -> None:
    text = mutant.applied((ROOT / mutant.file).read_text())
    assert json.loads(text) if mutant.file.endswith(".json") else ast.parse(text)
    assert mutant.old != mutant.new
    assert mutant.shown_to
    assert all((ROOT / test.partition("::")[0]).exists() for test in mutant.shown_to)


def test_there_are_enough_of_them_and_in_every_place() -> None:
    places = Counter("/".join(mutant.file.split("/")[:2]) for mutant in MUTANTS)
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 60
    services = ("savings", "requests", "approvals", "performance", "organisation")
    assert places.keys() == {
        *(f"services/{name}" for name in services),
        "shared/contracts",
        "shared/kit",
        "shared/people",
    }
    assert sum(mutant.must_die for mutant in MUTANTS) >= 20
    assert sum(PLAY in mutant.shown_to for mutant in MUTANTS) >= 40
