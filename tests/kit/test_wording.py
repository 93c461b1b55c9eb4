"""What is said to people: every rule has its sentences, and both name the same facts."""

import ast
import re
from pathlib import Path

import pytest

from deploy.base.home import ROOT
from deploy.provision.resources import services
from services.organisation.row.value import ROWS
from shared.kit.base.messages import KIT, say
from shared.kit.base.reasons import FIELD_REASONS

MAKERS = {
    "Violation",
    "Refusal",
    "Unauthenticated",
    "no_right",
    "wrong_state",
    "missing",
    "RowProblem",
    "PydanticCustomError",
}


def rules_in(folder: Path) -> set[str]:
    """Rules that the code of a folder names where it refuses."""
    found: set[str] = set()
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in MAKERS:
                texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
                found |= {text for text in texts if re.fullmatch(r"[a-z]+(-[a-z]+)+", text)}
            elif isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple):
                found |= {str(e.value) for e in node.value.elts[1:] if isinstance(e, ast.Constant)}
    return found


@pytest.mark.parametrize("service", services(), ids=lambda service: service.name)
def test_every_rule_of_a_service_has_its_sentences(service: object) -> None:
    name = service.name  # type: ignore[attr-defined]
    rules = rules_in(ROOT / "services" / name)
    rules |= rules_in(ROOT / "shared" / "spreadsheets") if name == "organisation" else set()
    assert rules or not list((ROOT / "services" / name).glob("*/decide.py"))
    assert rules - service.wording.keys() - FIELD_REASONS.keys() == set()  # type: ignore[attr-defined]


def test_every_rule_of_the_kit_has_its_sentences() -> None:
    kit = rules_in(ROOT / "shared" / "kit")
    events = {"bad-field", "bad-header", "foreign-source", "gap", "handler-failed", "no-value", "not-a-cloudevent"}
    events |= {"not-json", "null-header", "too-large", "unknown-type", "unknown-version", "wrong-key"}
    assert kit - events <= KIT.keys()


@pytest.mark.parametrize("service", services(), ids=lambda service: service.name)
def test_both_languages_name_the_same_facts(service: object) -> None:
    for rule, sentences in service.wording.items():  # type: ignore[attr-defined]
        facts = [set(re.findall(r"\{(\w+)\}", sentence)) for sentence in sentences]
        assert facts[0] == facts[1], rule
        assert sentences[0] != sentences[1], rule


def test_a_sentence_is_filled_with_its_facts() -> None:
    facts = {"value": 8}
    assert say(KIT, "en", "version-changed", facts) == "It has changed since you saw it; its version is now 8."
    assert say(KIT, "id", "version-changed", facts).endswith("versinya sekarang 8.")


def test_every_column_of_every_sheet_is_a_word() -> None:
    assert all(re.fullmatch("[a-z_]+", column) for row in ROWS.values() for column in row.model_fields)
