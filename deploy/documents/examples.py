"""Examples of what is published, made from the schema of each event version when there are none yet.

They are kept for ever and never edited: whoever reads this version must go on reading them. Where a version has gained
optional fields since, a further complete example is added that has them.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deploy.base.home import ROOT
from shared.contracts.event import Event, Publisher
from shared.kit.process.service import Service

EXAMPLES = ROOT / "shared" / "contracts" / "examples"
LOCK = EXAMPLES / "LOCK"
PREFIXES = {
    "account": "acc",
    "employee": "emp",
    "text": "txt",
    "request": "req",
    "output": "out",
    "position": "pos",
    "building": "bld",
}
"""What ids of a kind begin with, where that is not the kind's own name."""
WORDS = {
    "time_zone": "Asia/Jakarta",
    "country": "ID",
    "tariff_class": "P-1/TR",
    "zone": "lantai-1",
    "budget_line": "5.1.02.02.01.0061",
}
"""Texts of a form of their own, by the field's name."""


def lacking(platform: list[Service]) -> Iterator[tuple[Path, str]]:
    """Files that there should be, with what is to stand in them."""
    for service in platform:
        for event in service.publisher.events:
            stem = f"{service.publisher.name}.{event.type}.v{event.version}"
            if not (EXAMPLES / f"{stem}.minimal.json").exists():
                yield EXAMPLES / f"{stem}.minimal.json", _text(event, whole=False)
            complete = sorted(EXAMPLES.glob(f"{stem}.complete*.json"))
            if not any(says_all(service.publisher, event, file) for file in complete):
                number = f"-{len(complete) + 1}" if complete else ""
                yield EXAMPLES / f"{stem}.complete{number}.json", _text(event, whole=True)


def says_all(publisher: Publisher, event: type[Event], file: Path) -> bool:
    """Whether an example has every field that the event has today: what is read from it says no more than it does."""
    read = publisher.read(publisher.type_of(event), file.read_bytes())
    return bool(json.loads(read.model_dump_json()) == json.loads(file.read_bytes()))


def write(platform: list[Service]) -> list[Path]:
    """Write what is lacking, and lock it."""
    written = []
    for file, text in list(lacking(platform)):
        file.write_text(text)
        written.append(file)
    if written:
        files = sorted(EXAMPLES.glob("*.json"))
        LOCK.write_text("".join(f"{hashlib.sha256(f.read_bytes()).hexdigest()}  {f.name}\n" for f in files))
    return written


def _text(event: type[Event], *, whole: bool) -> str:
    schema = event.model_json_schema()
    made = _made(schema, schema.get("$defs", {}), event.type, whole)
    read = event.model_validate_json(json.dumps(made))
    said = read.model_dump(mode="json", exclude_unset=not whole)
    return json.dumps(said, indent=2, ensure_ascii=False) + "\n"


def _made(schema: dict[str, Any], defs: dict[str, Any], name: str, whole: bool) -> Any:
    if "$ref" in schema:
        return _made(defs[schema["$ref"].rpartition("/")[2]], defs, name, whole)
    if "anyOf" in schema:
        kinds = [kind for kind in schema["anyOf"] if kind.get("type") != "null"]
        decimal = any(kind.get("type") == "number" for kind in kinds)
        return "12.5" if decimal else _made(kinds[0], defs, name, whole)
    for named in ("const", "enum"):
        if named in schema:
            return schema[named] if named == "const" else schema[named][-1 if whole else 0]
    match schema.get("type"):
        case "object":
            return _object(schema, defs, name, whole)
        case "array":
            items = schema.get("items") or schema["prefixItems"][0]
            count = max(schema.get("minItems", 0), 1 if whole else 0)
            return [_made(items, defs, name.removesuffix("s"), whole) for _ in range(count)]
        case "integer":
            return max(schema.get("minimum", 1), schema.get("exclusiveMinimum", 0) + 1, 1)
        case "boolean":
            return whole
    return _string(schema, name)


def _object(schema: dict[str, Any], defs: dict[str, Any], name: str, whole: bool) -> dict[str, Any]:
    if "properties" not in schema:
        return {"contoh": _made(schema["additionalProperties"], defs, name, whole)} if whole else {}
    wanted = schema["properties"] if whole else schema.get("required", [])
    return {field: _made(schema["properties"][field], defs, field, whole) for field in wanted}


def _string(schema: dict[str, Any], name: str) -> str:
    kinds = {"date": "2026-09-07", "time": "08:00:00", "date-time": "2026-09-07T01:00:00Z"}
    if schema.get("format") in kinds:
        return kinds[schema["format"]]
    pattern = schema.get("pattern", "")
    if "{2,8}-" in pattern:
        kind = name.removesuffix("_id").rpartition("_")[2]
        return f"{PREFIXES.get(kind, kind[:8])}-0001"
    return WORDS.get(name, "document" if pattern else "Contoh")
