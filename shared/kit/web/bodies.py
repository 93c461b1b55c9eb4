"""What is sent to a route, and how it is read."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar, get_args, get_origin

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, ValidationError

from shared.contracts.described import Described
from shared.kit.web.problems import Refusal

M = TypeVar("M", bound=BaseModel)


class Body(Described):
    """A command as it is sent: a field that is not known is a mistake and said to be one. The text below each field is
    its description in the OpenAPI document."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


def sent(model: type[M]) -> Callable[[Request], Awaitable[M]]:
    """A body read as events are: strictly, from JSON itself; but an event may know more than we do, and a command may
    not. With `takes` for its documentation."""

    async def read(request: Request) -> M:
        try:
            return model.model_validate_json(await request.body(), extra="forbid")
        except ValidationError as wrong:
            faults = wrong.errors(include_url=False)
            raise RequestValidationError([{**fault, "loc": ("body", *fault["loc"])} for fault in faults]) from wrong

    return read


def takes(model: type[M], example: M) -> dict[str, Any]:
    """The documentation of a body that is read by `sent`."""
    schema = model.model_json_schema()
    content = {
        "application/json": {
            "schema": _inline(schema, schema.get("$defs", {})),
            "example": example.model_dump(mode="json", exclude_unset=True),
        }
    }
    return {"requestBody": {"required": True, "content": content}}


async def nothing_is_dropped(request: Request) -> None:
    """A dependency of all operations: what an operation does not take, it refuses, since whoever sent it believes that
    it counts. Raises `Refusal`."""
    route = request.scope["route"]
    if not isinstance(route, APIRoute) or not route.include_in_schema:
        return
    taken = _parameters(route.dependant)
    for name, value in Counter(name for name, _ in request.query_params.multi_items()).items():
        if name not in taken:
            names = ", ".join(sorted(taken)) or "-"
            raise Refusal(422, "parameter-unknown", pointer=f"query:{name[:60]}", name=name[:60], names=names)
        if value > 1 and not taken[name]:
            raise Refusal(422, "parameter-twice", pointer=f"query:{name}", name=name)
    takes_body = route.body_field is not None or "requestBody" in (route.openapi_extra or {})
    if not takes_body and (await request.body()).strip():
        raise Refusal(422, "body-not-taken")


def _parameters(dependant: Dependant) -> dict[str, bool]:
    """The names of the query's parameters, and whether they may be repeated."""
    found = {one.alias: _is_list(one.field_info.annotation) for one in dependant.query_params}
    for inner in dependant.dependencies:
        found |= _parameters(inner)
    return found


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) is list or any(_is_list(one) for one in get_args(annotation))


def _inline(schema: Any, known: Mapping[str, Any]) -> Any:
    """References resolved, since a document of its own has no place for our definitions; and nothing else is taken."""
    if isinstance(schema, list):
        return [_inline(part, known) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inline(known[schema["$ref"].rpartition("/")[2]], known)
    closed = {"additionalProperties": False} if "properties" in schema and schema.get("type") == "object" else {}
    return {name: _inline(part, known) for name, part in schema.items() if name != "$defs"} | closed
