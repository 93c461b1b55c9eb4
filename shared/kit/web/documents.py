"""What FastAPI cannot know of our answers, put into its OpenAPI document: problems, and the headers that are sent."""

from collections.abc import Iterator, Mapping
from typing import Any

from shared.kit.web.problems import MEDIA_TYPE

Document = dict[str, Any]
PROBLEM = "#/components/schemas/Problem"
HEADERS: Mapping[str, str] = {
    "ETag": "The version; for `If-Match` of a change, or `If-None-Match` of the next reading",
    "Link": "The next page, as `rel=next`",
    "Location": "Where what was made is found",
    "Idempotency-Replayed": "`true` where this had been carried out before, under the same key",
    "Retry-After": "Seconds after which to come again",
    "WWW-Authenticate": "How to sign in",
}


def completed(document: Document) -> Document:
    """The document of an API as it really answers."""
    for operations in document["paths"].values():
        for method, operation in operations.items():
            for status, response in operation["responses"].items():
                _as_problem(response)
                if names := list(_headers(method, operation, int(status))):
                    response["headers"] = {n: {"description": HEADERS[n], "schema": {"type": "string"}} for n in names}
    return document


def _as_problem(response: Document) -> None:
    """FastAPI documents every model as application/json; ours are problems."""
    schema = response.get("content", {}).get("application/json", {}).get("schema", {})
    if schema.get("$ref") == PROBLEM:
        response["content"] = {MEDIA_TYPE: {"schema": schema}}


def _headers(method: str, operation: Document, status: int) -> Iterator[str]:
    takes = {parameter["name"].lower() for parameter in operation.get("parameters", [])}
    if status == 401:
        yield "WWW-Authenticate"
    if status in (429, 503):
        yield "Retry-After"
    if method == "post" and status in (200, 201, 202):
        yield from ("ETag", "Idempotency-Replayed")
    if status == 201:
        yield "Location"
    if method == "get" and (status == 304 or (status == 200 and _is_tagged(operation))):
        yield "ETag"
    if method == "get" and status == 200 and {"cursor"} <= takes and "304" in operation["responses"]:
        yield "Link"


def _is_tagged(operation: Document) -> bool:
    """Whether a reading says which version it is of: read models do, and what is asked for by itself."""
    return "304" in operation["responses"] or any(one["in"] == "path" for one in operation.get("parameters", []))
