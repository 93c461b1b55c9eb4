"""Examples of calls and of what they answer, put into the OpenAPI document: kept beside the code as a test has sent and
received them (`tests/documents/test_examples.py`), by method and path."""

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

Document = dict[str, Any]
FILE = "examples.json"
OF_ALL = "shared.kit.web"
"""Where those are kept that are the same in every service."""


def read(package: str) -> Mapping[str, Document]:
    """The examples that a package keeps; none where it keeps none, or where there is no such package."""
    try:
        found: Mapping[str, Document] = json.loads(files(package).joinpath(FILE).read_text("utf-8"))
    except (FileNotFoundError, ModuleNotFoundError):
        return {}
    return found


def put_in(document: Document, kept: Mapping[str, Document]) -> None:
    """Give each operation its example, where its document has none of its own."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if example := kept.get(f"{method} {path}"):
                _put(operation, example)


def _put(operation: Document, example: Document) -> None:
    for parameter in operation.get("parameters", ()):
        told = example[parameter["in"]].get(parameter["name"].lower())
        if told is not None and not {"example", "examples"} & parameter.keys():
            parameter["example"] = told
    for content in _json(operation.get("requestBody", {})):
        if example["body"] is not None and "example" not in content:
            content["example"] = example["body"]
    for content in _json(operation["responses"].get(example["status"], {})):
        content["example"] = example["answer"]


def _json(told: Document) -> Iterator[Document]:
    yield from (content for kind, content in told.get("content", {}).items() if kind == "application/json")
