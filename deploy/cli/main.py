"""What `./mkd` can do."""

import os
import secrets
import shlex
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from deploy import operate
from deploy.base.console import out, run, say, tell
from deploy.base.failure import Failure
from deploy.base.home import ONLY_DEMO, ROOT, Home, demo_is_meant
from deploy.lifecycle import standing
from deploy.lifecycle.up import down as bring_down
from deploy.lifecycle.up import next_steps, print_addresses
from deploy.lifecycle.up import up as bring_up
from deploy.local import folder, stack
from deploy.local.supervise import Supervisor, first_running, meant, running_stack

HANDED_OUT = ("--dist", "loadscope", "--no-loadscope-reorder")
SIDE_BY_SIDE = ("-n", "4", *HANDED_OUT)
"""Four processes on two cores, since tests of whole stacks wait a third of their time; each with a Kafka and a MongoDB
of its own. tests/conftest.py says which tests go together."""

APART = ("platform", "deploy", "containers", "mutants", "benchmarks")
"""Tests that start what they test on themselves."""

MANY = ("--hypothesis-profile", "many")
"""Tests that draw examples draw more of them."""

UNIT = ["-n", "3", *HANDED_OUT, "-m", "not long and not parts", *(f"--ignore=tests/{folder}" for folder in APART)]

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
app.add_typer(operate.app)


def main() -> None:
    """Run a command."""
    run(app, "./mkd")


@app.callback()
def which(
    demo: Annotated[bool, typer.Option("--demo", help="Be about the demo, also where the own stack runs.")] = False,
) -> None:
    if demo:
        os.environ[ONLY_DEMO] = "1"


@app.command()
def up(
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Return when all is ready; it runs on.")] = False,
    new_kafka: Annotated[
        bool, typer.Option("--new-kafka", help="Put away what Kafka holds; it is filled again from the services' logs.")
    ] = False,
) -> None:
    """Start Kafka, MongoDB and all services, and watch over them: what dies is restarted, and said."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    home = Home.default()
    supervisor = bring_up(home, say, new_kafka=new_kafka)
    try:
        print_addresses(home)
        next_steps(home)
        if not detach:
            _follow(supervisor)
    except KeyboardInterrupt:
        if detach:
            raise
        bring_down(home, say)


@app.command()
def down() -> None:
    """Stop what `up` or an interrupted `demo` started: all of it, and nothing else."""
    stopped = [bring_down(home, say) for home in meant()]
    say("Stopped" if any(stopped) else "Nothing was running")


@app.command()
def status() -> None:
    """What runs, since when, and whether it is ready. Exits with 1 unless all of it is."""
    found = [standing.look(home) for home in meant()]
    if not any(found):
        tell("Nothing runs. Start it with ./mkd up, or see it at work with ./mkd demo.")
        raise typer.Exit(1)
    for one in found:
        if one:
            standing.show(out, one)
    if not all(one.well for one in found if one):
        raise typer.Exit(1)


@app.command()
def logs(
    process: Annotated[str, typer.Argument(help="Such as savings-worker, kafka or supervisor; or all.")] = "all",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as lines are written.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many lines of the past.")] = 20,
) -> None:
    """Print the last lines of a process's log."""
    home = first_running(*meant()) or meant()[0]
    known = {file.stem: file for file in sorted((home.path / "logs").glob("*.log"))}
    files = list(known.values()) if process == "all" else [known[process]] if process in known else []
    if not files:
        there = ", ".join(known) or "none yet"
        raise Failure(f"There is no log of {process!r}.", f"Logs there are: {there}.")
    command = ["tail", "-n", str(lines), *(["-F"] if follow else []), "--", *map(str, files)]
    os.execvp("tail", command)


