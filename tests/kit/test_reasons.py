"""Why a value is not taken is said in the reader's language, with the choices and the limits, and names the field."""

import importlib
import inspect
import pkgutil
import re
from enum import StrEnum
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError
from pydantic_core.core_schema import ErrorType

import services
from shared.contracts.organisation import Role
from shared.kit.base.catalogue import KIT, LANGUAGES, VALUES
from shared.kit.base.reasons import FIELD_REASONS, reason
from shared.kit.web.bodies import Body
from tests.harness.platform import Platform
from tests.harness.town import open_town, subject

NEVER_OF_WHAT_IS_SENT = re.compile(
    r"arguments?_type|.*_argument|.*_keyword_argument|unexpected_.*|multiple_argument_values|is_(instance|subclass)_of|"
    r"callable_type|dataclass.*|named_tuple_type|no_such_attribute|get_attribute_error|needs_python_object|frozen_field|"
    r"frozen_instance|default_factory_not_called|iteration_error|(frozen|ordered)_dict_type|counter_type|deque_type|"
    r"missing_sentinel_error|ellipsis_error|(fraction|complex)_.*"
)
"""Reasons that concern Python's own objects."""


def _modules() -> list[Any]:
    return [importlib.import_module(m.name) for m in pkgutil.walk_packages(services.__path__, "services.")]


BODIES = sorted(
    {
        model
        for module in _modules()
        for _, model in inspect.getmembers(module, inspect.isclass)
        if issubclass(model, Body) and model is not Body
    },
    key=lambda model: model.__qualname__,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("2026-09-07"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def test_every_reason_has_an_indonesian_sentence() -> None:
    kinds = {kind for kind in get_args(ErrorType) if not NEVER_OF_WHAT_IS_SENT.fullmatch(kind)}
    assert kinds - FIELD_REASONS.keys() == set()
    assert FIELD_REASONS.keys() - set(get_args(ErrorType)) == set()


@pytest.mark.parametrize("model", BODIES, ids=lambda model: model.__qualname__)
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_reason_is_left_in_english(model: type[BaseModel], data: st.DataObject) -> None:
    """Whatever is wrong with a body, field by field and as a whole."""
    sent: dict[str, Any] = {name: data.draw(JSON, name) for name in model.model_fields if data.draw(st.booleans())}
    try:
        model.model_validate(data.draw(st.just(sent) | JSON))
    except ValidationError as wrong:
        for error in wrong.errors():
            assert error["type"] in FIELD_REASONS, error
            said = reason(error["type"], error["msg"], "id")
            assert not re.search(r"[Ii]nput|should|valid\b|\{|\}", said.partition(":")[0]), said


@pytest.mark.parametrize(
    ("kind", "english", "indonesian"),
    [
        ("enum", "Input should be 'mine' or 'led'", "bukan salah satu pilihan: 'mine' atau 'led'"),
        ("less_than_equal", "Input should be less than or equal to 200", "terlalu besar: paling besar 200"),
        ("string_too_long", "String should have at most 60 characters", "terlalu panjang: paling banyak 60 karakter"),
        ("too_short", "List should have at least 1 item after validation, not 0", "terlalu sedikit: paling sedikit 1"),
        ("string_pattern_mismatch", "String should match pattern '^a$'", "bentuknya tidak sesuai"),
        ("string_too_long", "of ours, without a number", "terlalu panjang"),
        ("of a library to come", "Input should be new", "tidak sah"),
    ],
)
def test_choices_and_limits_are_named_in_both(kind: str, english: str, indonesian: str) -> None:
    assert reason(kind, english, "id") == indonesian
    assert reason(kind, english, "en") == english


async def test_a_refusal_names_the_field_and_the_choices(memory: Platform) -> None:
    await open_town(memory)
    client = memory.apis.clients["performance"]
    for language, said in (("id", "bukan salah satu pilihan: "), ("en", "Input should be ")):
        headers = {"Authorization": f"Bearer {memory.token(subject('ani'))}", "Accept-Language": language}
        whole = (await client.get("/v1/plans?whose=x&limit=0", headers=headers)).json()
        assert [item["pointer"] for item in whole["errors"]] == ["query:whose", "query:limit"]
        assert f"{said}'mine'" in whole["errors"][0]["detail"]
        assert all(item["pointer"].partition(":")[2] in whole["detail"] for item in whole["errors"])


def test_what_a_sentence_names_by_its_code_has_words() -> None:
    subjects = ("requests.request", "approvals.case", "performance.plan")
    states = [importlib.import_module(f"services.{name}.model") for name in subjects]
    named = [kind for module in states for _, kind in inspect.getmembers(module, inspect.isclass)]
    kinds: list[Any] = [kind for kind in named if issubclass(kind, StrEnum) and kind is not StrEnum]
    values = {member.value for kind in [Role, *kinds] for member in list(kind)}
    assert len(values) > 8
    assert {value for value in values if value not in VALUES} == set()


def test_roles_are_said_in_words() -> None:
    facts = {"role": (Role.PERSONNEL_AGENCY, Role.ANALYST)}
    assert [KIT.text(language, "role-missing", facts) for language in LANGUAGES] == [
        "Hal ini memerlukan peran badan kepegawaian / analis.",
        "This needs the role personnel agency / analyst.",
    ]
