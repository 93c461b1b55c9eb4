"""Where a local stack keeps everything it writes, and which ports it listens on: `.mkd/` and a base port."""

import os
import re
import secrets
import socket
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from deploy.base.failure import Failure
from deploy.base.files import is_empty, write_whole

ROOT = Path(__file__).resolve().parents[2]
NUMBER = re.compile(r"^NUMBER = (\d+)$", re.MULTILINE)


def services_in(folder: Path) -> tuple[str, ...]:
    """The services of a folder: packages that have a number, in its order. Raises `Failure` where two have one."""
    told = {file.parent.name: NUMBER.search(file.read_text()) for file in sorted(folder.glob("*/__init__.py"))}
    numbers = {name: int(number[1]) for name, number in told.items() if number}
    if twice := [name for name, number in numbers.items() if Counter(numbers.values())[number] > 1]:
        cause = f"These services have the same number: {', '.join(twice)}."
        raise Failure(cause, "Give the newer one the next number that is free, in its __init__.py.")
    return tuple(sorted(numbers, key=lambda name: numbers[name]))


SERVICES = services_in(ROOT / "services")
DEFAULT_PORT_BASE = 18100
SERVICES_MAX, WORKERS_MAX = 12, 20
DEMO_PORTS_AFTER = 300
"""The demo's base port, after that of the stack: further than any port of `SERVICES_MAX` services of `WORKERS_MAX`."""

KAFKA_AFTER = 92
PORTAL_AFTER = 18
PORTS_BELOW = 65_536
SECRET_BYTES_MIN = 16

CACHE = ROOT / ".mkd" / "cache"
"""What was fetched; every stack of the checkout shares it."""


@dataclass(frozen=True)
class Home:
    """One local stack on this machine. Raises `Failure` where it could not be one."""

    path: Path
    port_base: int
    workers: int = 1
    """How many workers each service has."""

    is_demo: bool = False
    """Whether it is what `./mkd demo` plays in, and makes anew each time."""

    def __post_init__(self) -> None:
        if not 1 <= self.workers <= WORKERS_MAX:
            remedy = f"Set MKD_WORKERS to a number from 1 to {WORKERS_MAX}."
            raise Failure(f"A service cannot have {self.workers} workers.", remedy)
        ports = self.ports
        if self.port_base < 1 or max(ports.values()) >= PORTS_BELOW:
            cause = f"From the base {self.port_base} on there is no room for the ports of a stack."
            raise Failure(cause, f"Set MKD_PORT_BASE, such as to {DEFAULT_PORT_BASE}.")
        if twice := [port for port, count in Counter(ports.values()).items() if count > 1]:
            names = ", ".join(name for name, port in ports.items() if port in twice)
            raise Failure(f"These would listen on the same port: {names}.", "Have fewer services or workers.")

    @classmethod
    def default(cls) -> "Home":
        """The checkout's own, unless `MKD_HOME`, `MKD_PORT_BASE` and `MKD_WORKERS` say otherwise."""
        path = Path(os.environ.get("MKD_HOME") or ROOT / ".mkd" / "local")
        base, workers = _number("MKD_PORT_BASE", DEFAULT_PORT_BASE), _number("MKD_WORKERS", 1)
        return cls((ROOT / path.expanduser()).resolve(), base, workers)

    @classmethod
    def demo(cls) -> "Home":
        """The demo's, apart from the checkout's own in data and ports, and inside its folder."""
        own = cls.default()
        return cls(own.path / "demo", own.port_base + DEMO_PORTS_AFTER, own.workers, is_demo=True)

    @property
    def issuer_port(self) -> int:
        return self.port_base

    def api_port(self, service: str) -> int:
        return self.port_base + 1 + SERVICES.index(service)

    def worker_port(self, service: str, number: int = 1) -> int:
        """Blocks of `SERVICES_MAX`: six below Kafka's ports, the others after the first hundred."""
        block = 20 + SERVICES_MAX * (number - 1) if number <= 6 else 100 + SERVICES_MAX * (number - 7)
        return self.port_base + block + SERVICES.index(service)

    def worker_names(self, service: str) -> list[str]:
        """What the processes of a service's workers are called."""
        return [f"{service}-worker" + (f"-{number}" if number > 1 else "") for number in range(1, self.workers + 1)]

    @property
    def portal_port(self) -> int:
        return self.port_base + PORTAL_AFTER

    @property
    def kafka_port(self) -> int:
        return self.port_base + KAFKA_AFTER

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
            "portal": self.portal_port,
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
        """A file with a secret, made up when it is first asked for and when it has been lost; readable by this user
        alone."""
        file = self.folder("secrets") / name
        if is_empty(file) or len(file.read_bytes()) < SECRET_BYTES_MIN:
            write_whole(file, secrets.token_urlsafe(24).encode())
        return file


ONLY_DEMO = "MKD_ONLY_DEMO"


def demo_is_meant() -> bool:
    """Whether a command is about the demo, also where the checkout's own stack runs (`./mkd --demo …`)."""
    return os.environ.get(ONLY_DEMO) == "1"


def _number(name: str, usual: int) -> int:
    """A whole number of the environment. Raises `Failure`."""
    said = os.environ.get(name) or str(usual)
    try:
        return int(said)
    except ValueError:
        cause = f"{name} is {said!r}, and must be a whole number."
        raise Failure(cause, f"Leave it out, or set {name}={usual}.") from None


def free_base() -> int:
    """A base from which Kafka's ports are free just now."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            base = int(probe.getsockname()[1]) - KAFKA_AFTER
        with suppress(Failure):
            if not listening(Home(Path(), base).controller_port):
                return base


def listening(port: int) -> bool:
    """Whether anything listens on a port of loopback."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
