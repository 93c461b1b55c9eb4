"""What the portal is told by its environment."""

from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from shared.kit.base.settings import Settings

NAME = "portal"
"""Its name among the processes, and at the issuer where nothing else is said."""

CALLBACK = "/signed-in"
"""Where the issuer sends people back to."""

LOOPBACK = ("127.0.0.1", "localhost", "::1")
SERVICE = r"[a-z]+=https?://[^,/\s]+"
"""One service and where its API answers, as a pattern."""


class PortalSettings(Settings):
    """Read from `MKD_*`, beside what every process is told. The portal never touches Kafka, and is not told of it."""

    kafka_bootstrap: str = Field(default="", description="Not used")
    services: str = Field(
        pattern=rf"^{SERVICE}(,{SERVICE})*$", description="Where the APIs answer: <service>=<address>, comma-separated"
    )
    public_url: str = Field(pattern=r"^https?://[^/\s]+$", description="Address by which people reach the portal")
    client_id: str = Field(default=NAME, description="The portal's name at the issuer")
    client_secret_file: Path = Field(description="The portal's secret at the issuer")
    session_key_file: Path = Field(description="What tokens are encrypted with where they are kept")
    assets: Path | None = Field(default=None, description="Folder of npm's packages; none means pages without scripts")
    theme_file: Path | None = Field(default=None, description="Style sheet with an instance's own colours")
    idle_minutes: int = Field(default=30, ge=1, description="A session ends after so long without a call")
    absolute_hours: int = Field(default=10, ge=1, description="A session ends so long after it began")

    @model_validator(mode="after")
    def _reached_safely(self) -> Self:
        its = urlsplit(self.public_url)
        if its.scheme == "http" and its.hostname not in LOOPBACK:
            raise ValueError("MKD_PUBLIC_URL must be an https address: http is for loopback alone")
        self.hosts = ",".join(name for name in (self.hosts, its.hostname) if name)
        return self

    @property
    def apis(self) -> dict[str, str]:
        """Where each service's API answers."""
        stated = (one.partition("=") for one in self.services.split(","))
        return {name: address for name, _, address in stated}

    @property
    def cookie(self) -> str:
        """The session's cookie. Cookies know no ports, and two instances may share a machine."""
        port = urlsplit(self.public_url).port
        return "__Host-mkd" + (f"-{port}" if port else "")
