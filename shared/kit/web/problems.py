"""How a failure is answered: RFC 9457 problem details that name the rule, the field, the limit and its source."""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field
from pymongo.errors import PyMongoError
from starlette.exceptions import HTTPException

from shared.kit.base.catalogue import KIT, Catalogue
from shared.kit.base.reasons import reason
from shared.kit.decisions.decider import Kind, Refused, Violation
from shared.kit.web.auth import Unauthenticated
from shared.kit.web.keys import IssuerUnreachable
from shared.kit.web.schemas import Schema

MEDIA_TYPE = "application/problem+json"
STATUS = {Kind.RULE: 422, Kind.STATE: 409, Kind.RIGHT: 403, Kind.MISSING: 404, Kind.STALE: 412}
NEEDED_HEADERS = {
    ("header", "idempotency-key"): (400, "idempotency-key-missing"),
    ("header", "if-match"): (428, "version-missing"),
}
BUSY_S = 2
QUOTA = "Week 2026-W37: at most 2 days away from the office; 1 is taken, this request asks for 2."
"""A sentence for the example of a problem."""

log = structlog.get_logger()


class ProblemItem(Schema):
    """One rule that was broken."""

    rule: str
    """Name of the rule, such as `weekly-quota`. Stable: decide on this."""

    pointer: str
    """Place in the input: a JSON Pointer (RFC 6901) into the body, or `query:`, `path:` or `header:` and a parameter's
    name; empty if the rule concerns the whole."""

    value: Any = None
    """The limit that the rule sets, or the value it compares with; null if there is none."""

    source: str = ""
    """Source of the rule, such as an article of a regulation; empty for rules of the interface itself."""

    detail: str
    """A sentence for people, in the language of the answer."""


class Problem(Schema):
    """Refusal of a call: problem details (RFC 9457)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "/problems/weekly-quota",
                    "title": "Breaks a rule",
                    "status": 422,
                    "detail": QUOTA,
                    "instance": "/v1/requests",
                    "trace": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                    "errors": [
                        {
                            "rule": "weekly-quota",
                            "pointer": "/days",
                            "value": 2,
                            "source": "SE 12/2026",
                            "detail": QUOTA,
                        }
                    ],
                }
            ]
        }
    )

    type: str
    """Path of the first rule's explanation, `/problems/{rule}`."""

    title: str
    """Meaning of the status, for people."""

    status: int
    """The HTTP status."""

    detail: str
    """All sentences of `errors`, for people."""

    instance: str
    """Path of the call."""

    trace: str
    """Trace context of the call (W3C `traceparent`), to be quoted in a report to the operator."""

    errors: list[ProblemItem] = Field(default_factory=list)
    """Every rule that was broken, the first one first."""


RULES: Mapping[int, Sequence[str]] = {
    400: ("request-unreadable", "body-broken-off", "host-missing", "idempotency-key-missing", "cursor-invalid"),
    401: ("token-missing", "token-invalid", "token-expired", "token-not-access"),
    403: ("unknown-person", "role-missing", "account-reads-figures", "account-not-in-force"),
    404: ("not-found",),
    408: ("body-too-slow",),
    412: ("version-changed",),
    413: ("body-too-large",),
    415: ("media-type",),
    422: (
        *("field-invalid", "body-invalid", "body-not-taken", "parameter-unknown", "parameter-twice"),
        *("idempotency-key-reused", "event-too-large"),
    ),
    428: ("version-missing",),
    429: ("too-many-calls", "too-many-at-once"),
    503: ("busy",),
}
"""Rules that any operation may refuse by, by status; further ones stand in its description."""


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI responses for the ways an operation can fail, besides those that all share."""
    said = (
        {400, 401, 403, 422, 429, 503, *statuses}
        | ({428} if 412 in statuses else set())
        | ({408} if 413 in statuses else set())
    )
    return {status: {"model": Problem, "description": _about(status)} for status in sorted(said)}


def _sending(status: int, *headers: str) -> dict[int | str, dict[str, Any]]:
    """OpenAPI response of an answer that carries headers which cannot be seen from its operation."""
    return {status: {"headers": {name: {} for name in headers}}}


VERSIONED = _sending(200, "ETag")
LOCATED = _sending(201, "Location")
PUBLISHED = _sending(201, "ETag", "Idempotency-Replayed")
CREATED = _sending(201, "ETag", "Idempotency-Replayed", "Location")


def _about(status: int) -> str:
    title = KIT.text("en", f"status-{status}")
    rules = ", ".join(f"`{rule}`" for rule in RULES.get(status, ()))
    return f"{title}: {rules}." if rules else f"{title}; the operation's description names the rules."


class Refusal(Exception):
    """An answer that a rule of HTTP itself asks for, such as a missing header. `wait_s` is when to come again."""

    def __init__(
        self, status: int, rule: str, *, pointer: str = "", value: Any = None, wait_s: int | None = None, **facts: Any
    ) -> None:
        super().__init__(rule)
        self.status = status
        wait_s = BUSY_S if status == 503 and wait_s is None else wait_s
        self.headers = {} if wait_s is None else {"Retry-After": str(wait_s)}
        self.violations = (Violation(rule, pointer, value, facts={"wait_s": wait_s, **facts}),)


def problem_response(
    request: Request, status: int, violations: Sequence[Violation], headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """A problem response in the reader's language."""
    body = _problem(request, status, violations).model_dump(mode="json")
    said = {"Content-Language": request.state.language, **(headers or {})}
    return JSONResponse(body, status, media_type=MEDIA_TYPE, headers=said)


