"""The demonstration: a stack of its own, a month of a small province, and the verdict."""

import os
import random
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pymongo
import uvloop
from rich.console import Console
from rich.table import Table
from rich.text import Text

from demo import province
from demo.checking import Result
from demo.oracle import BOUNDS
from demo.people import GivenUp
from demo.play import Addresses, Drill, play
from demo.stage import WIB
from deploy.base.console import add, plain
from deploy.base.failure import Failure
from deploy.base.home import SERVICES, Home
from deploy.demo import people
from deploy.lifecycle.up import down, print_addresses, up
from deploy.local import folder, mongod, ours, picker, stack
from deploy.local.supervise import Supervisor
from services.savings.month.document import PER_READ_UNIT, two_digits
from shared.kit.base.clock import DemoClock

LOOKS_EVERY_S = 2.0
UNANSWERED_MAX = 3
"""A supervisor that does not answer once may have much to do."""


def run(
    say: Callable[[str], None], out: Console, *, once: bool, employees: int, days: int, seed: int, lose_event: bool
) -> None:
    """Play, print, and serve until Ctrl-C or exit. Raises `Failure` when the figures are not those of the oracle."""
    home = Home.demo()
    if Supervisor(home).running():
        raise Failure("A demo is running already.", "Stop it with Ctrl-C where it runs, or with ./mkd down.")
    folder.take(Home.default())
    folder.forget(home)
    try:
        supervisor = up(home, say)
        folder.note(home, seed=seed, employees=employees, days=days)
        drill = _LoseOneEvent(home, supervisor, random.Random(seed), say) if lose_event else None
        result = uvloop.run(_play(home, employees, days, seed, say, drill))
        _print(out, home, result)
        if not result.ok:
            raise Failure(
                f"The figures are not those of the oracle: {len(result.differences)} differences.",
                f"This is a defect, or the drill --lose-event; the state is kept in {home.path} and the logs with it.",
            )
        if not once:
            _who_is_who(out, home)
            _serve(out, home)
    except GivenUp as given_up:
        raise Failure(
            f"The demo gave up: {given_up}.", f"See ./mkd --demo logs; the state is kept in {home.path}."
        ) from None
    except KeyboardInterrupt:
        say("Interrupted")
    finally:
        down(home, say)


async def _play(
    home: Home, employees: int, days: int, seed: int, say: Callable[[str], None], drill: Drill | None
) -> Result:
    at = Addresses(
        apis={name: f"http://127.0.0.1:{home.api_port(name)}" for name in SERVICES},
        workers={name: f"http://127.0.0.1:{home.worker_port(name)}" for name in SERVICES},
        issuer=f"http://127.0.0.1:{home.issuer_port}",
        sign_in_secret=home.secret("demo-sign-in").read_text(),
        administrator=stack.ADMIN_SUBJECT,
        set_clock=lambda moment: set_clock(stack.clock_file(home), moment),
    )
    return await play(at, employees=employees, days=days, seed=seed, say=say, drill=drill)


def set_clock(file: Path, moment: datetime) -> None:
    """Move business time, for all processes at once."""
    new = file.with_suffix(".new")
    new.write_text(moment.isoformat())
    os.replace(new, file)


def open_again(say: Callable[[str], None], out: Console) -> None:
    """Serve what was played before, as it was left, until Ctrl-C. Raises `Failure` when nothing is kept."""
    home = Home.demo()
    if "seed" not in (folder.known(home) or {}):
        raise Failure(f"No demo is kept in {home.path}.", "Play one: ./mkd demo")
    try:
        up(home, say, keep_clock=True)
        print_addresses(home)
        _who_is_who(out, home)
        _serve(out, home)
    except KeyboardInterrupt:
        say("Interrupted")
    finally:
        down(home, say)


def _who_is_who(out: Console, home: Home) -> None:
    played = folder.known(home) or {}
    seed, employees, days = (int(played[name]) for name in ("seed", "employees", "days"))
    parts = list(people.cast(province.make(seed, employees), seed, days))
    picker.write_cast(stack.cast_file(home), parts)
    _head(out, "Who is who")
    people.show(out, [*parts, people.PROGRAM], "./mkd --demo token", now(home))
    out.print(f"\nOpen {stack.portal_url(home)}/ and choose whom to be.")


