"""Fields whose description is the text below them, which is read when somebody asks for a schema: to read it whenever
a class is made would be a tenth of what it takes to start a process."""

import ast
import inspect
import sys
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any

from pydantic import BaseModel, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


class Described(BaseModel):
    """A model that says in its JSON Schema what the text below each of its fields says."""

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        schema = handler(core_schema)
        shown = handler.resolve_ref_schema(schema).get("properties", {})
        texts = _of_fields(cls)
        for name, field in cls.model_fields.items():
            if (of := shown.get(field.alias or name)) is not None and name in texts:
                of.setdefault("description", texts[name])
        return schema


@cache
def _of_fields(model: type[BaseModel]) -> dict[str, str]:
    """The text below each field, by the field's name; below that of a parent where its own has none."""
    texts: dict[str, str] = {}
    for one in reversed(model.__mro__):
        texts |= _of_module(one.__module__).get(one.__qualname__, {})
    return texts


@cache
def _of_module(name: str) -> dict[str, dict[str, str]]:
    """The texts below the fields of each class of a module; none where its source is not there."""
    try:
        source = inspect.getsource(sys.modules[name])
    except (KeyError, OSError, TypeError):
        return {}
    return dict(_of_classes(ast.parse(source).body, ""))


def _of_classes(statements: list[ast.stmt], within: str) -> Iterator[tuple[str, dict[str, str]]]:
    for one in statements:
        if isinstance(one, ast.ClassDef):
            yield within + one.name, dict(_below(one.body))
            yield from _of_classes(one.body, f"{within}{one.name}.")
        elif isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _of_classes(one.body, f"{within}{one.name}.<locals>.")


def _below(body: list[Any]) -> Iterator[tuple[str, str]]:
    """A field's name and the text that follows it."""
    for field, text in pairwise(body):
        match field, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(said))):
                yield name, inspect.cleandoc(said)