@app.command()
def reset(yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Stop everything and remove all data, logs and secrets of the local stack and the demo; what was fetched stays."""
    homes = [Home.demo(), *([] if demo_is_meant() else [Home.default()])]
    if not yes:
        typer.confirm(f"Remove all data in {homes[-1].path}?", abort=True)
    removed = []
    for home in homes:
        bring_down(home, say)
        removed.append(folder.forget(home))
    say("Removed" if any(removed) else "There was nothing to remove")


@app.command()
def token(
    subject: Annotated[str, typer.Argument(help="Whom to be: `administrator`, or the subject of an employee.")],
) -> None:
    """Print an access token of the running stack's demo issuer, for curl; of the demo's with `./mkd --demo token …`."""
    home = first_running(*meant())
    if home is None or not stack.own_issuer():
        raise Failure("No stack with a demo issuer runs.", "Start one: ./mkd up")
    from deploy.local.issuer import sign

    its = stack.settings(home, "organisation")
    print(sign((home.path / "secrets" / "issuer.pem").read_bytes(), its.issuer, its.audience, subject))


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Exit when it is played; else serve until Ctrl-C.")] = False,
    employees: Annotated[int, typer.Option(min=12, max=20_000, help="How many people the province has.")] = 320,
    days: Annotated[int, typer.Option(min=1, max=66, help="How many working days are played.")] = 22,
    seed: Annotated[int, typer.Option(help="The same seed makes the same people and the same intentions.")] = 1,
    lose_event: Annotated[bool, typer.Option(help="Drill: lose one event, to see that the check notices.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Play nothing: open what was played last.")] = False,
) -> None:
    """Play a month of a small province on real Kafka and MongoDB, and hold the savings against a separate account."""
    from deploy.demo.month import open_again
    from deploy.demo.month import run as play

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if keep:
        open_again(say, out)
        return
    play(say, out, once=once, employees=employees, days=days, seed=seed, lose_event=lose_event)


@app.command("demo-day")
def demo_day(
    to: Annotated[str | None, typer.Argument(help="Such as 2026-08-05T07:30, or +1 (a day).")] = None,
) -> None:
    """Tell a running demo instance's business time, or move it on. Tokens go by real time all the same."""
    from deploy.demo import month as demonstration

    home = running_stack()
    moment = demonstration.move_on(home, to) if to else demonstration.now(home)
    tell(f"{moment:%A %Y-%m-%dT%H:%M} (WIB)")


@app.command()
def samples(
    target: Annotated[Path, typer.Argument(metavar="FOLDER", help="An empty folder, or one that is not there yet.")],
    form: Annotated[str, typer.Option("--as", help="csv or xlsx.")] = "csv",
) -> None:
    """Write sheets of a small invented office, in the order in which they are loaded, and a guide to them."""
    from deploy.demo.samples import write

    home = first_running(*meant()) or meant()[0]
    for file in write(target, form, f"http://127.0.0.1:{home.api_port('organisation')}"):
        tell(file)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(
    context: typer.Context,
    long: Annotated[bool, typer.Option("--long", help="Add the full-size runs and other projects' tools.")] = False,
    unit: Annotated[bool, typer.Option("--unit", help="Only what needs no Kafka and no MongoDB.")] = False,
    mutants: Annotated[bool, typer.Option("--mutants", help="Put faults in, one by one: tests must notice.")] = False,
) -> None:
    """Run all the tests; starts the Kafka and MongoDB that they need. Further arguments go to pytest."""
    if mutants:
        faulty = [sys.executable, "-m", "tests.mutants.run", *context.args]
        raise typer.Exit(subprocess.run(faulty, cwd=ROOT, check=False).returncode)
    chosen = (
        [*MANY, f"--seed={secrets.randbelow(10**6)}"] if long else UNIT if unit else ["-m", "not long", *SIDE_BY_SIDE]
    )
    what = "All tests, full-size runs too" if long else "Tests that need no parts" if unit else "All but full-size runs"
    say(f"{what}: pytest {shlex.join([*chosen, *context.args])}")
    command = [sys.executable, "-m", "pytest", *chosen, *context.args]
    raise typer.Exit(subprocess.run(command, cwd=ROOT, check=False).returncode)


@app.command()
def check() -> None:
    """Format, lint, types, import contracts, committed schemas and documents, the size of the kit."""
    from deploy.checks import run as checks

    raise typer.Exit(0 if checks.run(out) else 1)


@app.command()
def bench(
    what: Annotated[list[str] | None, typer.Argument(help="What to measure: all, where nothing is named.")] = None,
    small: Annotated[bool, typer.Option("--small", help="Only that it runs and is exact, not how fast.")] = False,
    write: Annotated[Path | None, typer.Option(help="Keep all samples in this file, as JSON.")] = None,
    compare: Annotated[Path | None, typer.Option(help="Show another run's medians beside these.")] = None,
) -> None:
    """Measure speed as ratios to peers in the same run.

    What: catch-up, workers, rebuild, growth, reads, latency, web, live, loops, pages, drivers. All of it takes about
    twenty minutes, and the machine for itself. Ends with 1 when a result is not exact.
    """
    from benchmarks import suite

    if unknown := sorted(set(what or ()) - suite.MEASUREMENTS.keys()):
        raise Failure(f"There is no measurement {', '.join(unknown)}.", f"Choose of: {', '.join(suite.MEASUREMENTS)}.")
    size = suite.SMALL if small else suite.FULL
    raise typer.Exit(0 if suite.run(out, what or list(suite.MEASUREMENTS), size, write, compare) else 1)


@app.command()
def contracts() -> None:
    """Write the JSON Schemas, AsyncAPI and OpenAPI documents from the code, and examples of new event versions."""
    from deploy.documents.contracts import write

    for file in write():
        tell(file.relative_to(ROOT))


@app.command()
def docs(
    shown: Annotated[bool, typer.Option("--serve", help="Show it on loopback until Ctrl-C.")] = False,
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Where to show it.")] = 18090,
) -> None:
    """Build the documentation as a site in .mkd/docs; it needs no network to be read."""
    from deploy.documents import site

    first = site.build(ROOT / ".mkd" / "docs")
    say(f"Built: {first}")
    if shown:
        with site.serve(first.parent, port) as server, suppress(KeyboardInterrupt):
            tell(f"http://127.0.0.1:{port}/ until Ctrl-C")
            server.serve_forever()


@app.command()
def lock() -> None:
    """Lock the requirements anew, with hashes; Kafka's jars are locked by `jgo lock` in deploy/kafka."""
    sources = {"services": ["pyproject.toml"], "peers": ["benchmarks/peers/requirements.in"]}
    sources |= {group: ["pyproject.toml", "--group", group] for group in ("local", "dev", "docs", "long")}
    for name, source in sources.items():
        target = f"requirements/{name}.txt"
        command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", *source, "--universal"]
        command += ["--python-version", "3.11", "--generate-hashes", "--custom-compile-command", "./mkd lock"]
        subprocess.run([*command, "-o", target], cwd=ROOT, check=True)
        tell(target)


def _follow(supervisor: Supervisor) -> None:
    """Say what the supervisor does until Ctrl-C or until somebody else stops it."""
    tell("Running until Ctrl-C; ./mkd status and ./mkd logs tell more.")
    with Path(supervisor.log).open(errors="replace") as lines:
        lines.seek(0, os.SEEK_END)
        while supervisor.running():
            for line in lines:
                if any(word in line for word in ("exited", "spawned", "gave up", "FATAL")):
                    say(line.strip().partition(",")[2][4:])
            time.sleep(0.5)
