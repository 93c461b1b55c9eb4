"""The committed documents: a JSON Schema and examples for each event version, AsyncAPI and OpenAPI for each service."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deploy.base.failure import Failure
from deploy.base.home import ROOT
from deploy.documents import examples, picture
from deploy.provision.resources import services
from shared.contracts.event import Event, Publisher
from shared.kit.base.settings import Settings
from shared.kit.process import metricspage
from shared.kit.process.asyncapi import asyncapi
from shared.kit.web import app as http

SCHEMAS = ROOT / "shared" / "contracts" / "schemas"
DOCUMENTS = ROOT / "docs" / "api"
METRICS = ROOT / "docs" / "metrics.md"
PROSE = {"description", "title", "default"}
NOWHERE = Settings(
    instance="docs",
    demo=True,
    mongo_url="mongodb://127.0.0.1:1/",
    kafka_bootstrap="127.0.0.1:1",
    issuer="http://127.0.0.1:1",
    audience="docs",
)


def wanted() -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every document that the code says, and where it is kept."""
    for service in services():
        for event in service.publisher.events:
            yield SCHEMAS / f"{name_of(service.publisher, event)}.json", event.model_json_schema()
        yield DOCUMENTS / f"{service.name}.asyncapi.json", asyncapi(service)
        yield DOCUMENTS / f"{service.name}.openapi.json", http.api(service, NOWHERE).openapi()


def name_of(publisher: Publisher, event: type[Event]) -> str:
    """How the files of an event version are called, such as `requests.request-submitted.v1`."""
    return f"{publisher.name}.{event.type}.v{event.version}"


def text_of(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def write() -> list[Path]:
    """Write what is missing or stale. Raises `Failure` where a published event would no longer be understood."""
    found = dict(wanted())
    broken = [
        f"{file.stem}: {what}"
        for file, document in found.items()
        if file.parent == SCHEMAS and file.exists()
        for what in breaks(json.loads(file.read_text()), document)
    ]
    if broken:
        raise Failure(
            f"A change breaks readers of what was published: {'; '.join(broken)}.",
            "Raise the event's version and add an upcast, or make the change one that only adds optional fields.",
        )
    written = []
    for file, document in found.items():
        text = text_of(document)
        if not file.exists() or file.read_text() != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            written.append(file)
    written += examples.write(services())
    if (readme := picture.drawn(services())) != picture.README.read_text():
        picture.README.write_text(readme)
        written.append(picture.README)
    if _metrics_differ():
        METRICS.write_text(metricspage.page())
        written.append(METRICS)
    return written


def _metrics_differ() -> bool:
    return not METRICS.exists() or METRICS.read_text() != metricspage.page()


def breaks(old: Any, new: Any, at: str = "") -> list[str]:
    """What a schema must not do between two publications: anything but add optional properties or change its prose."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return [] if old == new else [f"{at or '/'} was {old!r} and is {new!r}"]
    found = [f"{at}/{name} is required and was not" for name in _required(new) - _required(old)]
    names_are_ours = at.endswith(("/properties", "/$defs"))
    for name in (old.keys() | new.keys()) - ({"required"} if names_are_ours else {"required", *PROSE}):
        if name in old or not (names_are_ours or name == "$defs"):
            found += breaks(old.get(name), new.get(name), f"{at}/{name}")
    return found


def _required(schema: dict[str, Any]) -> set[str]:
    named = schema.get("required", [])
    return set(named) if isinstance(named, list) else set()


def stale() -> list[str]:
    """What the committed files lack or say otherwise than the code."""
    found = dict(wanted())
    told = [
        f"{file.relative_to(ROOT)}: {'differs from the code' if file.exists() else 'is missing'}; run ./mkd contracts"
        for file, document in found.items()
        if not file.exists() or file.read_text() != text_of(document)
    ]
    kept = {*SCHEMAS.glob("*.json"), *DOCUMENTS.glob("*.json")}
    told += [f"{file.relative_to(ROOT)}: is missing; run ./mkd contracts" for file, _ in examples.lacking(services())]
    if picture.drawn(services()) != picture.README.read_text():
        told.append("README.md: its picture is not of these services; run ./mkd contracts")
    if _metrics_differ():
        told.append("docs/metrics.md: differs from the code; run ./mkd contracts")
    older = {file for file in kept - found.keys() if file.parent == SCHEMAS and _is_older(file)}
    return told + [f"{file.relative_to(ROOT)}: belongs to nothing" for file in sorted(kept - found.keys() - older)]


def _is_older(file: Path) -> bool:
    """Whether a schema is of an earlier version of an event that there still is, or of one that has become private:
    those are kept for ever."""
    name = file.stem.rpartition(".v")[0]
    events = [(one.publisher, event) for one in services() for event in (*one.publisher.events, *one.publisher.private)]
    return any(name_of(publisher, event).rpartition(".v")[0] == name for publisher, event in events)
