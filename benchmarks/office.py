"""A whole stack with an office in it: units of forty with a superior each, who may all work elsewhere."""

import asyncio
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import httpx

from benchmarks.parts import NO_LIMITS, WIB, admin_url, bearer, free_base
from demo.play import settled
from deploy.base.home import SERVICES, Home
from deploy.demo.month import set_clock
from deploy.lifecycle.up import down, up
from deploy.local import ours, stack
from deploy.local.supervise import Supervisor

OF_A_UNIT = 40
SINCE = "2025-01-01"
MONDAY = date(2026, 9, 7)
WEEKS = 14
"""So many weeks after that Monday's no day is a holiday."""


@dataclass(frozen=True)
class Office:
    """A running stack and who works there."""

    home: Home
    people: int
    weeks: Iterator[int] = field(default_factory=lambda: iter(range(WEEKS)))
    """Those, by number, in which nobody has asked for anything yet: each is drawn once."""

    def bearer(self, subject: str) -> str:
        """What somebody's Authorization header says."""
        return bearer(self.home, subject)

    def at(self, day: date, hour: int = 8) -> None:
        """It is that hour of that day."""
        set_clock(stack.clock_file(self.home), datetime.combine(day, time(hour), WIB))

    def api(self, service: str) -> int:
        """The port of a service's API."""
        return self.home.api_port(service)

    def processes(self) -> dict[str, list[int]]:
        """Ids of its processes: `apis`, `workers`, `portal`, `mongod`, `kafka`."""
        found: dict[str, list[int]] = {"apis": [], "workers": [], "portal": [], "mongod": [], "kafka": []}
        for state in Supervisor(self.home).states():
            part = "apis" if state.name.endswith("-api") else "workers" if "-worker" in state.name else state.name
            if part in found and state.pid:
                found[part].append(state.pid)
        return found

    def memory_mib(self) -> float:
        """What all processes hold in memory."""
        pids = [pid for pids in self.processes().values() for pid in pids]
        return sum(map(ours.held_bytes, pids)) / 2**20

    @property
    def admin_url(self) -> str:
        """MongoDB, as its administrator reaches it."""
        return admin_url(self.home)

    async def settled(self) -> None:
        """Wait until nothing is unsent, unheard or due. Raises `RuntimeError` when something was put aside."""
        at = {name: f"http://127.0.0.1:{self.home.worker_port(name)}" for name in SERVICES}
        clients = {name: httpx.AsyncClient(base_url=url, timeout=30) for name, url in at.items()}
        try:
            if aside := await settled(clients):
                raise RuntimeError(f"put aside: {'; '.join(aside)}")
        finally:
            await asyncio.gather(*(client.aclose() for client in clients.values()))

    def asking(self, number: int, week: int) -> dict[str, Any]:
        """What somebody asks for in one of the weeks to come: two days from home."""
        monday = MONDAY + timedelta(weeks=week + 1)
        days = [str(monday + timedelta(1 + number % 2)), str(monday + timedelta(3))]
        due = [{"day": day, "title": "Telaahan staf", "target_quantity": 1, "measure": "document"} for day in days]
        return {"days": days, "place": {"category": "residence"}, "outputs": due, "reason": "Sudah disepakati."}


def worker(number: int) -> str:
    """The subject of an employee."""
    return f"worker-{number}"


def superior(number: int) -> str:
    """The subject of the superior of an employee."""
    return f"superior-{number // OF_A_UNIT}"


@contextmanager
def office(people: int) -> Iterator[Office]:
    """The stack, with everybody on record. Limits on calls are lifted: one machine calls for all."""
    before = {name: os.environ.get(name) for name in NO_LIMITS}
    os.environ.update(NO_LIMITS)
    try:
        with tempfile.TemporaryDirectory(prefix="mkd-bench-") as folder:
            home = Home(Path(folder) / "stack", free_base())
            try:
                up(home, lambda _: None)
                there = Office(home, people)
                there.at(MONDAY)
                asyncio.run(_load(there))
                yield there
            finally:
                down(home, lambda _: None)
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)


async def _load(there: Office) -> None:
    units = range(-(-there.people // OF_A_UNIT))
    sheets = {
        "units": ["unit_code,name,effective_from", *(f"u{unit},Dinas {unit},{SINCE}" for unit in units)],
        "positions": [
            "position_code,measurable,public_contact,effective_from",
            f"analis,ya,tidak,{SINCE}",
            f"kepala,ya,tidak,{SINCE}",
        ],
        "employees": [
            "nip,name,subject,unit_code,position_code,superior_nip,roles,round_trip_km,vehicle,fuel,km_per_litre,"
            "effective_from",
            *(
                f"{_nip(0, unit)},Kepala {unit},superior-{unit},u{unit},kepala,,,20,car,pertamax,10,{SINCE}"
                for unit in units
            ),
            *(
                f"{_nip(1, number)},Pegawai {number},{worker(number)},u{number // OF_A_UNIT},analis,"
                f"{_nip(0, number // OF_A_UNIT)},,{4 + number % 40},motorcycle,pertalite,40,{SINCE}"
                for number in range(there.people)
            ),
            f"{_nip(2, 0)},Agensi,agency,u0,analis,,personnel_agency,,,,,{SINCE}",
        ],
    }
    headers = {"Authorization": there.bearer(stack.ADMIN_SUBJECT), "Content-Type": "text/csv"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{there.api('organisation')}", timeout=120) as client:
        for kind, lines in sheets.items():
            sent = await client.post(
                f"/v1/imports?kind={kind}",
                content="\n".join(lines).encode(),
                headers=headers | {"Idempotency-Key": f"bench-{kind}-sheet"},
            )
            import_ = sent.raise_for_status().json()["import_id"]
            path = f"/v1/imports/{import_}:confirm"
            confirmed = await client.post(path, headers=headers | {"Idempotency-Key": f"bench-{kind}-confirm"})
            confirmed.raise_for_status()
            await _taken_in(client, import_, headers)
    await there.settled()


async def _taken_in(client: httpx.AsyncClient, import_: str, headers: dict[str, str]) -> None:
    while True:
        told = (await client.get(f"/v1/imports/{import_}", headers=headers)).raise_for_status().json()
        if told["status"] == "confirmed":
            return
        await asyncio.sleep(0.2)


def _nip(kind: int, number: int) -> str:
    """Eighteen digits: born, appointed, sex, and a number of that day."""
    born = date(1970 + kind, 1, 1) + timedelta(number // 1000)
    return f"{born:%Y%m%d}2015031{number % 1000:03}"
