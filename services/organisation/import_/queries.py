"""A sheet between sending and confirming: its rows lie in `staged_rows` for a week at most, since they hold names."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import islice

from pymongo.asynchronous.client_session import AsyncClientSession

from services.organisation.entity.model import code_of
from services.organisation.entry.model import Entry, Known
from services.organisation.entry.queries import Lookup
from services.organisation.entry.rules import Findings, RowProblem, examine
from services.organisation.row.value import EmployeeRow, is_of
from services.organisation.sheet.queries import Whole, superiors
from services.organisation.sheet.value import Read
from shared.kit.base.ids import random_id
from shared.kit.base.mongo import Database
from shared.kit.decisions.decider import Document, missing

KEPT_FOR = timedelta(days=7)
CHUNK = 1_000
SAID_MAX = 200
BY_CODE = [("code", 1), ("day", 1), ("row", 1)]


def expiry() -> datetime:
    """When a sheet that is sent now is forgotten. By real time, as the database does it."""
    return datetime.now(UTC) + KEPT_FOR


def report(findings: Findings) -> Document:
    """What is kept of a sheet's problems; what a file says in them is cut to what anybody reads."""
    shown = [
        asdict(problem) | {"column": problem.column[:SAID_MAX], "reason": problem.reason[:SAID_MAX]}
        for problem in findings.shown()
    ]
    return {"problem_count": findings.count, "problems": shown}


async def find(db: Database, import_id: str, session: AsyncClientSession | None = None) -> Document:
    """A sheet that was sent. Raises `Refused` for one that is not there, or not any more."""
    found = await db.imports.find_one({"_id": import_id}, session=session)
    if not found or ("expires_at" in found and found["expires_at"] <= datetime.now(UTC)):
        raise missing("not-found")
    return found


async def keep(
    db: Database, import_id: str, reads: Iterator[Read], expires_at: datetime
) -> tuple[int, frozenset[str], Findings]:
    """Read a sheet to its end, keeping every row that is understood. Returns how many rows it has, the columns that it
    does not have, and what is wrong with the other rows. Reading is work, and done in a thread a chunk at a time."""
    rows, absent, findings = 0, frozenset[str](), Findings()
    while chunk := await asyncio.to_thread(lambda: list(islice(reads, CHUNK))):
        rows += sum(read.absent is None for read in chunk)
        absent = absent.union(*(read.absent for read in chunk if read.absent))
        findings.add(problem for read in chunk for problem in read.problems)
        documents = [_staged(import_id, read, expires_at) for read in chunk if read.row]
        if documents:
            await db.staged_rows.insert_many(documents, ordered=False)
    return rows, absent, findings


def staged_id(import_id: str, number: int) -> str:
    """A row of a sheet; the numbers sort as texts too."""
    return f"{import_id}:{number:07}"


def _staged(import_id: str, read: Read, expires_at: datetime) -> Document:
    """`new_id` is the id of the row's code, should it be new; the first row's counts."""
    assert read.row
    people = [code_of(key) for _, key in read.row.mentions() if is_of(EmployeeRow, key)]
    return {
        "_id": staged_id(import_id, read.number),
        "import_id": import_id,
        "code": read.row.code,
        "day": str(read.row.effective_from),
        "row": read.number,
        "new_id": random_id(read.row.prefix),
        "cells": dict(read.cells),
        "people": [read.row.code, *people] if isinstance(read.row, EmployeeRow) else people,
        "expires_at": expires_at,
    }


async def check(reader: Lookup, by: str = "") -> Findings:
    """Hold every staged row of a sheet against the others and against what is on record now; and, where it matters who
    sent it, against what they may not do alone."""
    findings = Findings()
    whole = Whole(reader, by, await superiors(reader.db, by))
    async for staged in chunks(reader.db, reader.import_id, reader.session):
        fit, unfit = await asyncio.to_thread(reader.fit, staged)
        findings.add(RowProblem(row["row"], "", "row-unfit") for row in unfit)
        entries, known = await reader.look_up(fit)
        await asyncio.to_thread(_examine, entries, known, whole, findings)
    findings.add(await whole.problems())
    findings.favours = whole.favours
    return findings


def _examine(entries: Sequence[Entry], known: Known, whole: Whole, findings: Findings) -> None:
    for entry in entries:
        found, after = examine(whole.reader.kind, entry, known)
        findings.add(found)
        if not found:
            whole.see(entry, known, after)


async def chunks(
    db: Database, import_id: str, session: AsyncClientSession | None = None, *, aside: bool = True
) -> AsyncIterator[list[Document]]:
    """The staged rows of a sheet by code and day, about a thousand at a time, all rows of a code together; with those
    that were set `aside`, or without."""
    chunk: list[Document] = []
    where: Document = {"import_id": import_id} if aside else {"import_id": import_id, "aside": None}
    async for row in db.staged_rows.find(where, session=session).sort(BY_CODE).batch_size(CHUNK):
        if len(chunk) >= CHUNK and row["code"] != chunk[-1]["code"]:
            yield chunk
            chunk = []
        chunk.append(row)
    if chunk:
        yield chunk


async def keep_until(db: Database, import_id: str, expires_at: datetime | None) -> None:
    """Let the database forget staged rows at some time, or not at all. In pieces, so that none takes long."""
    change = {"$set": {"expires_at": expires_at}} if expires_at else {"$unset": {"expires_at": ""}}
    async for chunk in chunks(db, import_id):
        await db.staged_rows.update_many({"_id": {"$in": [row["_id"] for row in chunk]}}, change)


async def forget(db: Database, import_id: str) -> None:
    """Forget a sheet's staged rows now, in pieces as well."""
    async for chunk in chunks(db, import_id):
        await db.staged_rows.delete_many({"_id": {"$in": [row["_id"] for row in chunk]}})


async def next_chunk(db: Database, import_id: str) -> list[Document]:
    """The first of the rows that are still to be taken; none when all are."""
    async for chunk in chunks(db, import_id, aside=False):
        return chunk
    return []
