"""What `./mkd` can do."""

import asyncio
import os
import secrets
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from deploy import archive, deadletters, mongod, stack
from deploy import check as checks
from deploy import rebuild as rebuilding
from deploy import resend as resending
from deploy.failure import Failure
from deploy.home import ROOT, SERVICES, Home
from deploy.supervise import Supervisor, first_running, forget, running_stack
from deploy.up import down as bring_down
from deploy.up import up as bring_up

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 150)
err = Console(stderr=True, highlight=False, soft_wrap=True)
STARTED = time.monotonic()
app.add_typer(deadletters.app, name="dead-letters")


def say(text: str) -> None:
    """A step, with the seconds since the command began."""
    out.print(f"[dim]{time.monotonic() - STARTED:6.1f} s[/dim]  {text}")


def main() -> None:
    """Run a command; a failure that somebody can act on is said in two sentences."""
    try:
        app(prog_name="./mkd")
    except Failure as failure:
        err.print(f"[bold red]mkd:[/bold red] {failure.cause}\n     {failure.remedy}")
        sys.exit(1)


@app.command()
def up(
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Return when all is ready; it runs on.")] = False,
) -> None:
    """Start Kafka, MongoDB and all services, and watch over them: what dies is restarted, and said."""
    home = Home.default()
    supervisor = bring_up(home, say)
    _addresses(home)
    if not detach:
        _follow(supervisor, home)


@app.command()
def down() -> None:
    """Stop what `up` or an interrupted `demo` started."""
    stopped = [bring_down(home, say) for home in (Home.default(), Home.demo())]
    say("Stopped" if any(stopped) else "Nothing was running")


@app.command()
def status() -> None:
    """What runs, since when, and whether it is ready."""
    running = False
    for home in (Home.default(), Home.demo()):
        supervisor = Supervisor(home)
        if supervisor.running():
            running = True
            _print_states(supervisor, home)
    if not running:
        out.print("Nothing runs. Start it with ./mkd up, or see it at work with ./mkd demo.")
        raise typer.Exit(1)


@app.command()
def logs(
    process: Annotated[str, typer.Argument(help="Such as savings-worker, kafka or supervisor; or all.")] = "*",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as lines are written.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many lines of the past.")] = 20,
) -> None:
    """Print the last lines of a process's log."""
    home = first_running(Home.default(), Home.demo()) or Home.default()
    files = sorted((home.path / "logs").glob(f"{process}.log"))
    if not files:
        known = ", ".join(sorted(file.stem for file in (home.path / "logs").glob("*.log"))) or "none yet"
        raise Failure(f"There is no log of {process!r}.", f"Logs there are: {known}.")
    command = ["tail", "-n", str(lines), *(["-F"] if follow else []), *map(str, files)]
    os.execvp("tail", command)


