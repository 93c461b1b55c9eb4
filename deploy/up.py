"""How a local stack comes up and goes down, with a word on each step."""

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil
from rich.table import Table

from deploy import archive, broker, mongod, provision, rebuild, resend, stack
from deploy.console import out
from deploy.failure import Failure
from deploy.home import SERVICES, Home, listening
from deploy.supervise import Supervisor

Say = Callable[[str], None]
READY_WITHIN_S = 120


def up(home: Home, say: Say, fill: Callable[[], object] | None = None) -> Supervisor:
    """Bring everything up; when this returns, all services are ready. `fill` is called when MongoDB stands and is still
    empty, before anything is written. Raises `Failure`."""
    supervisor = Supervisor(home)
    if not supervisor.running():
        _check_ports(home)
        stack.prepare(home, say)
        programs = list(stack.programs(home))
        supervisor.launch(programs)
        stack.clock_file(home).unlink(missing_ok=True)
    else:
        programs = list(stack.programs(home))
    say("Starting Kafka and MongoDB")
    for program in programs:
        if program.first:
            supervisor.start(program.name)
    with ThreadPoolExecutor() as threads:
        waiting = [threads.submit(_kafka, home), threads.submit(mongod.initiate, home)]
        platform = provision.services()
        for one in waiting:
            one.result()
    say("Making topics, users, rights, indexes and shipped rules")
    cluster = _cluster(home)
    provision.topics(cluster)
    provision.rights(cluster, platform)
    with mongod.admin(home) as client:
        for service in platform:
            password = home.secret(f"mongo-{service.name}").read_text()
            mongod.make_user(client, service.name, password, service.database)
    if fill:
        fill()
    settings = [stack.settings(home, name) for name in SERVICES]
    asyncio.run(provision.databases(platform, settings))
    for service, its in asyncio.run(provision.outdated(platform, settings)):
        say(f"An earlier version filled the read models of {service.name}: they are rebuilt, once")
        asyncio.run(rebuild.rebuild(service, its, say))
    say("Starting the services")
    for program in programs:
        supervisor.start(program.name)
    _wait_ready(supervisor, {program.name: program.ready for program in programs if program.ready}, say)
    return supervisor


def _cluster(home: Home) -> provision.Cluster:
    password = home.secret(f"kafka-{broker.ADMIN}").read_text()
    return provision.Cluster(f"127.0.0.1:{home.kafka_port}", broker.ADMIN, password)


def _kafka(home: Home) -> None:
    deadline = time.monotonic() + 60
    while not listening(home.kafka_port):
        if time.monotonic() > deadline:
            raise Failure("Kafka does not answer.", "See ./mkd logs kafka.")
        time.sleep(0.1)


def _check_ports(home: Home) -> None:
    """Raises `Failure` that names who sits on a port of ours, where the system tells."""
    taken = {name: port for name, port in home.ports.items() if listening(port)}
    if not taken:
        return
    holders = dict(_listeners())
    told = ", ".join(f"{port} ({name}; held by process {holders.get(port) or '?'})" for name, port in taken.items())
    raise Failure(
        f"These ports are taken: {told}.",
        "If they are an earlier stack's: ./mkd down. Otherwise choose others: MKD_PORT_BASE=19000 ./mkd up.",
    )


def _listeners() -> Iterator[tuple[int, int | None]]:
    """Ports of this machine that are listened on, and by which process, where the system tells."""
    for connection in psutil.net_connections("tcp4"):
        if connection.status == psutil.CONN_LISTEN and connection.laddr:
            yield connection.laddr.port, connection.pid


def _wait_ready(supervisor: Supervisor, probes: dict[str, str], say: Say) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    waiting = dict(probes)
    with httpx.Client(timeout=5) as client:
        while waiting:
            for name, address in list(waiting.items()):
                if _answers(client, address):
                    del waiting[name]
            if waiting and time.monotonic() > deadline:
                names = ", ".join(waiting)
                raise Failure(
                    f"Not ready within {READY_WITHIN_S} s: {names}.", f"See ./mkd logs {next(iter(waiting))}."
                )
            time.sleep(0.2)
    say(f"All {len(probes)} processes are ready")


def _answers(client: httpx.Client, address: str) -> bool:
    try:
        return client.get(address).status_code == 200
    except httpx.HTTPError:
        return False


def down(home: Home, say: Say) -> bool:
    """Stop everything. False when nothing ran."""
    supervisor = Supervisor(home)
    if not supervisor.running():
        return _end_orphans(home, say)
    say("Stopping the services, then Kafka and MongoDB")
    supervisor.end()
    return True


def _end_orphans(home: Home, say: Say) -> bool:
    """Processes that outlived a killed supervisor: those on our ports whose command line names our folder."""
    ours = []
    marks = ("services.", "deploy.issuer", str(home.path))
    for port, pid in _listeners():
        process = psutil.Process(pid) if pid and port in home.ports.values() else None
        if process and any(mark in part for mark in marks for part in process.cmdline()):
            ours.append(process)
    for process in ours:
        say(f"Stopping process {process.pid}, left over from a supervisor that was killed")
        process.terminate()
    psutil.wait_procs(ours, timeout=30)
    return bool(ours)


def restore_here(home: Home, file: Path, say: Say) -> None:
    """Bring a stack up from a backup, on a machine that has no data of it yet. Raises `Failure`."""
    archive.check(file, stack.settings(home, "organisation").instance)
    if Supervisor(home).running() or (home.path / "mongo").exists():
        raise Failure("There are data already.", "Restore into an empty instance: ./mkd reset")

    def fill() -> None:
        with mongod.admin(home) as client:
            archive.restore(client, file, say)

    up(home, say, fill)
    resend.resend(home, say)
    print_addresses(home)


def print_addresses(home: Home) -> None:
    """Where everything is reached."""
    table = Table(box=None, pad_edge=False)
    for heading in ("service", "API and its documentation", "worker: metrics, events, what needs a human"):
        table.add_column(heading)
    for service in SERVICES:
        worker = f"http://127.0.0.1:{home.worker_port(service)}"
        told = f"{worker}/metrics  {worker}/asyncapi.json  {worker}/attention"
        table.add_row(service, f"http://127.0.0.1:{home.api_port(service)}/docs", told)
    out.print(table)
    if stack.own_issuer():
        out.print('Sign in as the administrator:  curl -H "Authorization: Bearer $(./mkd token administrator)" …/v1/me')
