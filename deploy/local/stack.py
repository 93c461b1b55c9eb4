"""What a local stack is made of: Kafka, MongoDB, an issuer, an API and a worker for each service, and the portal."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from deploy.base.files import write_whole
from deploy.base.home import SERVICES, Home
from deploy.local import assets, broker, issuer, mongod
from deploy.provision import resources as provision
from deploy.provision.resources import Mechanism
from services.portal.settings import CALLBACK, PortalSettings
from services.portal.settings import NAME as PORTAL
from shared.kit.base.settings import Settings

INSTANCE = "jabar"
REGION = "32 Jawa Barat"
PROGRAM = "dashboard"
"""A program of the demo that reads figures with tokens of its own."""
ADMIN_SUBJECT = "administrator"
OPERATOR_SUBJECT = "operator"
SERVING = (sys.executable, "-m", "shared.kit.web.serving", "--factory", "--host", "127.0.0.1", "--log-level", "warning")
QUIET = ("--no-access-log", "--timeout-graceful-shutdown", "20")


@dataclass(frozen=True)
class Program:
    """One process: what it is called, how it is started, and where it says that it is ready."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    ready: str | None = None
    first: bool = False


def own_issuer() -> bool:
    """Whether the stack brings the demo issuer: not when the user names another (MKD_ISSUER)."""
    return "MKD_ISSUER" not in os.environ


def settings(home: Home, service: str) -> Settings:
    """The settings of a service in this stack. Without an issuer of the user's it is a demo instance."""
    demo = own_issuer()
    return Settings(
        instance=os.environ.get("MKD_INSTANCE", INSTANCE),
        demo=demo,
        demo_clock_file=clock_file(home) if demo else None,
        mongo_url=mongod.url(home),
        mongo_user=service,
        mongo_password_file=home.secret(f"mongo-{service}"),
        kafka_bootstrap=f"127.0.0.1:{home.kafka_port}",
        kafka_user=service,
        kafka_password_file=home.secret(f"kafka-{service}"),
        worker_id="1",
        issuer=os.environ.get("MKD_ISSUER", f"http://127.0.0.1:{home.issuer_port}"),
        audience=os.environ.get("MKD_AUDIENCE", f"mkd-{INSTANCE}"),
        **(_told_to_strangers() if demo else {}),
        admin_subject=os.environ.get("MKD_ADMIN_SUBJECT", ADMIN_SUBJECT) if service == "organisation" else None,
        operator_subjects=os.environ.get("MKD_OPERATOR_SUBJECTS", OPERATOR_SUBJECT if demo else ""),
    )


def _told_to_strangers() -> dict[str, Any]:
    """What a demo tells anybody, unless its user says otherwise; another stack goes by what they say alone."""
    usual = {"open_figures": True, "open_region": REGION}
    return {name: value for name, value in usual.items() if f"MKD_{name.upper()}" not in os.environ}


def portal_url(home: Home) -> str:
    """Where people open the portal."""
    return os.environ.get("MKD_PUBLIC_URL") or f"http://127.0.0.1:{home.portal_port}"


def portal_settings(home: Home) -> PortalSettings:
    """The settings of the portal in this stack."""
    its = settings(home, PORTAL).model_dump(exclude={"kafka_user", "kafka_password_file", "kafka_bootstrap"})
    own = {
        "services": ",".join(f"{name}=http://127.0.0.1:{home.api_port(name)}" for name in SERVICES),
        "public_url": portal_url(home),
        "client_id": os.environ.get("MKD_CLIENT_ID", PORTAL),
        "client_secret_file": os.environ.get("MKD_CLIENT_SECRET_FILE") or home.secret("portal-client"),
        "session_key_file": home.secret("portal-sessions"),
        "assets": assets.folder(),
        "theme_file": os.environ.get("MKD_THEME_FILE"),
    }
    return PortalSettings.model_validate(its | own)


def cast_file(home: Home) -> Path:
    """Where a demo says who can be picked."""
    return home.folder("run") / "cast.json"


