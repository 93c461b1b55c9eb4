"""How a local stack comes up and goes down, with a word on each step."""

import asyncio
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path

import httpx
import psutil
from rich.table import Table

from deploy.base.console import add, out, tell
from deploy.base.failure import Failure
from deploy.base.home import SERVICES, Home, listening
from deploy.local import broker, folder, mongod, ours, stack
from deploy.local.stack import Program
from deploy.local.supervise import Supervisor, alone
from deploy.provision import resources as provision
from deploy.recovery import archive, rebuild, resend
from shared.kit.base.settings import Settings
from shared.kit.process.service import Service

Say = Callable[[str], None]
READY_WITHIN_S = 300
STOPPED = "waits for an operator, since a consumer has rejected too much"
"""What a worker lacks that nobody mends who only waits: it runs, and what is to be done needs a stack that runs."""
KAFKA_WITHIN_S = 180
LOOKS_AT_STARTS = 4
"""At every so many looks at who is ready it is looked who has begun again."""

STARTS_MAX = 4
"""So often a process may begin before it counts as one that cannot; how long it takes is the machine's affair."""


def up(
    home: Home,
    say: Say,
    fill: Callable[[], object] | None = None,
    *,
    new_kafka: bool = False,
    keep_clock: bool = False,
) -> Supervisor:
    """Bring everything up; when this returns, all services are ready. What fails or is interrupted is brought down
    again, unless it ran before. `fill` is called when MongoDB stands and is still empty, before anything is written;
    `new_kafka` puts away what Kafka holds, and has it filled from the logs. Raises `Failure`."""
    with alone(home, "up"):
        folder.take(home)
        supervisor = Supervisor(home)
        if supervisor.running():
            if new_kafka:
                raise Failure("The stack runs.", "Stop it first: ./mkd down")
            supervisor.update(list(stack.programs(home)))
            _start(home, supervisor, say)
            return supervisor
        ours.end(home.path, say)
        _check_data(home)
        _check_ports(home)
        try:
            _begin(home, say)
            if not keep_clock:
                stack.clock_file(home).unlink(missing_ok=True)
            programs = list(stack.programs(home))
            empty = stack.prepare(home, say, new_kafka)
            supervisor.launch(programs)
            _start(home, supervisor, say, fill, empty)
        except BaseException as failed:
            if isinstance(failed, KeyboardInterrupt):
                say("Interrupted")
            _down(home, say)
            raise
        return supervisor


def _check_data(home: Home) -> None:
    """Raises `Failure` when the logs are gone that services have written: on an empty MongoDB, what Kafka and its
    consumers know would become a second truth."""
    data = home.path / "mongo" / "data"
    if folder.begun(home) and not (data.is_dir() and any(data.iterdir())):
        raise Failure(
            f"MongoDB's data are gone: {data} is empty. They are the record of all that was decided.",
            "Put them back, or restore a backup: ./mkd reset, ./mkd restore FILE.",
        )


def _begin(home: Home, say: Say) -> None:
    """What a first start has left that was cut off before any service ran holds nothing, and may be half of something:
    it is made anew."""
    if folder.begun(home):
        return
    parts = [home.path / name for name in ("kafka", "mongo", "secrets") if (home.path / name).exists()]
    if parts:
        say("Removing what a first start has left that was cut off")
    for part in parts:
        shutil.rmtree(part)


def _start(
    home: Home, supervisor: Supervisor, say: Say, fill: Callable[[], object] | None = None, kafka_is_empty: bool = False
) -> None:
    programs = list(stack.programs(home))
    say("Starting Kafka and MongoDB")
    for program in programs:
        if program.first:
            supervisor.start(program.name)
    platform = provision.services()
    mongod.initiate(home)
    _kafka(home, supervisor)
    say("Making topics, users, rights, indexes and shipped rules")
    _provision(home, platform, say, fill, kafka_is_empty)
    folder.note(home, begun=True)
    say("Starting the services")
    for program in programs:
        supervisor.start(program.name)
    _wait_ready(supervisor, programs, say)


