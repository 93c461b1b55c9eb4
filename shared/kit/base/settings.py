"""What a process is told by its environment: 12-factor settings, secrets from files."""

from functools import lru_cache
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.contracts.event import INSTANCE, SOURCE
from shared.kit.base.clock import Clock, DemoClock, SystemClock

ACCEPTED = rf"[a-z][a-z0-9_-]*\.[a-z][a-z0-9-]*={SOURCE}"
"""One consumer and one source that it accepts, as a pattern."""
REGION = r"^([0-9]{2} [^;,]{1,80}(; [0-9]{4} [^;,]{1,80})?)?$"
"""A province by Kemendagri's code and its name, and a kabupaten or kota of it."""
ORIGIN = r"https?://[a-z0-9.-]+(:[0-9]{1,5})?"
"""An origin as browsers name it: neither a path nor a wildcard."""


class Settings(BaseSettings):
    """Read from `MKD_*`. A field that ends in `_file` names a file that holds one secret. Where traces are sent is what
    OpenTelemetry's own `OTEL_EXPORTER_OTLP_ENDPOINT` says; without it they are sent nowhere."""

    model_config = SettingsConfigDict(env_prefix="MKD_", extra="ignore")

    instance: str = Field(pattern=f"^{INSTANCE}$", description="Name of this instance, as in event sources")
    time_zone: str = Field(default="Asia/Jakarta", description="Where the instance is: its calendar day for roles")
    demo: bool = Field(default=False, description="Marks an instance that holds no real person's data")
    demo_clock_file: Path | None = Field(default=None, description="Simulated business time; demo instances only")

    mongo_url: str = Field(description="mongodb:// address of a replica set, without credentials")
    mongo_user: str | None = None
    mongo_password_file: Path | None = None

    mongo_tls: bool = Field(default=False, description="Whether MongoDB is reached over TLS")
    mongo_ca_file: Path | None = Field(
        default=None, description="Who vouches for MongoDB's certificate, if not the system"
    )

    kafka_bootstrap: str = Field(description="host:port, comma-separated")
    kafka_user: str | None = Field(default=None, description="SCRAM-SHA-512 principal; none means no authentication")
    kafka_password_file: Path | None = None
    kafka_tls: bool = Field(default=False, description="Whether Kafka is reached over TLS")
    kafka_ca_file: Path | None = Field(
        default=None, description="Who vouches for Kafka's certificate, if not the system"
    )
    topic_prefix: str = Field(default="", pattern=r"^([a-z0-9-]+\.)?$", description="Before topics, groups, databases")

    accepted_sources: str = Field(
        default="",
        pattern=rf"^({ACCEPTED}(,{ACCEPTED})*)?$",
        description="Whose events a consumer accepts besides those of this instance: <consumer>=/<instance>/<service>, "
        "comma-separated",
    )

    worker_id: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9._-]{1,60}$",
        description="Names this worker among those of its service, so that it takes its partitions up again at once",
    )

    issuer: str = Field(pattern=r"^https?://\S+[^/\s]$", description="The OpenID Connect issuer this instance trusts")
    audience: str = Field(description="The audience that tokens must name")
    admin_subject: str | None = Field(default=None, description="Subject that may load the first reference data")
    operator_subjects: str = Field(
        default="", description="Subjects that may see and mend what the software does; comma-separated"
    )

    rejected_in_a_row_max: int = Field(
        default=50,
        ge=1,
        description="So many records of a topic in a row stop the consumer that rejects them",
    )
    rejected_percent_max: int = Field(
        default=50, ge=1, le=100, description="Such a share of the last records of a topic stops it as well"
    )
    rejected_of_last: int = Field(default=200, ge=1, description="How many records those are")

    hosts: str = Field(
        default="", description="Names that the APIs are reached by, besides loopback's; comma-separated, `*` for any"
    )
    cors_origins: str = Field(
        default="",
        pattern=rf"^({ORIGIN}(,{ORIGIN})*)?$",
        description="Origins whose pages may read the APIs, exactly as browsers name them; comma-separated",
    )
    open_figures: bool = Field(
        default=False, description="Whether anybody may read, without signing in, what every employee may"
    )
    open_region: str = Field(
        default="",
        pattern=REGION,
        description="Codes and names of the region in open data: `32 Jawa Barat`, or `32 Jawa Barat; 3216 Bekasi`",
    )
    calls_per_minute: int = Field(
        default=3000, ge=1, description="Of one subject; all of a minute's at once if need be"
    )
    strangers_per_minute: int = Field(default=600, ge=1, description="Calls of one address that show no good token")

    @model_validator(mode="after")
    def _only_a_demo_may(self) -> Self:
        if self.demo_clock_file and not self.demo:
            raise ValueError("MKD_DEMO_CLOCK_FILE is for demo instances: this one is not marked as one (MKD_DEMO)")
        if self.mongo_ca_file and not self.mongo_tls:
            raise ValueError("MKD_MONGO_CA_FILE is for MongoDB over TLS: say so (MKD_MONGO_TLS)")
        if self.issuer.startswith("http://") and not self.demo:
            raise ValueError("MKD_ISSUER must be an https address: only a demo instance may use http")
        if self.rejected_in_a_row_max > self.rejected_of_last:
            raise ValueError("MKD_REJECTED_OF_LAST must be at least MKD_REJECTED_IN_A_ROW_MAX")
        return self

    def accepted(self) -> dict[str, frozenset[str]]:
        """The sources that are accepted besides this instance's own, by consumer."""
        stated = [one.split("=") for one in self.accepted_sources.split(",") if one]
        return {name: frozenset(source for to, source in stated if to == name) for name, _ in stated}

    def operators(self) -> frozenset[str]:
        """The subjects of those who operate this instance."""
        return frozenset(one.strip() for one in self.operator_subjects.split(",") if one.strip())

    def origins(self) -> list[str]:
        """The origins whose pages may read the APIs."""
        return [one for one in self.cors_origins.split(",") if one]

    def clock(self) -> Clock:
        """The business clock of this process."""
        return DemoClock(self.demo_clock_file) if self.demo_clock_file else SystemClock()


def secret(file: Path | None) -> str | None:
    """The secret in a file, without the line end that editors add."""
    return file.read_text().strip() if file else None


@lru_cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
