"""Who is who in an invented province: by role, so that somebody who is new can be any of them."""

import random
from collections.abc import Iterator
from datetime import date, datetime

from rich.console import Console
from rich.table import Table

from demo import province
from demo.calendar import working_days
from demo.play import FIRST_DAY
from demo.province import Person, Province
from deploy.base.console import add, plain
from deploy.local import stack
from deploy.local.picker import Part

PROGRAM = Part(
    "service account", stack.PROGRAM, "", "", "a program: reads published figures of all units, and nothing else"
)
"""Whom nobody can be in the portal."""


def cast(made: Province, seed: int, days: int) -> Iterator[Part]:
    """One of each: those who ask and those who decide, who acts for whom, and who sees figures."""
    yield Part("administrator", "administrator", "", "", "loads the first sheets; nobody anywhere else (403)")
    yield Part("operator", "operator", "", "", "sees how the services stand, and what was put aside; on no record")
    led = {person.history[0].superior for person in made.people.values()}
    staff = (p for p in made.people.values() if p.history[0].position in province.STAFF_POSITIONS)
    asks = next(p for p in staff if p.nip not in led and p.history[0].active)
    superior = made.people[str(asks.history[0].superior)]
    yield _part("employee", asks, "asks to work elsewhere, logs outputs, reads their own figures")
    yield _part("superior", superior, f"decides on what {asks.name} asks, verifies their outputs")
    for mandate in province.mandates(made, random.Random(seed), working_days(FIRST_DAY, days))[:1]:
        acting = made.people[mandate.acting_nip]
        until = f"{mandate.first} to {mandate.last}"
        yield _part(f"acting ({mandate.kind})", acting, f"decides for {made.people[mandate.for_nip].name}, {until}")
    yield _part("personnel agency", made.people[made.agency], "loads sheets, publishes rules, reads all figures")
    for person in made.people.values():
        if "analyst" in person.history[0].roles:
            yield _part("analyst", person, "reads the figures of units")
            break


def _part(role: str, person: Person, may: str) -> Part:
    return Part(role, person.subject, person.name, person.history[0].unit, may)


def show(out: Console, parts: list[Part], command: str, today: date | datetime | None = None) -> None:
    """Print them, with the command that makes a token."""
    table = Table(box=None, pad_edge=False)
    for heading in ("who", "name", "unit", "may", "token"):
        table.add_column(heading, overflow="fold")
    for part in parts:
        add(table, part.role, part.name, part.unit, part.may, f"{command} {part.subject}")
    out.print(table)
    if today:
        out.print(
            plain(f"It is {today:%A %d %B %Y %H:%M} there; {command.rpartition(' ')[0]} demo-day +1 moves it on.")
        )
