"""What `./mkd` can do."""

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
from rich.table import Table

from deploy import check as checks
from deploy import operate, stack
from deploy.console import out, run, say
from deploy.failure import Failure
from deploy.home import ROOT, Home
from deploy.supervise import Supervisor, first_running, forget
from deploy.up import down as bring_down
from deploy.up import print_addresses
from deploy.up import up as bring_up

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
app.add_typer(operate.app)


def main() -> None:
    """Run a command."""
    run(app, "./mkd")


@app.command()
def up(
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Return when all is ready; it runs on.")] = False,
) -> None:
    """Start Kafka, MongoDB and all services, and watch over them: what dies is restarted, and said."""
    home = Home.default()
    supervisor = bring_up(home, say)
    print_addresses(home)
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
    from deploy.demo import run as play

    play(say, out, once=once, employees=employees, days=days, seed=seed, lose_event=lose_event)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(
    context: typer.Context,
    long: Annotated[bool, typer.Option("--long", help="Add the full-size runs and other projects' tools.")] = False,
    mutants: Annotated[bool, typer.Option("--mutants", help="Put faults in, one by one: tests must notice.")] = False,
) -> None:
    """Run all the tests; starts the Kafka and MongoDB that they need. Further arguments go to pytest."""
    if mutants:
        faulty = [sys.executable, "-m", "tests.mutants.run", *context.args]
        raise typer.Exit(subprocess.run(faulty, cwd=ROOT, check=False).returncode)
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
