"""What holds the house: each contract of the linter breaks on what it is there for, on a tree of its own."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.base.failure import Failure
from deploy.base.home import ROOT, SERVICES, services_in
from deploy.checks import typed

TOPS = ("services", "shared", "deploy", "demo")
BESIDE_APP = {
    *("__init__", "app", "subscriptions", "changes", "access", "presence", "lock"),
    *("pages", "reach", "following", "served", "settings"),
}
HOUSES = (*SERVICES, "portal")
"""What several subjects of a service share stands beside its `app.py`, and is little."""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's code, to be spoilt."""
    folder = tmp_path_factory.mktemp("tree")
    for top in TOPS:
        shutil.copytree(ROOT / top, folder / top, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def broken(tree: Path) -> set[str]:
    """The contracts that do not hold."""
    lint = "from importlinter.cli import lint_imports_command as c; c(['--no-cache'])"
    done = subprocess.run([sys.executable, "-c", lint], cwd=tree, capture_output=True, text=True, check=False)
    told = {line.removesuffix(" BROKEN") for line in done.stdout.splitlines() if line.endswith(" BROKEN")}
    assert bool(told) == bool(done.returncode), done.stdout + done.stderr
    return told


def test_as_it_stands_it_holds(tree: Path) -> None:
    assert broken(tree) == set()


@pytest.mark.parametrize(
    ("file", "text", "contract"),
    [
        ("services/requests/week/helpers.py", "", "A subject has rooms of this list, in this order"),
        ("services/requests/week/model.py", "from services.requests.week import api\n", "A subject has rooms of this"),
        ("services/requests/week/value.py", "import pymongo\n", "Pure rooms do no I/O"),
        ("services/savings/category/variants/water.py", "import httpx\n", "Pure rooms do no I/O"),
        ("services/requests/policy/value.py", "from services.requests.week import value\n", "Subjects of a service"),
        ("services/savings/month/api.py", "from services.requests.week import value\n", "Services never import each"),
        ("services/savings/month/api.py", "import aiokafka\n", "An API never touches Kafka"),
        ("shared/kit/base/clock.py", "from shared.kit.web import pages\n", "The kit's wings, in this order"),
        ("shared/kit/cellar/__init__.py", "", "The kit's wings, in this order"),
        ("shared/kit/web/pages.py", "from shared.people import directory\n", "Services stand on the shared kernel"),
    ],
)
def test_a_contract_breaks_on_what_it_is_there_for(tree: Path, file: str, text: str, contract: str) -> None:
    spoilt = tree / file
    before = spoilt.read_text() if spoilt.exists() else None
    spoilt.parent.mkdir(exist_ok=True)
    spoilt.write_text((before or "") + "\n" + text)
    try:
        assert any(name.startswith(contract) for name in broken(tree)), file
    finally:
        if before is None:
            spoilt.unlink()
            if not any(spoilt.parent.iterdir()):
                spoilt.parent.rmdir()
        else:
            spoilt.write_text(before)


def test_a_core_that_becomes_looser_is_told(tree: Path) -> None:
    spoilt = tree / "services" / "approvals" / "case" / "decide.py"
    before = spoilt.read_text()
    spoilt.write_text(before + "\n\ndef loose(found: Any) -> Any:\n    return cast(found['status'])\n")
    told = typed.faults(tree)
    spoilt.write_text(before)
    assert [fault.partition(" of approvals: ")[2] for fault in told] == [
        "1, and at most 0",
        "2, and at most 0",
        "1, and at most 0",
    ]
    assert typed.faults() == []


@pytest.mark.parametrize("service", HOUSES)
def test_beside_app_stands_little(service: str) -> None:
    assert {file.stem for file in (ROOT / "services" / service).glob("*.py")} <= BESIDE_APP


@pytest.mark.parametrize("service", HOUSES)
def test_messages_are_data_and_no_subject(service: str) -> None:
    folder = ROOT / "services" / service / "messages"
    assert {file.name for file in folder.iterdir() if file.name != "__pycache__"} == {"id.json", "en.json"}


@pytest.mark.parametrize("service", SERVICES)
def test_containers_name_every_service(service: str) -> None:
    """What is not found by itself, since compose cannot look."""
    compose = (ROOT / "deploy" / "compose.yaml").read_text()
    for name in (
        f"&{service} {{image",
        f"  {service}-api:",
        f"  {service}-worker:",
        f"  kafka-{service}:",
        f"  mongo-{service}:",
    ):
        assert name in compose
    assert f" {service}" in (ROOT / "deploy" / "make-secrets").read_text()


def test_a_service_is_found_by_its_folder(tmp_path: Path) -> None:
    for name, number in (("later", 12), ("first", 2)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f'"""A service."""\n\nNUMBER = {number}\n')
    assert services_in(tmp_path) == ("first", "later")
    (tmp_path / "first" / "__init__.py").write_text("NUMBER = 12\n")
    with pytest.raises(Failure, match="same number: first, later"):
        services_in(tmp_path)


def test_an_api_has_nothing_to_do_with_kafka() -> None:
    """Nor does it wait, when it starts, for what only a worker needs."""
    apps = ", ".join(f"services.{service}.app" for service in SERVICES)
    told = subprocess.run(
        [sys.executable, "-c", f"import sys, {apps}; print({{'aiokafka', 'faststream'}} & sys.modules.keys())"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "set()"
