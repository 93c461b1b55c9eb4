"""What integrators read: every operation, parameter, field, event and refusal is described, and examples are valid."""

import re
from collections.abc import Iterator
from functools import cache, reduce
from operator import or_
from typing import Any

import jsonschema
import pytest
from fastapi.routing import APIRoute

from deploy.documents.contracts import NOWHERE, breaks
from deploy.provision.resources import services
from shared.contracts.requests import RequestSubmitted
from shared.kit.base.catalogue import KIT
from shared.kit.process.asyncapi import asyncapi
from shared.kit.process.service import Service
from shared.kit.web import app as http
from shared.kit.web import operation

Document = dict[str, Any]
VERBS = (
    "Approve Change Check Confirm Count Decide Discard Download Drop End Erase Explain Export Follow Import List Open "
    "Preview Publish Record Reject Report Resume Retry Return Revoke Show Submit Verify Withdraw"
)
NOT_RULES = {
    "date-time",
    "day-off",
    "employee-renamed",
    "look-again",
    "own-month",
    "letters-open",
    "factor-set",
    "p10-p90",
    "worst-with-worst",
    "x-service-accounts",
    "request-submitted",
}
"""What looks like a rule in a description and is a value."""

WITHOUT_KEY = (":check", ":search", ":retry", ":discard", ":resume")
"""Questions, and commands that change nothing more when they are sent again."""

UNDESCRIBED: set[str] = set()
"""Properties that need no description."""

ASKING = re.compile(r"(Whether|Who|Whose|Whom|What|Where|When|Why|How|Which)\b")
NEGATION = re.compile(r"\b(not|no|never|nobody|nothing|none|without|neither|nor|cannot|unless)\b", re.IGNORECASE)


@cache
def openapi(name: str) -> Document:
    return http.api(next(one for one in services() if one.name == name), NOWHERE).openapi()


def operations(service: Service) -> Iterator[tuple[str, str]]:
    """The path and the verb of each, from the routes: a document takes much longer to make."""
    for router in (*service.routers, operation.router):
        for route in router.routes:
            if isinstance(route, APIRoute) and route.include_in_schema:
                yield from ((route.path_format, method.lower()) for method in sorted(route.methods or ()))


OPERATIONS = [
    pytest.param(service, path, method, id=f"{method} {path} of {service.name}")
    for service in services()
    for path, method in operations(service)
]
of_each_service = pytest.mark.parametrize("service", services(), ids=lambda service: service.name)


def properties(schema: Any, at: str) -> Iterator[tuple[str, Document]]:
    """Every property of a schema and of what it holds."""
    if isinstance(schema, list):
        for one in schema:
            yield from properties(one, at)
    elif isinstance(schema, dict):
        for name, one in schema.get("properties", {}).items():
            yield f"{at}.{name}", one
        for name, part in schema.items():
            if name not in ("examples", "example"):
                yield from properties(part, f"{at}.{name}" if name not in ("properties", "$defs") else at)


def described(document: Document) -> Iterator[tuple[str, str]]:
    """All descriptions of a document, with where they stand."""
    for name, part in document.items():
        if name == "description" and isinstance(part, str):
            yield name, part
        elif isinstance(part, dict):
            yield from ((f"{name}.{at}", text) for at, text in described(part))
        elif isinstance(part, list):
            for one in part:
                if isinstance(one, dict):
                    yield from ((f"{name}.{at}", text) for at, text in described(one))


def lacking(document: Document, where: str) -> set[str]:
    found = {at for at, one in properties(document, where) if not one.get("description")}
    return {at for at in found if at.rpartition("schemas.")[2] not in UNDESCRIBED}


def examples_of(content: Document, schemas: Document) -> list[Any]:
    schema: Document = content["schema"]
    target: Document = schemas.get(schema.get("$ref", "").rpartition("/")[2], schema)
    return [content["example"]] if "example" in content else target.get("examples", [])


@of_each_service
def test_every_operation_of_a_document_is_looked_at(service: Service) -> None:
    documented = [(path, method) for path, one in openapi(service.name)["paths"].items() for method in one]
    assert sorted(operations(service)) == sorted(documented)


