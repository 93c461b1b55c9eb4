"""What is sent to a route, and how it is read."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, ValidationError

M = TypeVar("M", bound=BaseModel)


class Body(BaseModel):
    """A command as it is sent: a field that is not known is a mistake and said to be one."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


def sent(model: type[M]) -> Callable[[Request], Awaitable[M]]:
    """A body read as events are, strictly and from JSON itself, but for a field that is not known, which is a mistake.
    With `takes` for its documentation."""

    async def read(request: Request) -> M:
        try:
            return model.model_validate_json(await request.body(), extra="forbid")
        except ValidationError as wrong:
            faults = wrong.errors(include_url=False, include_context=False)
            raise RequestValidationError([{**fault, "loc": ("body", *fault["loc"])} for fault in faults]) from wrong

    return read


def takes(model: type[BaseModel]) -> dict[str, Any]:
    """The documentation of a body that is read by `sent`."""
    schema = model.model_json_schema()
    content = {"application/json": {"schema": _inline(schema, schema.get("$defs", {}))}}
    return {"requestBody": {"required": True, "content": content}}


def _inline(schema: Any, known: Mapping[str, Any]) -> Any:
    """References resolved: a document of its own has no place for our definitions."""
    if isinstance(schema, list):
        return [_inline(part, known) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inline(known[schema["$ref"].rpartition("/")[2]], known)
    return {name: _inline(part, known) for name, part in schema.items() if name != "$defs"}