def clock_file(home: Home) -> Path:
    """Where a demo writes its business time."""
    return home.folder("run") / "clock"


def environment(its: Settings) -> dict[str, str]:
    """Settings as a process reads them."""
    said = its.model_dump(mode="json", exclude_none=True)
    variables = {f"MKD_{name.upper()}": str(value) for name, value in said.items() if value != ""}
    return variables | {"PYTHONUNBUFFERED": "1"}


def programs(home: Home) -> Iterator[Program]:
    """Every process of the stack. Those that are `first` must stand before the rest is provisioned and started."""
    yield Program("kafka", tuple(broker.command(home)), {}, first=True)
    yield Program("mongod", tuple(mongod.command(home)), {}, first=True)
    if own_issuer():
        yield _issuer(home)
    for service in SERVICES:
        its = settings(home, service)
        port = home.api_port(service)
        yield _program(f"{service}-api", f"services.{service}.app:api", its, port)
        for number, name in enumerate(home.worker_names(service), 1):
            mine = its.model_copy(update={"worker_id": str(number)})
            yield _program(name, f"services.{service}.app:work", mine, home.worker_port(service, number))
    yield _program(PORTAL, "services.portal.app:api", portal_settings(home), home.portal_port)


def _program(name: str, factory: str, its: Settings, port: int) -> Program:
    command = (*SERVING, *QUIET, "--port", str(port), factory)
    return Program(name, command, environment(its), f"http://127.0.0.1:{port}/readyz")


def _issuer(home: Home) -> Program:
    key = home.folder("secrets") / "issuer.pem"
    issuer.make_key(key)
    environment_ = environment(settings(home, "organisation")) | {
        "MKD_ISSUER_KEY_FILE": str(key),
        "MKD_ISSUER_SECRET_FILE": str(home.secret("demo-sign-in")),
        "MKD_ISSUER_CLIENTS_FILE": str(_clients(home)),
        "MKD_ISSUER_CAST_FILE": str(cast_file(home)),
    }
    command = (*SERVING, *QUIET, "--port", str(home.issuer_port), "deploy.local.issuer:app")
    return Program("issuer", command, environment_, f"http://127.0.0.1:{home.issuer_port}/readyz")


def _clients(home: Home) -> Path:
    """Who may send people to the issuer, and the demo's program, written down for it."""
    its = portal_settings(home)
    secret = home.secret("portal-client").read_text()
    clients = (
        issuer.Client(its.client_id, secret, f"{its.public_url}{CALLBACK}", f"{its.public_url}/"),
        issuer.Client(PROGRAM, home.secret("program-client").read_text()),
    )
    file = home.folder("run") / "clients.json"
    write_whole(file, json.dumps([asdict(client) for client in clients]).encode())
    return file


def prepare(home: Home, say: Callable[[str], None], new_kafka: bool = False) -> bool:
    """Fetch and configure what the processes need. True when Kafka is empty, and is to be filled from the logs."""
    if broker.jars_are_here():
        broker.learn(say)
    else:
        say("Fetching Kafka's jars from Maven Central, about 43 MB, once")
        broker.jars()
    assets.fetch(say)
    say("Preparing Kafka and MongoDB")
    mongod.prepare(home)
    return broker.prepare(home, say, new_kafka)


def cluster(home: Home, mechanism: Mechanism = "SCRAM-SHA-512") -> provision.Cluster:
    """The stack's Kafka, as its administrator reaches it."""
    password = home.secret(f"kafka-{broker.ADMIN}").read_text()
    return provision.Cluster(f"127.0.0.1:{home.kafka_port}", broker.ADMIN, password, mechanism=mechanism)


def sign_ins(home: Home) -> None:
    """Let the administrator and the services sign in at Kafka by SCRAM. Raises `KafkaException`."""
    passwords = {name: home.secret(f"kafka-{name}").read_text() for name in (broker.ADMIN, *SERVICES)}
    provision.sign_ins(cluster(home, "PLAIN"), passwords)