def now(home: Home) -> datetime:
    """What time it is in a demo."""
    return DemoClock(stack.clock_file(home)).now().astimezone(WIB)


def move_on(home: Home, to: str) -> datetime:
    """Move a demo's business time on: to a moment, or by some days ("+1"). Raises `Failure`."""
    if not stack.own_issuer():
        raise Failure("Only a demo's time can be moved, and this is no demo instance (MKD_ISSUER).", "Wait.")
    before = now(home)
    try:
        moved = before + timedelta(days=int(to)) if to.startswith("+") else datetime.fromisoformat(to)
    except (ValueError, OverflowError):
        hint = "Say a moment, such as 2026-08-05T07:30, or how many days, such as +1."
        raise Failure(f"{to!r} is no moment.", hint) from None
    moved = moved if moved.tzinfo else moved.replace(tzinfo=WIB)
    if moved < before:
        raise Failure(f"It is {before:%Y-%m-%dT%H:%M} already, and time only moves on.", "Say a later moment.")
    set_clock(stack.clock_file(home), moved)
    return moved


def _serve(out: Console, home: Home) -> None:
    """Wait until it is interrupted. Raises `Failure` when the demo is there no more."""
    out.print("Serving until Ctrl-C.")
    supervisor, unanswered = Supervisor(home), 0
    while unanswered < UNANSWERED_MAX:
        time.sleep(LOOKS_EVERY_S)
        unanswered = 0 if supervisor.running() else unanswered + 1
    raise Failure("The demo runs no more: its supervisor has ended.", "Open what was played again: ./mkd demo --keep")


