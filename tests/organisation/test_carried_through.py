"""What a sheet's check accepts becomes its event, which every reader can read: for every kind of sheet, and any row."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import available_timezones

import bson
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from services.organisation.entity.model import Person
from services.organisation.entry.model import DECIDERS, Entry, Known, Line, command
from services.organisation.entry.rules import examine
from services.organisation.export.document import Names
from services.organisation.preview.document import previews
from services.organisation.row.value import ROWS, SheetKind, columns, optional
from services.organisation.sheet.rules import Headings
from services.organisation.sheet.value import Read, read_sheet
from shared.contracts.event import EVENT_BYTES_MAX
from shared.contracts.organisation import PUBLISHER, Role
from shared.kit.base.ids import new_id, random_id
from tests.harness.examples import examples
from tests.organisation.loaded import ANI, BUDI, ISSUER, TODAY, on_record

DAY = date(2025, 1, 1)
ALIVE = {"effective_from": "2020-01-01", "active": True, "unit_id": "unit-0001", "position_id": "pos-0001"}
PEOPLE = {id_: {"employee_id": id_, "history": [ALIVE]} for id_ in ("emp-ani0", "emp-budi")}
ZONES = [{"zone": zone, "load_watt_hours": 1} for zone in ("lantai-1", "z")]
SURVEYED = {"name": "G", "base_watt_hours": 1, "per_head_watt_hours": 1, "tariff_class": "P-1/TR", "zones": ZONES}
BUILDING = {"building_id": "bld-0001", "history": [SURVEYED | {"effective_from": "2020-01-01"}]}
IDS = {
    "unit:bkd": "unit-0001",
    "pos:analis": "pos-0001",
    "bld:gedung": "bld-0001",
    f"emp:{ANI}": "emp-ani0",
    f"emp:{BUDI}": "emp-budi",
}

odd = st.text(st.sampled_from("aA1.,-+/'\"= \u0958\u200b\u00a0\ufb1d\U0001f600é\u0301"), max_size=230)
day = st.dates(date(1899, 1, 1), date(2201, 1, 1)).map(str) | st.sampled_from(
    ["31/12/2025", "1 Mei 2025", "2025-06-01"]
)
yes_no = st.sampled_from(["ya", "T", "1", "false", ""])
number = st.decimals(-1, 10**10, allow_nan=False, allow_infinity=False).map(str) | st.sampled_from(
    ["1e3", "18,4", "0", "-0", "1.250,5", "\uff19", "1E-2", "40.00", "2000", "Infinity"]
)
person = st.sampled_from([ANI, BUDI, "1990 0101 201503 1 010", "emp-gone", ""])
CELLS: dict[str, st.SearchStrategy[str]] = {
    "unit_code": st.sampled_from(["bkd", "baru"]),
    "name": odd | st.sampled_from(["Badan", "x" * 200]),
    "time_zone": st.sampled_from(sorted(available_timezones())),
    "kind": st.sampled_from(["agency_unit", "Unit Kerja", "plt", "PLH", "cuti", "Dinas Luar", ""]),
    "parent_code": st.sampled_from(["bkd", "baru", ""]),
    "building_code": st.sampled_from(["gedung", ""]),
    "zone": st.sampled_from(["lantai-1", "Z", "", "lantai 1"]),
    "tariff_class": st.sampled_from(["P-1/TR", "P1", "p"]),
    "position_code": st.just("analis"),
    "reason": st.text(max_size=2100) | odd,
    "nip": st.just(ANI),
    "subject": odd | st.uuids().map(str),
    "unit": odd,
    "grade": st.sampled_from(["III/a", "iv", "V", ""]),
    "roles": st.lists(st.sampled_from([*Role, "kepala"]), max_size=400).map(" ".join),
    "vehicle": st.sampled_from(["motor", "car", "Angkutan Umum", "becak", ""]),
    "fuel": st.sampled_from(["Pertalite", "solar", ""]),
    "occupants": st.sampled_from(["", "1", "61", "2.0"]),
    "acting_code": st.just("SP/1"),
    "absence_code": st.just("C/1"),
    **dict.fromkeys(
        ("measurable", "public_contact", "active", "meal_allowance_by_attendance", "public_facing"), yes_no
    ),
    **dict.fromkeys(("base_kwh", "per_head_kwh", "zone_load_kwh", "round_trip_km", "km_per_litre"), number),
    **dict.fromkeys(("superior_nip", "assessed_by_nip", "for_nip", "acting_nip"), person),
    **dict.fromkeys(("effective_from", "ends_on", "assessed_on"), day),
}


GOOD = {
    "unit_code": "bkd",
    "name": "Badan",
    "subject": "s-1",
    "nip": ANI,
    "position_code": "analis",
    "measurable": "ya",
    "public_contact": "tidak",
    "building_code": "gedung",
    "zone": "lantai-1",
    "base_kwh": "900",
    "per_head_kwh": "1,25",
    "tariff_class": "P-1/TR",
    "zone_load_kwh": "120",
    "acting_code": "SP/1",
    "absence_code": "C/1",
    "for_nip": ANI,
    "acting_nip": BUDI,
    "ends_on": "2025-01-31",
}
KINDS = {SheetKind.ACTING: "plh", SheetKind.ABSENCES: "cuti"}


@st.composite
def rows(draw: st.DrawFn, kind: SheetKind) -> list[list[str]]:
    """Rows of some days that are right but for some cells."""
    good = GOOD | {"kind": KINDS.get(kind, "")}
    found = []
    for at in range(draw(st.integers(1, 4))):
        row = {column: good.get(column, "") for column in columns(kind)}
        row["effective_from"] = str(DAY + timedelta(days=at))
        for column in draw(st.sets(st.sampled_from(columns(kind)), max_size=4)):
            row[column] = draw(CELLS[column])
        found.append(list(row.values()))
    return found


def known(kind: SheetKind, own: dict[str, Any] | None = None) -> Known:
    return Known(
        ISSUER,
        TODAY,
        ids=IDS | {"unit:baru": "unit-baru"},
        **on_record(kind, {"own": own or {}, "buildings": {"bld-0001": BUILDING}, "employees": PEOPLE}),
    )


def entry_of(reads: list[Read], id_: str) -> Entry | None:
    lines = sorted((one.row.effective_from, one.number, one.row) for one in reads if one.row)
    code = lines[0][2].code if lines else ""
    of_code = tuple(Line(number, row) for _, number, row in lines if row.code == code)
    return Entry(code, id_, of_code) if lines else None


def carried(kind: SheetKind, entry: Entry, what: Known) -> bool:
    """Whether the check accepts an entry; and if so, all that is done to it afterwards is done."""
    if examine(kind, entry, what)[0]:
        return False
    reasons = {reason: new_id("txt") for reason in entry.reasons}
    change = command(entry, what, reasons)
    decider = DECIDERS[kind]
    for event in decider.decide(change, what.own.get(entry.id)) if change else ():
        body = event.model_dump_json()
        assert len(body.encode()) <= EVENT_BYTES_MAX
        assert PUBLISHER.read(PUBLISHER.type_of(event), body) == event
        bson.encode({**decider.show(event), "data": body})
    assert [one.row for one in previews(kind, entry, what, names(entry))] == [line.number for line in entry.lines]
    return True


def names(entry: Entry) -> Names:
    """What things are called that an entry names."""
    said = {id_: key.split(":", 1) for key, id_ in (IDS | {"unit:baru": "unit-baru"}).items()}
    codes = {id_: code for id_, (prefix, code) in said.items() if prefix != "emp"} | {entry.id: entry.code}
    people = {id_: Person(code, code) for id_, (prefix, code) in said.items() if prefix == "emp"}
    return Names(codes, people, texts=_Any())


class _Any(dict[str, str]):
    def __missing__(self, _: str) -> str:
        return "Alasan."


@pytest.mark.parametrize("kind", SheetKind)
def test_a_row_that_validates_becomes_its_event(kind: SheetKind) -> None:
    accepted = 0

    @examples(150, suppress_health_check=list(HealthCheck))
    @given(rows(kind))
    def every_row(cells: list[list[str]]) -> None:
        nonlocal accepted
        reads = read(kind, columns(kind), cells)
        bson.encode({"rows": [dict(one.cells) for one in reads]})
        if entry := entry_of(reads, random_id(ROWS[kind].prefix)):
            accepted += carried(kind, entry, known(kind))

    every_row()
    assert accepted > 20, "else nothing has been shown"


@pytest.mark.parametrize("kind", SheetKind)
def test_a_row_that_validates_becomes_its_event_beside_what_is_on_record(kind: SheetKind) -> None:
    """Also from a sheet that has not all columns, where those stay as they are."""
    accepted = 0

    @examples(100, suppress_health_check=list(HealthCheck))
    @given(rows(kind), rows(kind), st.sets(st.sampled_from(sorted(optional(kind)) or ["none"])))
    def every_row(first: list[list[str]], second: list[list[str]], absent: set[str]) -> None:
        nonlocal accepted
        id_ = random_id(ROWS[kind].prefix)
        before = entry_of(read(kind, columns(kind), first), id_)
        if not before or not (event := examine(kind, before, known(kind))[1]):
            return
        own = {id_: DECIDERS[kind].show(event)}
        kept = [at for at, column in enumerate(columns(kind)) if column not in absent]
        reads = read(kind, [columns(kind)[at] for at in kept], [[row[at] for at in kept] for row in second])
        people = {id_: Person(before.code, getattr(before.last, "name", ""))}
        if entry := entry_of(reads, id_):
            what = replace(known(kind, own), absent=frozenset(absent), people=people)
            accepted += carried(kind, entry, what)

    every_row()
    assert accepted > 5, "else nothing has been shown"


def read(kind: SheetKind, heading: Sequence[str], cells: list[list[str]]) -> list[Read]:
    return list(read_sheet(kind, iter([(1, list(heading)), *enumerate(cells, start=2)]), Headings()))


def test_the_check_of_a_time_zone_is_that_of_the_event() -> None:
    accepted = {}
    for zone in available_timezones():
        table = iter(
            [(1, ["unit_code", "name", "time_zone", "effective_from"]), (2, ["baru", "B", zone, "2025-01-01"])]
        )
        entry = entry_of(list(read_sheet(SheetKind.UNITS, table, Headings())), "unit-baru")
        accepted[zone] = bool(entry and carried(SheetKind.UNITS, entry, known(SheetKind.UNITS)))
    assert (accepted["EST5EDT"], accepted["Asia/Jayapura"], accepted["Etc/GMT+7"]) == (False, True, True)
    assert sum(accepted.values()) > 400


@pytest.mark.parametrize(("zones", "days", "fits"), [(200, 30, True), (200, 50, False)])
def test_a_history_is_as_large_as_an_event_may_be(zones: int, days: int, fits: bool) -> None:
    """The limit is in bytes, as it is wherever an event is written or read."""
    cells = [
        [
            "gedung",
            "Gedung",
            f"{900 + at}",
            "1,2",
            "P-1/TR",
            f"lantai-utama-{zone}",
            "120,5",
            str(DAY + timedelta(days=at)),
        ]
        for at in range(days)
        for zone in range(zones)
    ]
    table = iter([(1, list(columns(SheetKind.BUILDINGS))), *enumerate(cells, start=2)])
    entry = entry_of(list(read_sheet(SheetKind.BUILDINGS, table, Headings())), "bld-0001")
    assert entry
    assert carried(SheetKind.BUILDINGS, entry, known(SheetKind.BUILDINGS)) is fits
    rules = {problem.rule for problem in examine(SheetKind.BUILDINGS, entry, known(SheetKind.BUILDINGS))[0]}
    assert rules == (set() if fits else {"history-too-large"})


def test_a_history_on_record_counts_with_the_sheet() -> None:
    """A row that is small by itself is refused where the whole would be too large."""
    zones = [{"zone": f"lantai-utama-{zone}", "load_watt_hours": 120_125} for zone in range(200)]
    row = ["gedung", "Gedung", "9", "1", "P-1/TR", "z", "1", "2026-01-01"]
    table = [(1, list(columns(SheetKind.BUILDINGS))), (2, row)]
    entry = entry_of(list(read_sheet(SheetKind.BUILDINGS, iter(table), Headings())), "bld-0001")
    assert entry
    accepted = []
    for days in (10, 60):
        history = [SURVEYED | {"zones": zones, "effective_from": str(DAY + timedelta(days=at))} for at in range(days)]
        own = {"bld-0001": {"building_id": "bld-0001", "history": history}}
        accepted.append(carried(SheetKind.BUILDINGS, entry, known(SheetKind.BUILDINGS, own)))
    assert accepted == [True, False]