def _provision(
    home: Home, platform: Sequence[Service], say: Say, fill: Callable[[], object] | None, kafka_is_empty: bool
) -> None:
    stack.sign_ins(home)
    cluster, portal = stack.cluster(home), provision.portal()
    provision.topics(cluster)
    provision.rights(cluster, platform)
    settings = [stack.settings(home, name) for name in SERVICES]
    with mongod.admin(home) as client:
        for service in platform:
            password = home.secret(f"mongo-{service.name}").read_text()
            mongod.make_user(client, service.name, password, service.database)
        password = home.secret(f"mongo-{portal.name}").read_text()
        mongod.make_user(client, portal.name, password, portal.database)
        if fill:
            fill()
        archive.check_issuer(archive.issuers_of(client), settings[0].issuer, "The people of this instance")
    asyncio.run(provision.databases(platform, settings))
    asyncio.run(provision.bare_database(stack.portal_settings(home), portal.database, portal.indexes))
    if kafka_is_empty and (fill or folder.begun(home)) and (count := asyncio.run(resend.unsend(settings))):
        say(f"Kafka is empty: {count:,} commits will be sent to it")
    _bring_over(platform, settings, say)


def _bring_over(platform: Sequence[Service], settings: Sequence[Settings], say: Say) -> None:
    """Rebuild the read models that an earlier version has filled, from a Kafka that has everything."""
    outdated = asyncio.run(provision.outdated(platform, settings))
    if outdated:
        asyncio.run(resend.send(settings))
    for service, its in outdated:
        say(f"An earlier version filled the read models of {service.name}: they are rebuilt, once")
        asyncio.run(rebuild.rebuild(service, its, say))


def _kafka(home: Home, supervisor: Supervisor) -> None:
    """Wait until it listens. Raises `Failure` with what Kafka says when it ends again and again, or does not come."""
    deadline = time.monotonic() + KAFKA_WITHIN_S
    starts = _Starts(supervisor)
    while not listening(home.kafka_port):
        if "kafka" in starts.too_many():
            raise Failure(
                f"Kafka ends whenever it is started: {broker.last_words(home)}",
                "If its data are damaged, put them away and fill it from the services' logs, where everything is: "
                "./mkd up --new-kafka. Otherwise mend what it names; more is in ./mkd logs kafka.",
            )
        if time.monotonic() > deadline:
            raise Failure(f"Kafka does not answer within {KAFKA_WITHIN_S} s.", "See ./mkd logs kafka.")
        time.sleep(0.2)


