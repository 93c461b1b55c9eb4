"""Where a local stack keeps everything it writes, and which ports it listens on: `.mkd/` and a base port."""

import os
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SERVICES = ("organisation", "requests", "approvals", "performance", "savings")
DEFAULT_PORT_BASE = 18100


CACHE = ROOT / ".mkd" / "cache"
"""What was fetched; every stack of the checkout shares it."""


@dataclass(frozen=True)
class Home:
    """One local stack on this machine."""

    path: Path
    port_base: int
    workers: int = 1
    """How many workers each service has."""

    @classmethod
    def default(cls) -> "Home":
        """The checkout's own, unless `MKD_HOME` and `MKD_PORT_BASE` say otherwise."""
        path = Path(os.environ.get("MKD_HOME", ROOT / ".mkd" / "local"))
        base, workers = os.environ.get("MKD_PORT_BASE", DEFAULT_PORT_BASE), os.environ.get("MKD_WORKERS", 1)
        return cls(path, int(base), int(workers))

    @classmethod
    def demo(cls) -> "Home":
        """The demo's, apart from the checkout's own in data and ports."""
        own = cls.default()
        return cls(own.path.parent / "demo", own.port_base + 200, own.workers)

    @property
    def issuer_port(self) -> int:
        return self.port_base

    def api_port(self, service: str) -> int:
        return self.port_base + 1 + SERVICES.index(service)

    def worker_port(self, service: str, number: int = 1) -> int:
        return self.port_base + 1 + 10 * number + SERVICES.index(service)

    def worker_names(self, service: str) -> list[str]:
        """What the processes of a service's workers are called."""
        return [f"{service}-worker" + (f"-{number}" if number > 1 else "") for number in range(1, self.workers + 1)]

    @property
    def kafka_port(self) -> int:
        return self.port_base + 92

    @property
    def controller_port(self) -> int:
        return self.port_base + 93

    @property
    def mongo_port(self) -> int:
        return self.port_base + 17

    @property
    def ports(self) -> dict[str, int]:
        """Every port of the stack, by what listens on it."""
        return {
            "kafka": self.kafka_port,
            "kafka-controller": self.controller_port,
            "mongod": self.mongo_port,
            "issuer": self.issuer_port,
            **{f"{service}-api": self.api_port(service) for service in SERVICES},
            **{
                name: self.worker_port(service, number)
                for service in SERVICES
                for number, name in enumerate(self.worker_names(service), 1)
            },
        }

    def folder(self, *names: str) -> Path:
        """A folder of the stack's, private to this user, made when it is not there."""
        folder = self.path.joinpath(*names)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    def secret(self, name: str) -> Path:
        """A file with a secret, made up when it is first asked for; readable by this user alone."""
        file = self.folder("secrets") / name
        if not file.exists():
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as out:
                out.write(secrets.token_urlsafe(24))
        return file


def listening(port: int) -> bool:
    """Whether anything listens on a port of loopback."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