def _print(out: Console, home: Home, result: Result) -> None:
    _head(out, "What was done", f" (played in {result.seconds:.0f} s)")
    out.print("  " + ", ".join(f"{count} {what}" for what, count in result.tally.items()))
    refusals = ", ".join(f"{count} {rule}" for rule, count in sorted(result.refusals.items())) or "nothing"
    out.print(f"  refused: {refusals}")
    what = ", tier 1 (deemed), two significant digits, low / central / high; what is negative is spent"
    _head(out, "Saved", what)
    for month in sorted({row["month"] for row in result.months}):
        out.print(_table(month, [row for row in result.months if row["month"] == month]))
    _head(out, "Held against the oracle's own account")
    verdict = f"{len(result.differences)} differences"
    of = ", ".join(f"{count:,} of {name.replace('_', ' ')}" for name, count in result.cells.items())
    out.print(f"  {result.judged:,} commands judged by the rules; everything looked at {result.looks} times")
    out.print(f"  {sum(result.cells.values()):,} cells ({of}), {result.nonzero:,} of them not zero")
    out.print(Text(f"  {verdict}", "bold"))
    if result.restated:
        out.print(f"  {result.restated:,} unit-months restated since the middle: before + difference = after")
    reads = sorted(result.reads_ms)
    half, most = (reads[len(reads) * share // 100] for share in (50, 99))
    out.print(f"  totals read {len(reads)} times while people worked: p50 {half:.0f} ms, p99 {most:.0f} ms")
    for difference in result.differences[:20]:
        out.print(plain(f"    {difference}"))
    out.print(f"  digest of all net positions: {result.digest}")
    out.print(f"  memory of the whole stack: {memory_mib(home):,} MiB")
    _head(out, "Addresses")
    for service in SERVICES:
        out.print(f"  {service:13} http://127.0.0.1:{home.api_port(service)}/docs")


def _head(out: Console, head: str, rest: str = "") -> None:
    out.print(Text.assemble("\n", (head, "bold"), rest))


QUANTITIES = {"microlitres": "l", "watt_hours": "kWh", "grams_co2e": "kg CO2e"}
SHOWN_MAX = 60


def _table(month: str, rows: list[dict[str, Any]]) -> Table:
    """A month: fuel by unit, as long as that can be read; then each category of all units together."""
    table = Table(box=None, pad_edge=False, title=month, title_justify="left")
    for heading in ("unit", "category", "beneficiary", "factors", "days", "quantity", "rupiah"):
        table.add_column(heading, justify="right" if heading in ("days", "quantity", "rupiah") else "left")
    for name, row in _lines(rows):
        amounts = row["amounts"]
        measure = next((unit for unit in QUANTITIES if amounts[unit]), None)
        quantity = f"{_three(amounts[measure])} {QUANTITIES[measure]}" if measure else ""
        money = _three(amounts["sen"]) if row["category"] != "co2e" else ""
        factors = row["factor_set_id"].removeprefix("fac-")
        category = f"{row['category']}, scope {row['scope']}" if row["scope"] else row["category"]
        add(table, name, category, row["beneficiary"], factors, f"{row['days']:,}", quantity, money)
    return table


def _lines(rows: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    fuel = sorted((row["unit_name"], row["factor_set_id"], row) for row in rows if row["category"] == "fuel")
    each = [(name, row) for name, _, row in fuel]
    return [*(each if len(each) <= SHOWN_MAX else []), *_together(rows)]


def _together(rows: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """The sums of all units, apart by factor set, category, beneficiary and scope."""
    sums: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in rows:
        kind = (row["factor_set_id"], row["category"], row["beneficiary"], str(row["scope"] or ""))
        total = sums.setdefault(kind, {**row, "days": 0, "amounts": dict.fromkeys((*QUANTITIES, "sen"))})
        total["days"] += row["days"]
        for unit, amount in row["amounts"].items():
            if amount:
                held = total["amounts"][unit] or dict.fromkeys(BOUNDS, 0)
                total["amounts"][unit] = {bound: held[bound] + amount[bound] for bound in BOUNDS}
    for total in sums.values():
        for unit, amount in total["amounts"].items():
            if amount:
                per = PER_READ_UNIT[unit]
                amount.update({f"read_{b}": two_digits(Decimal(amount[b]) / per) for b in BOUNDS})
    return [("all units", total) for _, total in sorted(sums.items())]


def _three(amount: dict[str, Any]) -> str:
    return " / ".join(grouped(amount[f"read_{bound}"]) for bound in BOUNDS)


def grouped(text: str) -> str:
    """Thousands apart, as they are written in Indonesia."""
    return f"{Decimal(text):,}".replace(",", ".")


def memory_mib(home: Home) -> int:
    """Memory of all processes of a stack; what they share counts once."""
    pids = [state.pid for state in Supervisor(home).states() if state.pid]
    return sum(map(ours.held_bytes, pids)) >> 20


class _LoseOneEvent:
    """The drill: one verification is marked as sent and never is. The check must notice."""

    def __init__(self, home: Home, supervisor: Supervisor, chance: random.Random, say: Callable[[str], None]) -> None:
        self._home = home
        self._supervisor = supervisor
        self._chance = chance
        self._say = say

    def before(self, day: date) -> None:
        """Keep the day's events of performance from being sent."""
        self._say(f"Drill: performance's worker is stopped on {day:%d %b}")
        self._supervisor.stop("performance-worker")

    def after(self, day: date) -> None:
        """Lose one of them, and let the rest go."""
        with mongod.admin(self._home) as client:
            commits = client.mkd_performance.commits
            wanted = {"sent": False, "events.type": "mkd.performance.output-verified.v1"}
            alone = [one for one in commits.find(wanted) if self._is_all(client, one["aggregate"])]
            lost = self._chance.choice(alone)
            commits.update_one({"_id": lost["_id"]}, {"$set": {"sent": True}})
        self._say(f"Drill: lost {lost['_id']} of {day:%d %b}")
        self._supervisor.start("performance-worker")

    @staticmethod
    def _is_all(client: pymongo.MongoClient[dict[str, Any]], request_id: str) -> bool:
        """Whether the request has one output only, so that a day hangs on its verification."""
        plan = client.mkd_performance.plans.find_one({"_id": request_id})
        return bool(plan and len(plan["outputs"]) == 1)
