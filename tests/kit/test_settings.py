"""What a process is told, and what it does not accept."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from deploy.base.failure import Failure
from deploy.demo.month import set_clock
from deploy.local.issuer import issuer
from shared.kit.base.clock import SystemClock, local_date
from shared.kit.base.settings import Settings, secret

USUAL: dict[str, Any] = {
    "instance": "jabar",
    "mongo_url": "mongodb://db.example/?replicaSet=rs0",
    "kafka_bootstrap": "kafka.example:9092",
    "issuer": "https://sso.example/realms/mkd",
    "audience": "mkd-jabar",
}


def test_an_instance_is_no_demo_unless_it_is_marked_as_one(tmp_path: Path) -> None:
    assert isinstance(Settings(**USUAL).clock(), SystemClock)
    with pytest.raises(ValidationError, match="MKD_DEMO"):
        Settings(**USUAL, demo_clock_file=tmp_path / "clock")


@pytest.mark.parametrize(
    "origins", ["*", "https://a.example/", "https://*.example", "null", "a.example", "https://a b"]
)
def test_only_exact_origins_are_named(origins: str) -> None:
    with pytest.raises(ValidationError, match="cors_origins"):
        Settings(**USUAL, cors_origins=origins)
    two = "https://a.example,http://localhost:5173"
    assert Settings(**USUAL, cors_origins=two).origins() == two.split(",")
    assert Settings(**USUAL).origins() == []


def test_only_a_demo_takes_tokens_of_an_issuer_without_tls() -> None:
    with pytest.raises(ValidationError, match="https"):
        Settings(**USUAL | {"issuer": "http://sso.example"})


@pytest.mark.parametrize("demo", [{"demo": False}, {"demo": True, "issuer": "https://sso.example"}])
def test_the_demo_issuer_refuses_to_serve_anything_else(demo: dict[str, Any]) -> None:
    with pytest.raises(Failure, match="demo instances on loopback only"):
        issuer(Settings(**USUAL | demo), b"", "secret")


def test_business_time_follows_the_file_and_tokens_do_not(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    clock = Settings(**USUAL, demo=True, demo_clock_file=file).clock()
    assert abs((clock.now() - datetime.now(UTC)).total_seconds()) < 5
    for moment in (datetime(2026, 9, 7, 1, tzinfo=UTC), datetime(2026, 9, 7, 2, tzinfo=UTC)):
        set_clock(file, moment)
        assert clock.now() == moment


def test_a_day_begins_at_another_moment_in_each_zone() -> None:
    moment = datetime(2026, 9, 6, 16, tzinfo=UTC)
    zones = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
    assert [local_date(moment, zone).day for zone in zones] == [6, 7, 7]


def test_a_secret_is_read_without_its_line_end(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("s3cret\n")
    assert secret(file) == "s3cret"
    assert secret(None) is None


@pytest.mark.parametrize("wrong", [{"instance": "Jawa Barat"}, {"topic_prefix": "no-dot"}, {"issuer": "sso.example"}])
def test_settings_that_cannot_be_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Settings(**USUAL | wrong)