class _Starts:
    """How often each process has been started, as far as somebody looked."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor
        self._pids: dict[str, set[int]] = {}

    def too_many(self) -> list[str]:
        """Look again; which have begun so often that they will not stay."""
        for state in self._supervisor.states():
            self._pids.setdefault(state.name, set()).update({state.pid} - {0})
        return [name for name, pids in self._pids.items() if len(pids) > STARTS_MAX]


def _check_ports(home: Home) -> None:
    """Raises `Failure` that names who sits on a port of ours, where the system tells."""
    taken = {name: port for name, port in home.ports.items() if listening(port)}
    if not taken:
        return
    holders = dict(_listeners())
    told = ", ".join(f"{port} ({name}; held by process {holders.get(port) or '?'})" for name, port in taken.items())
    if folder.begun(home) and stack.own_issuer():
        remedy = "End what holds them: people of this stack sign in at its address, so that it cannot go elsewhere."
    else:
        remedy = "Choose others, such as with MKD_PORT_BASE=19000, or end what holds them."
    raise Failure(f"These ports are taken, and not by this stack: {told}.", remedy)


def _listeners() -> Iterator[tuple[int, int | None]]:
    """Ports of this machine that are listened on, and by which process, where the system tells."""
    try:
        connections = psutil.net_connections("tcp4")
    except psutil.AccessDenied:
        return
    for connection in connections:
        if connection.status == psutil.CONN_LISTEN and connection.laddr:
            yield connection.laddr.port, connection.pid


def _wait_ready(supervisor: Supervisor, programs: Sequence[Program], say: Say) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    probes = {program.name: program.ready for program in programs if program.ready}
    waiting = dict(probes)
    starts, looks = _Starts(supervisor), count()
    stopped: list[str] = []
    with httpx.Client(timeout=5) as client:
        while waiting:
            for name, address in list(waiting.items()):
                there = listening(httpx.URL(address).port or 80)
                if (lacks := unready(client, address) if there else "not there") in (None, STOPPED):
                    del waiting[name]
                    stopped += [name] if lacks else []
                elif time.monotonic() > deadline:
                    raise Failure(
                        f"Not ready within {READY_WITHIN_S} s: {', '.join(waiting)} ({name}: {lacks}).",
                        f"See ./mkd logs {name}.",
                    )
            if next(looks) % LOOKS_AT_STARTS == 0 and (failing := set(starts.too_many()) & set(waiting)):
                name = sorted(failing)[0]
                raise Failure(f"{name} ends whenever it is started.", f"It says why: ./mkd logs {name}")
            time.sleep(0.2)
    for name in stopped:
        say(f"{name} {STOPPED}: ./mkd consumers list")
    say(f"All {len(probes)} processes are ready" if not stopped else f"{len(probes)} processes run")


def unready(client: httpx.Client, address: str) -> str | None:
    """What a process lacks to do its work, as it says itself; None when it is ready."""
    try:
        answer = client.get(address)
        checks = answer.json() if answer.status_code != 200 else {}
    except httpx.TimeoutException:
        return "does not answer"
    except (httpx.HTTPError, ValueError):
        return "not there"
    if answer.status_code == 200:
        return None
    if isinstance(checks, dict) and checks == {**dict.fromkeys(checks, True), "rejections": False}:
        return STOPPED
    lacking = [name for name, good in checks.items() if good is not True] if isinstance(checks, dict) else []
    return f"waits for {', '.join(lacking)}" if lacking else "not ready"


def down(home: Home, say: Say) -> bool:
    """Stop everything that the stack has started, whatever state it is in. False when nothing ran. Raises `Failure`
    when something would not end."""
    with alone(home, "down"):
        return _down(home, say)


def _down(home: Home, say: Say) -> bool:
    if not ours.processes(home.path) and not Supervisor(home).running():
        return False
    ours.wake(home.path)
    supervisor = Supervisor(home)
    if supervisor.running():
        say("Stopping the services, then Kafka and MongoDB")
        supervisor.end()
    ours.ended(home.path, 2)
    ours.end(home.path, say)
    if left := ours.processes(home.path):
        names = ", ".join(str(process.pid) for process in left)
        raise Failure(f"These processes would not end: {names}.", "End them yourself: kill -9 …")
    return True


def restore_here(home: Home, file: Path, say: Say) -> None:
    """Bring a stack up from a backup, on a machine that has no data of it yet. Raises `Failure`."""
    its = stack.settings(home, "organisation")
    about = archive.check(file, its.instance)
    archive.check_issuer(about["issuers"], its.issuer, f"The people of {file}")
    folder.take(home)
    if Supervisor(home).running() or folder.begun(home):
        raise Failure(
            f"{home.path} holds data already: MongoDB's, or Kafka's, which may be of later than the backup.",
            "Restore into an empty instance: ./mkd reset, or MKD_HOME=… for another folder.",
        )

    def fill() -> None:
        with mongod.admin(home) as client:
            archive.restore(client, file, say)

    up(home, say, fill)
    resend.wait_until_sent(home, say)
    print_addresses(home)


def print_addresses(home: Home) -> None:
    """Where everything is reached."""
    out.print(f"Open {stack.portal_url(home)}/\n")
    table = Table(box=None, pad_edge=False)
    for heading in ("service", "API and its documentation", "worker: metrics, events"):
        table.add_column(heading)
    for service in SERVICES:
        worker = f"http://127.0.0.1:{home.worker_port(service)}"
        told = f"{worker}/metrics  {worker}/asyncapi.json"
        add(table, service, f"http://127.0.0.1:{home.api_port(service)}/docs", told)
    out.print(table)


def next_steps(home: Home) -> None:
    """What can be done with a stack that has just come up."""
    if not stack.own_issuer():
        tell("People sign in at " + stack.settings(home, "organisation").issuer)
        return
    organisation, requests = (f"http://127.0.0.1:{home.api_port(name)}" for name in ("organisation", "requests"))
    steps = (
        "\nWhat to do next\n"
        "  An instance is empty until sheets are loaded: ./mkd samples FOLDER writes those of a small office, with a\n"
        "  guide to loading them and to who is who. The administrator loads the first sheets:\n"
        f'    curl -H "Authorization: Bearer $(./mkd token administrator)" {organisation}/v1/me\n'
        "  and may do that alone: at services that are about people's own work and figures they are refused (403),\n"
        "  since they are nobody there. Whoever is loaded signs in by their subject, such as:\n"
        f'    curl -H "Authorization: Bearer $(./mkd token SUBJECT)" {requests}/v1/me\n'
        "  A month that others have worked: ./mkd demo, and ./mkd demo --keep to look at it again."
    )
    for line in steps.splitlines():
        tell(line)
