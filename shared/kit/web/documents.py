"""What FastAPI cannot know of our answers, put into its OpenAPI document: summaries, problems, headers, conventions."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from shared.kit.web.problems import MEDIA_TYPE

Document = dict[str, Any]
PROBLEM = "#/components/schemas/Problem"
UNSAID = "Successful Response"
HEADERS: Mapping[str, str] = {
    "Changes-Since": "A point that was passed before this was read, for `since` of `GET /v1/changes`.",
    "ETag": "The version of the resource: for `If-Match` of a command on it, or `If-None-Match` of the next read.",
    "Link": "The next page, as `rel=next` (RFC 8288); absent on the last page.",
    "Location": "Path of the resource that was created.",
    "Idempotency-Replayed": "`true` if the command had been carried out before under the same key; absent otherwise.",
    "Retry-After": "Whole seconds to wait before the next attempt.",
    "WWW-Authenticate": "`Bearer`, the only scheme that is accepted.",
}
SOMETIMES = {"Changes-Since", "Idempotency-Replayed", "Link"}
CONVENTIONS = """## Conventions

- **Authentication**: `Authorization: Bearer` with an access token (RFC 9068) of the instance's OpenID Connect issuer.
The token proves identity alone; roles (`organisation_admin`, `personnel_agency`, `analyst`) and the relation of a
superior to an employee are read from the service's own records at the time of the call.
- **Service accounts**: a program reads figures with tokens of its own (OAuth's client credentials), once the personnel
agency has recorded it, within its scope and until its end. Operations that answer it say so (`x-service-accounts`, with
the kind of their figures); all others refuse it with 403 `account-reads-figures`. It reads what everybody on record may
read of published months; a unit outside its scope, or a sum of all units that is not its, is refused with 403
`account-units-only`.
- **Language**: `Accept-Language` chooses Indonesian (`id`, the default) or English (`en`) for sentences; codes stay.
- **Problems**: every refusal is `application/problem+json` (RFC 9457). `errors` lists each rule that was broken, with a
JSON Pointer into the body or `query:`, `path:` or `header:` and a name. Decide on `rule`, which is stable; sentences
may change. `GET /problems/{rule}` explains a rule in both languages.
- **Commands** (`POST`) need an `Idempotency-Key`. The same key with the same call is carried out once, and answered
again with `Idempotency-Replayed: true`; with another call it is refused as `idempotency-key-reused`. A `POST` that ends
in `:check` is a question, and is sent without a key. So are commands of operators (`:retry`, `:discard`, `:resume`),
which change nothing more when they are sent again.
- **Versions**: a command that takes `If-Match` names the `ETag` that it is based on. Without it the answer is 428
`version-missing`; if the resource has changed since, 412 `version-changed`.
- **Reads** of figures carry an `ETag`; with `If-None-Match` an unchanged one is answered 304 without a body. Lists come
in pages: pass `next_cursor` as `cursor` with the same filters until it is null. Lists of figures are also given as CSV
(RFC 4180) for `format=csv` or `Accept: text/csv`, with the next page in `Link`. Each `GET` has its `HEAD`.
- **Changes**: `GET /v1/changes` tells at once that something which you may read has changed. Read a page, then follow
from the point in its `Changes-Since`: nothing between both is missed.
- **Compression**: larger answers to `GET` are compressed for `Accept-Encoding: gzip`; their `ETag` is then weak
(`W/"..."`), and is taken by `If-None-Match` as it is. What commands change by its version is sent as it is.
- **Pages of other origins** may read where the instance names their origin (`MKD_CORS_ORIGINS`), with a token in
`Authorization`; cookies are unknown here.
- **Time**: a `date` is a calendar day in the time zone of the unit concerned, such as `2026-09-07`. A `date-time` is
RFC 3339 with an offset. A month is `YYYY-MM`, a week `YYYY-Www` (ISO 8601).
- **Numbers**: money is integer sen, 1/100 rupiah. Other quantities carry their unit in the name (`_km`, `_minutes`,
`watt_hours`, `microlitres`, `grams_co2e`, `_ppm`). Decimals are strings in answers.
- **Unknown input** is refused: a field as `field-invalid`, a parameter as `parameter-unknown`.
- **Personal data**: employees are named by opaque ids.
"""


def completed(document: Document) -> Document:
    """The document of an API as it really answers."""
    info = document["info"]
    info["description"] = f"{info['description']}\n\n{CONVENTIONS}"
    schemas = document["components"]["schemas"]
    for operations in document["paths"].values():
        for method, operation in operations.items():
            summary, _, operation["description"] = operation.get("description", "").partition("\n\n")
            operation["summary"] = summary.removesuffix(".")
            for status, response in operation["responses"].items():
                _as_problem(response)
                if response.get("description") == UNSAID:
                    response["description"] = _about(response, schemas)
                if names := [*response.get("headers", ()), *_headers(method, operation, int(status))]:
                    response["headers"] = {name: _header(name) for name in names}
    _unwrap(document)
    return document


def _about(response: Document, schemas: Document) -> str:
    """What an answer holds: the first sentence of its schema's description."""
    schema = response.get("content", {}).get("application/json", {}).get("schema", {})
    described = schemas.get(schema.get("$ref", "").rpartition("/")[2], {}).get("description", "")
    return re.split(r"(?<=\.)\s", described, maxsplit=1)[0]


def _unwrap(part: Any) -> None:
    """Lines of a description that were broken for the reader of code are put together; items and tables stay."""
    if isinstance(part, list):
        for one in part:
            _unwrap(one)
    elif isinstance(part, dict):
        for name, value in part.items():
            if name in ("description", "summary") and isinstance(value, str):
                part[name] = re.sub(r"(?<!\n)\n(?![\n|-])", " ", value.strip())
            else:
                _unwrap(value)


def _as_problem(response: Document) -> None:
    """FastAPI documents every model in the form in which the operation answers; ours are problems."""
    content: Document = response.get("content", {})
    schema: Document = next((of.get("schema", {}) for of in content.values()), {})
    if schema.get("$ref") == PROBLEM:
        response["content"] = {MEDIA_TYPE: {"schema": schema}}


def _headers(method: str, operation: Document, status: int) -> Iterator[str]:
    takes = {parameter["name"].lower() for parameter in operation.get("parameters", [])}
    if status == 401:
        yield "WWW-Authenticate"
    if status in (429, 503):
        yield "Retry-After"
    if "if-match" in takes and status in (200, 201):
        yield from ("ETag", "Idempotency-Replayed")
    if method == "get" and status in (200, 304) and "text/event-stream" not in operation["responses"]["200"]["content"]:
        yield "Changes-Since"
    if method == "get" and status in (200, 304) and "304" in operation["responses"]:
        yield "ETag"
        if "cursor" in takes:
            yield "Link"


def _header(name: str) -> Document:
    always = {} if name in SOMETIMES else {"required": True}
    return {"description": HEADERS[name], "schema": {"type": "string"}, **always}