@pytest.mark.parametrize(("service", "path", "method"), OPERATIONS)
def test_an_operation_says_what_it_does_and_for_whom(service: Service, path: str, method: str) -> None:
    operation = openapi(service.name)["paths"][path][method]
    assert operation["summary"].split()[0] in VERBS.split()
    assert len(operation["summary"]) <= 70
    assert operation["description"].startswith("For ")
    assert operation["tags"]
    assert {tag["name"] for tag in openapi(service.name)["tags"]} >= set(operation["tags"])
    assert all(one.get("description") for one in operation.get("parameters", []))


@pytest.mark.parametrize(("service", "path", "method"), OPERATIONS)
def test_an_operation_says_how_it_answers_and_refuses(service: Service, path: str, method: str) -> None:
    operation = openapi(service.name)["paths"][path][method]
    responses = operation["responses"]
    takes = {one["name"].lower() for one in operation.get("parameters", [])}
    assert {"400", "401", "403", "422", "429", "503"} <= responses.keys()
    assert not {"idempotency-key"} - takes or method == "get" or path.endswith(WITHOUT_KEY)
    assert ("if-match" in takes) == ({"412", "428"} <= responses.keys())
    for status, response in responses.items():
        assert response["description"] not in ("", "Successful Response"), status
        if status >= "400":
            assert response["content"].keys() == {"application/problem+json"}, status
        assert all(header["description"] for header in response.get("headers", {}).values())
    if "409" in responses:
        assert re.search(r"`[a-z]+(-[a-z]+)+`[^.]*\(409\)|409 `[a-z]+(-[a-z]+)+`", operation["description"])


@of_each_service
def test_every_rule_that_a_description_names_is_one(service: Service) -> None:
    messages = reduce(or_, (one.messages for one in services()), KIT)
    named = {
        rule for _, text in described(openapi(service.name)) for rule in re.findall(r"`([a-z]+(?:-[a-z]+)+)`", text)
    }
    assert {rule for rule in named - NOT_RULES if rule not in messages} == set()


@of_each_service
def test_every_property_and_schema_of_an_api_is_described(service: Service) -> None:
    document = openapi(service.name)
    assert lacking(document, service.name) == set()
    schemas = document["components"]["schemas"]
    assert {name for name, schema in schemas.items() if not schema.get("description")} == set()


@of_each_service
def test_every_event_and_field_is_described(service: Service) -> None:
    document = asyncapi(service)
    assert lacking(document, service.name) == set()
    components = document["components"]
    assert {name for name, schema in components["schemas"].items() if not schema.get("description")} == set()
    assert all(message["summary"] and message["description"] for message in components["messages"].values())


@of_each_service
def test_descriptions_state_and_do_not_ask(service: Service) -> None:
    """No indirect question, and one negation at most in a sentence. The guide to sheets is for people."""
    for document in (openapi(service.name), asyncapi(service)):
        for at, text in described(document):
            stated = re.sub(r"`[^`]*`", "", text.partition("The guide for those who fill in sheets:")[0])
            assert not ASKING.match(stated), (at, text)
            for sentence in re.split(r"[.;:]\s", stated):
                assert len(NEGATION.findall(sentence)) <= 1, (at, sentence)


@pytest.mark.parametrize(("service", "path", "method"), OPERATIONS)
def test_examples_of_bodies_are_valid(service: Service, path: str, method: str) -> None:
    document = openapi(service.name)
    content = document["paths"][path][method].get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return
    schema = {**content["schema"], "components": document["components"]}
    if "anyOf" in schema:  # a body that may be left out
        content = {"schema": next(one for one in schema["anyOf"] if "$ref" in one)}
    examples = examples_of(content, document["components"]["schemas"])
    assert examples
    for example in examples:
        jsonschema.validate(example, schema)


@of_each_service
def test_examples_of_schemas_are_valid(service: Service) -> None:
    document = openapi(service.name)
    for name, schema in document["components"]["schemas"].items():
        for example in schema.get("examples", []):
            target = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
            jsonschema.validate(example, target, format_checker=jsonschema.FormatChecker())


def test_the_example_of_a_problem_names_a_rule_that_there_is() -> None:
    document = openapi("requests")
    (example,) = document["components"]["schemas"]["Problem"]["examples"]
    assert example["errors"][0]["rule"] in KIT | next(one for one in services() if one.name == "requests").messages


def test_another_description_of_an_event_breaks_nothing() -> None:
    schema = RequestSubmitted.model_json_schema()
    other = RequestSubmitted.model_json_schema()
    other["description"] = other["properties"]["days"]["description"] = "Said otherwise."
    del other["properties"]["policy_id"]["description"]
    assert schema != other
    assert breaks(schema, other) == []
