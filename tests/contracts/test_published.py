"""What was published stays readable: examples are kept for ever, schemas change only by what they add."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import Field, create_model

from deploy.base.failure import Failure
from deploy.documents import contracts, examples
from deploy.documents.contracts import DOCUMENTS, SCHEMAS, breaks, name_of
from deploy.documents.examples import EXAMPLES, says_all
from deploy.provision.resources import services
from shared.contracts.event import Event, Publisher, Rejected
from shared.contracts.requests import PUBLISHER, OutcomeRecorded, RequestSubmitted

EVENTS = [(service.publisher, event) for service in services() for event in service.publisher.events]
KEPT = sorted(EXAMPLES.glob("*.json"))


@pytest.mark.parametrize(("publisher", "event"), EVENTS, ids=lambda part: getattr(part, "__name__", ""))
def test_every_event_has_a_complete_and_a_minimal_example(publisher: Publisher, event: type[Event]) -> None:
    name = name_of(publisher, event)
    assert (EXAMPLES / f"{name}.minimal.json").exists()
    assert any(says_all(publisher, event, file) for file in EXAMPLES.glob(f"{name}.complete*.json"))


@pytest.mark.parametrize("file", KEPT, ids=lambda file: file.stem)
def test_every_example_still_reads_and_fits_its_schema(file: Path) -> None:
    name, _, _ = file.stem.rpartition(".")
    publisher = next(p for p, _ in EVENTS if name.startswith(f"{p.name}."))
    assert publisher.read(f"mkd.{name}", file.read_bytes())
    schema = json.loads((SCHEMAS / f"{name}.json").read_text())
    jsonschema.validate(json.loads(file.read_bytes()), schema)


def test_examples_are_never_edited() -> None:
    lines = (line.split("  ") for line in (EXAMPLES / "LOCK").read_text().splitlines())
    locked = {name: digest for digest, name in lines}
    assert {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in KEPT} == locked


def _changed(**fields: Any) -> type[Event]:
    return create_model("RequestSubmitted", __base__=RequestSubmitted, **fields)


def _of(fields: dict[str, Any]) -> type[Event]:
    return create_model("RequestSubmitted", __base__=Event, **fields)


FIELDS: dict[str, Any] = {name: (field.annotation, field) for name, field in RequestSubmitted.model_fields.items()}
RENAMED = _of({("dates" if name == "days" else name): field for name, field in FIELDS.items()})
DROPPED = _of({name: field for name, field in FIELDS.items() if name != "window"})
BREAKING: dict[str, type[Event]] = {
    "a field is renamed": RENAMED,
    "a field is required that was not there": _changed(office=(str, ...)),
    "an optional field becomes required": _changed(window=(RequestSubmitted.model_fields["window"].annotation, ...)),
    "a field changes its type": _changed(submitted_on=(int, ...)),
    "a field takes less than it did": _changed(time_zone=(str, Field(max_length=3))),
}


@pytest.mark.parametrize("how", BREAKING)
def test_a_change_that_breaks_a_reader_is_noticed(how: str) -> None:
    """By the schema, which would not be written; and by the examples, wherever one has the field."""
    committed = json.loads((SCHEMAS / "requests.request-submitted.v1.json").read_text())
    assert breaks(committed, BREAKING[how].model_json_schema())


@pytest.mark.parametrize("how", BREAKING)
def test_an_example_breaks_with_its_reader(how: str) -> None:
    publisher = Publisher("requests", (BREAKING[how],))
    with pytest.raises(Rejected):
        _read_both(publisher)


def _read_both(publisher: Publisher) -> None:
    for kind in ("complete", "minimal"):
        example = EXAMPLES / f"requests.request-submitted.v1.{kind}.json"
        publisher.read("mkd.requests.request-submitted.v1", example.read_bytes())


def test_adding_an_optional_field_breaks_nothing() -> None:
    committed = json.loads((SCHEMAS / "requests.request-submitted.v1.json").read_text())
    assert breaks(committed, _changed(mood=(str | None, None)).model_json_schema()) == []


def test_a_field_that_is_dropped_is_noticed() -> None:
    committed = json.loads((SCHEMAS / "requests.request-submitted.v1.json").read_text())
    assert breaks(committed, DROPPED.model_json_schema())


def test_a_breaking_schema_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    file = SCHEMAS / "requests.request-submitted.v1.json"
    monkeypatch.setattr(contracts, "wanted", lambda: [(file, _changed(office=(str, ...)).model_json_schema())])
    with pytest.raises(Failure, match="office is required"):
        contracts.write()


def test_a_stale_document_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    file = SCHEMAS / f"{name_of(PUBLISHER, RequestSubmitted)}.json"
    monkeypatch.setattr(contracts, "wanted", lambda: [(file, {"title": "something else"})])
    assert f"{file.name}: differs from the code" in contracts.stale()[0]


def test_the_schema_of_an_event_that_became_private_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is in no document of today, and nobody is told to remove it."""
    service = next(one for one in services() if one.publisher is PUBLISHER)
    kept = tuple(event for event in PUBLISHER.events if event is not OutcomeRecorded)
    publisher = replace(PUBLISHER, events=kept, private=(OutcomeRecorded,))
    monkeypatch.setattr(contracts, "services", lambda: [replace(service, publisher=publisher)])
    name = name_of(PUBLISHER, OutcomeRecorded)
    found = dict(contracts.wanted())
    assert SCHEMAS / f"{name}.json" not in found
    assert name not in json.dumps(found[DOCUMENTS / "requests.asyncapi.json"])
    assert [told for told in contracts.stale() if name in told] == []


def test_the_committed_documents_are_those_of_the_code() -> None:
    assert contracts.stale() == []


@pytest.mark.parametrize(("publisher", "event"), EVENTS, ids=lambda part: getattr(part, "__name__", ""))
def test_examples_can_be_made_of_every_event(
    publisher: Publisher, event: type[Event], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(examples, "EXAMPLES", tmp_path)
    monkeypatch.setattr(examples, "LOCK", tmp_path / "LOCK")
    service = next(service for service in services() if service.publisher is publisher)
    made = [file for file in examples.write([service]) if file.stem.startswith(name_of(publisher, event))]
    assert [file.stem.rpartition(".")[2] for file in made] == ["minimal", "complete"]
    assert says_all(publisher, event, made[1])
    assert list(examples.lacking([service])) == []