@app.command()
def reset(yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Stop everything and remove all data, logs and secrets of the local stack and the demo; what was fetched stays."""
    if not yes:
        typer.confirm("Remove all local data?", abort=True)
    for home in (Home.default(), Home.demo()):
        bring_down(home, say)
        forget(home)
    say("Removed")


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="Where to write it, such as jabar.tar.gz.")]) -> None:
    """Write every service's database, as it is at this moment, into one file."""
    home = running_stack()
    with mongod.admin(home) as client:
        count = archive.backup(client, file, stack.settings(home, "organisation").instance, say)
    say(f"{count:,} documents, {file.stat().st_size / 2**20:,.1f} MiB, for its owner's eyes: {file}")


@app.command()
def restore(file: Annotated[Path, typer.Argument(help="What `backup` wrote.")]) -> None:
    """Bring an instance up from a backup, on a machine that has no data of it yet; Kafka is filled from the logs."""
    home = Home.default()
    archive.check(file, stack.settings(home, "organisation").instance)
    if Supervisor(home).running() or (home.path / "mongo").exists():
        raise Failure("There are data already.", "Restore into an empty instance: ./mkd reset")

    def fill() -> None:
        with mongod.admin(home) as client:
            archive.restore(client, file, say)

    bring_up(home, say, fill)
    resending.resend(home, say)
    _addresses(home)


@app.command()
def resend() -> None:
    """Fill a lost Kafka from the services' logs. What was heard before changes nothing when it comes again."""
    resending.resend(running_stack(), say)


@app.command()
def rebuild(
    service: Annotated[str, typer.Argument(help="A service with read models, such as savings.")] = "savings",
) -> None:
    """Fill a service's read models anew from Kafka, beside the live ones, and let them answer when they are as
    complete as those."""
    home = running_stack()
    known = {one.name: one for one in rebuilding.rebuilt_services()}
    if service not in known:
        raise Failure(f"{service!r} has no read models to rebuild.", f"These have: {', '.join(known)}.")
    new = asyncio.run(rebuilding.rebuild(known[service], stack.settings(home, service), say))
    say(f"{new} answers now; the generation before is kept until the next rebuild is done")


@app.command()
def token(
    subject: Annotated[str, typer.Argument(help="Whom to be: `administrator`, or the subject of an employee.")],
) -> None:
    """Print an access token of the running demo's or local stack's issuer, for curl."""
    home = first_running(Home.demo(), Home.default())
    if home is None or not stack.own_issuer():
        raise Failure("No stack with a demo issuer runs.", "Start one: ./mkd up")
    from deploy.issuer import sign

    its = stack.settings(home, "organisation")
    print(sign((home.path / "secrets" / "issuer.pem").read_bytes(), its.issuer, its.audience, subject))


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Exit when it is played; else serve until Ctrl-C.")] = False,
    employees: Annotated[int, typer.Option(min=12, max=20_000, help="How many people the province has.")] = 320,
    days: Annotated[int, typer.Option(min=1, max=66, help="How many working days are played.")] = 22,
    seed: Annotated[int, typer.Option(help="The same seed makes the same people and the same intentions.")] = 1,
    lose_event: Annotated[bool, typer.Option(help="Drill: lose one event, to see that the check notices.")] = False,
) -> None:
    """Play a month of a small province on real Kafka and MongoDB, and hold the savings against a separate account."""
    from deploy.demo import run

    run(say, out, once=once, employees=employees, days=days, seed=seed, lose_event=lose_event)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(
    context: typer.Context,
    long: Annotated[bool, typer.Option("--long", help="Add the full-size runs and other projects' tools.")] = False,
) -> None:
    """Run all the tests; starts the Kafka and MongoDB that they need. Further arguments go to pytest."""
    drawn = f"--seed={secrets.randbelow(10**6)}"
    chosen = [drawn] if long else ["-m", "not long"]
    command = [sys.executable, "-m", "pytest", *chosen, *context.args]
    raise typer.Exit(subprocess.run(command, cwd=ROOT, check=False).returncode)


@app.command()
def check() -> None:
    """Format, lint, types, import contracts, committed schemas and documents, the size of the kit."""
    raise typer.Exit(0 if checks.run(out) else 1)


@app.command()
def bench() -> None:
    """Measure speed as ratios: the MongoDB drivers, and savings' projection against its ceiling."""
    from benchmarks import drivers, projection

    drivers.main(out)
    projection.main(out)


@app.command()
def contracts() -> None:
    """Write the JSON Schemas, AsyncAPI and OpenAPI documents from the code, and examples of new event versions."""
    from deploy.contracts import write

    for file in write():
        out.print(file.relative_to(ROOT))


@app.command()
def lock() -> None:
    """Lock the requirements anew, with hashes; Kafka's jars are locked by `jgo lock` in deploy/kafka."""
    for group in ("services", "local", "dev", "long"):
        chosen = [] if group == "services" else ["--group", group]
        target = f"requirements/{group}.txt"
        command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "pyproject.toml", *chosen, "--universal"]
        command += ["--python-version", "3.11", "--generate-hashes", "--custom-compile-command", "./mkd lock"]
        subprocess.run([*command, "-o", target], cwd=ROOT, check=True)
        out.print(target)


def _addresses(home: Home) -> None:
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


def _print_states(supervisor: Supervisor, home: Home) -> None:
    table = Table(box=None, pad_edge=False, title=str(home.path), title_justify="left")
    for heading in ("process", "state", "process id", "since"):
        table.add_column(heading)
    for state in supervisor.states():
        since = f"{datetime.fromtimestamp(state.since).astimezone():%H:%M:%S}" if state.pid else ""
        table.add_row(state.name, state.state.lower(), str(state.pid or ""), since)
    out.print(table)


def _follow(supervisor: Supervisor, home: Home) -> None:
    """Say what the supervisor does until Ctrl-C or until somebody else stops it."""
    out.print("Running until Ctrl-C; ./mkd status and ./mkd logs tell more.")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with Path(supervisor.log).open() as lines:
            lines.seek(0, os.SEEK_END)
            while supervisor.running():
                for line in lines:
                    if any(word in line for word in ("exited", "spawned", "gave up", "FATAL")):
                        say(line.strip().partition(",")[2][4:])
                time.sleep(0.5)
    except KeyboardInterrupt:
        bring_down(home, say)