def response_to(request: Request, why: Exception) -> JSONResponse:
    """What is said to a call that is refused, or that cannot be answered now."""
    match why:
        case Refused():
            return problem_response(request, STATUS[why.kind], why.violations)
        case Refusal():
            return problem_response(request, why.status, why.violations, why.headers)
        case Unauthenticated():
            return problem_response(request, 401, [Violation(why.rule)], {"WWW-Authenticate": "Bearer"})
    log.warning("not-reachable", reason=why, trace=request.state.trace)
    return problem_response(request, 503, [Violation("busy")], {"Retry-After": str(BUSY_S)})


def problem_of(request: Request, refused: Refused) -> Problem:
    """What a refusal is answered with, for one among many things asked in one call."""
    return _problem(request, STATUS[refused.kind], refused.violations)


def items_of(request: Request, violations: Sequence[Violation]) -> list[ProblemItem]:
    """Broken rules in the reader's language."""
    language = request.state.language
    messages: Catalogue = request.app.state.messages
    return [
        ProblemItem(
            rule=violation.rule,
            pointer=violation.pointer,
            value=violation.value,
            source=violation.source,
            detail=messages.text(language, violation.rule, {**violation.facts, "value": violation.value}),
        )
        for violation in violations
    ]


def _problem(request: Request, status: int, violations: Sequence[Violation]) -> Problem:
    items = items_of(request, violations)
    return Problem(
        type=f"/problems/{violations[0].rule}",
        title=KIT.text(request.state.language, f"status-{status}"),
        status=status,
        detail=" ".join(item.detail for item in items),
        instance=request.scope["path"],
        trace=request.state.trace,
        errors=items,
    )


def install(app: FastAPI) -> None:
    """Answer every failure of this app with a problem."""

    @app.exception_handler(Refused)
    @app.exception_handler(Refusal)
    @app.exception_handler(Unauthenticated)
    @app.exception_handler(PyMongoError)
    @app.exception_handler(IssuerUnreachable)
    async def refused(request: Request, why: Exception) -> JSONResponse:
        return response_to(request, why)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, invalid: RequestValidationError) -> JSONResponse:
        for error in invalid.errors():
            if error["type"] == "missing" and (needed := NEEDED_HEADERS.get(error["loc"])):
                return problem_response(request, needed[0], [Violation(needed[1])])
        return problem_response(
            request, 422, [field_violation(error, request.state.language) for error in invalid.errors()[:20]]
        )

    @app.exception_handler(HTTPException)
    async def http(request: Request, failed: HTTPException) -> JSONResponse:
        rules = {404: "no-such-address", 405: "method-not-allowed"}
        rule = Violation(rules.get(failed.status_code, "request-unreadable"))
        status = failed.status_code if f"status-{failed.status_code}" in KIT else 400
        return problem_response(request, status, [rule], failed.headers)

    @app.exception_handler(Exception)
    async def failed(request: Request, failed: Exception) -> JSONResponse:
        log.error("request-failed", trace=request.state.trace, exc_info=failed)
        return problem_response(request, 500, [Violation("failed", facts={"trace": request.state.trace})])


def field_violation(error: Mapping[str, Any], language: str) -> Violation:
    """Where pydantic found what wrong: a JSON Pointer (RFC 6901) into the body, or the parameter's name."""
    where, *rest = error["loc"] if error["type"] != "json_invalid" else ("body",)
    path = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in rest)
    name = path if where == "body" else path.lstrip("/")
    pointer = path if where == "body" else f"{where}:{name}"
    facts = {"field": name, "reason": reason(error["type"], error["msg"], language)}
    return Violation("field-invalid", pointer, facts=facts) if pointer else Violation("body-invalid", facts=facts)
