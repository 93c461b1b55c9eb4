"""Pages of the reference, as Markdown: an API from its OpenAPI document, the events from their JSON Schemas."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from deploy.base.home import ROOT
from deploy.documents.hearers import consumers_of, table
from shared.contracts.event import Event, Publisher
from shared.kit.process.service import Service

API = ROOT / "docs" / "api"
CONTRACTS = ROOT / "shared" / "contracts"
LIMITS = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "pattern": "`{}`",
    "default": "{} where it is left out",
}

Schema = Mapping[str, Any]


def api_page(name: str) -> str:
    """One service's calls and the shapes that they take and answer."""
    document = json.loads((API / f"{name}.openapi.json").read_text())
    lines = [f"# {document['info']['title']}", "", document["info"]["description"], ""]
    lines += [f"The same as a document for tools: [{name}.openapi.json]({name}.openapi.json).", "", "## Calls", ""]
    for path, verbs in document["paths"].items():
        for verb, call in verbs.items():
            lines += _call(name, verb.upper(), path, call)
    lines += ["## Shapes", ""]
    for shape, schema in document["components"]["schemas"].items():
        lines += [f"({anchor(name, shape)})=", "", f"### {shape}", "", *_shape(schema, name)]
    return "\n".join(lines) + "\n"


def events_page(platform: Sequence[Service]) -> str:
    """Every event: who publishes and consumes it, its fields, an example."""
    lines = ["# Events", "", "Who publishes what, and who consumes it:", "", table(platform)]
    lines += ["They travel as CloudEvents 1.0 in Kafka's binary mode: headers say what it is, the value is the data."]
    lines += ["The AsyncAPI documents say the same to tools:"]
    lines += [", ".join(f"[{one.name}]({one.name}.asyncapi.json)" for one in platform) + ".", ""]
    for service in platform:
        lines += [f"## {service.name}", "", f"On the topic `{service.publisher.topic}`.", ""]
        for event in service.publisher.events:
            lines += _event(service.publisher, event, platform)
    return "\n".join(lines) + "\n"


def anchor(*words: str) -> str:
    """A target's name, unique on the whole site."""
    return "-".join(["ref", *(re.sub(r"\W+", "-", word).strip("-").lower() for word in words)])


def cell(text: str) -> str:
    """A sentence as it may stand in a cell; what is in backticks stays."""
    parts = re.split(r"(`[^`]*`)", " ".join(text.split()))
    return "".join(part if part.startswith("`") else re.sub(r"([*<>\[\]])", r"\\\1", part) for part in parts).replace(
        "|", r"\|"
    )


def kind(schema: Schema, name: str) -> str:
    """What a value is: a shape, a list of something, one of some words."""
    if "$ref" in schema:
        shape = schema["$ref"].rpartition("/")[2]
        return f"[{shape}](#{anchor(name, shape)})"
    if options := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(dict.fromkeys(kind(option, name) for option in options))
    if "enum" in schema or "const" in schema:
        return " · ".join(f"`{word}`" for word in schema.get("enum", [schema.get("const")]))
    match schema.get("type"):
        case "array":
            of: Schema = schema.get("items") or next(iter(schema.get("prefixItems", ())), {})
            return f"list of {kind(of, name)}"
        case "object" if isinstance(schema.get("additionalProperties"), dict):
            return f"object of {kind(schema['additionalProperties'], name)}"
        case str(type_):
            return str(schema.get("format", type_))
    return "anything"


def _call(name: str, verb: str, path: str, call: Schema) -> Iterator[str]:
    yield from (f"### {verb} {path}", "", call.get("description") or call["summary"], "")
    if parameters := call.get("parameters"):
        yield from ("| parameter | in | what it is | meaning |", "|---|---|---|---|")
        for one in parameters:
            must = "" if one.get("required") else ", optional"
            meaning = _meaning({"description": one.get("description", ""), **one["schema"]})
            yield f"| `{one['name']}` | {one['in']} | {kind(one['schema'], name)}{must} | {meaning} |"
        yield ""
    if body := call.get("requestBody"):
        yield from (f"Body: {_content(body['content'], name)}.", "")
    for status, answer in call["responses"].items():
        if status.startswith("2"):
            its = _content(answer["content"], name) if "content" in answer else answer["description"]
            headers = ", ".join(f"`{header}`" for header in answer.get("headers", {}))
            yield from (f"Answers **{status}**: {its}{f'; headers {headers}' if headers else ''}.", "")
    refusals = [f"- **{status}** {a['description']}" for status, a in call["responses"].items() if status[0] in "45"]
    if refusals:
        yield from ("Refuses with:", "", *refusals, "")


def _content(content: Schema, name: str) -> str:
    """The shapes of a body, with its media types."""
    shapes = dict.fromkeys(kind(media["schema"], name) for media in content.values() if "schema" in media)
    return " ".join(filter(None, (", ".join(shapes), f"({', '.join(content)})")))


def _shape(schema: Schema, name: str) -> Iterator[str]:
    if schema.get("description"):
        yield from (cell(schema["description"]), "")
    if not (properties := schema.get("properties")):
        yield from (f"{kind(schema, name)}{_limits(schema, '; ')}", "")
        return
    yield from ("| field | what it is | meaning |", "|---|---|---|")
    for field, its in properties.items():
        must = "" if field in schema.get("required", ()) else ", optional"
        yield f"| `{field}` | {kind(its, name)}{must} | {_meaning(its)} |"
    yield ""


def _meaning(schema: Schema) -> str:
    return cell(schema.get("description", "")) + _limits(schema, " ").replace("|", r"\|")


def _limits(schema: Schema, before: str) -> str:
    bounds = [schema, *(option for option in schema.get("anyOf", ()) if option.get("type") != "null")]
    told = [
        sentence.format(json.dumps(one[word]) if word == "default" else one[word])
        for one in bounds
        for word, sentence in LIMITS.items()
        if one.get(word) is not None
    ]
    return f"{before}({', '.join(told)})" if told else ""


def _event(publisher: Publisher, event: type[Event], platform: Sequence[Service]) -> Iterator[str]:
    stem = f"{publisher.name}.{event.type}.v{event.version}"
    schema = json.loads((CONTRACTS / "schemas" / f"{stem}.json").read_text())
    hearing = ", ".join(consumers_of(event, platform)) or "nobody yet"
    yield from (f"({anchor(stem, schema['title'])})=", "", f"### {event.type}", "")
    yield f"`{publisher.type_of(event)}`, keyed by `{event.keyed_by}`, about `{event.about}`. Consumed by: {hearing}."
    yield ""
    yield from _shape(schema, stem)
    for shape, its in schema.get("$defs", {}).items():
        yield from (f"({anchor(stem, shape)})=", "", f"#### {shape}", "", *_shape(its, stem))
    example = (CONTRACTS / "examples" / f"{stem}.complete.json").read_text().rstrip()
    yield from ("```json", example, "```", "")
