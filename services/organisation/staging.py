"""A sheet between sending and confirming: its rows lie in `staged_rows` for a week at most, since they hold names."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from pymongo.asynchronous.client_session import AsyncClientSession

from services.organisation.checks import Findings, RowProblem, problems
from services.organisation.hierarchy import Belonging, circles
from services.organisation.known import Reader
from services.organisation.rows import SheetKind
from services.organisation.sheets import Read
from shared.kit.decider import Document, missing
from shared.kit.ids import random_id
from shared.kit.mongo import Database

KEPT_FOR = timedelta(days=7)
CHUNK = 1_000
BY_CODE = [("code", 1), ("day", 1), ("row", 1)]


def expiry() -> datetime:
    """When a sheet that is sent now is forgotten. By real time, as the database does it."""
    return datetime.now(UTC) + KEPT_FOR


def report(findings: Findings) -> Document:
    """What is kept of a sheet's problems."""
    return {"problem_count": findings.count, "problems": [asdict(problem) for problem in findings.shown()]}


async def find(db: Database, import_id: str, session: AsyncClientSession | None = None) -> Document:
    """A sheet that was sent. Raises `Refused` for one that is not there, or not any more."""
    found = await db.imports.find_one({"_id": import_id}, session=session)
    if not found or ("expires_at" in found and found["expires_at"] <= datetime.now(UTC)):
        raise missing("not-found")
    return found


async def keep(db: Database, import_id: str, reads: Iterator[Read], expires_at: datetime) -> tuple[int, Findings]:
    """Read a sheet to its end, keeping every row that is understood. Returns how many rows it has, and what is wrong
    with the others. Reading is work, and done in a thread a chunk at a time."""
    rows, findings = 0, Findings()
    while chunk := await asyncio.to_thread(lambda: list(islice(reads, CHUNK))):
        rows += sum(read.number > 1 for read in chunk)
        findings.add(problem for read in chunk for problem in read.problems)
        documents = [_staged(import_id, read, expires_at) for read in chunk if read.row]
        if documents:
            await db.staged_rows.insert_many(documents, ordered=False)
    return rows, findings


def _staged(import_id: str, read: Read, expires_at: datetime) -> Document:
    """`new_id` is the id of the row's code, should it be new; the first row's counts."""
    assert read.row
    people = [key.removeprefix("emp:") for _, key in read.row.mentions() if key.startswith("emp:")]
    return {
        "_id": f"{import_id}:{read.number:07}",
        "import_id": import_id,
        "code": read.row.code,
        "day": str(read.row.effective_from),
        "row": read.number,
        "new_id": random_id(read.row.prefix),
        "cells": dict(read.cells),
        "people": [read.row.code, *people] if read.row.prefix == "emp" else people,
        "expires_at": expires_at,
    }


async def check(reader: Reader, session: AsyncClientSession | None = None) -> Findings:
    """Hold every staged row of a sheet against the others and against what is on record now."""
    findings = Findings()
    async for staged in chunks(reader.db, reader.import_id, session):
        entries, known = await reader.look_up(staged)
        findings.add(problem for entry in entries for problem in problems(reader.kind, entry, known))
    if reader.kind is SheetKind.UNITS:
        rows = circles(await _belongings(reader.db, reader.import_id, session))
        findings.add(RowProblem(row, "parent_code", "parent-circle") for row in rows)
    return findings


async def _belongings(db: Database, import_id: str, session: AsyncClientSession | None) -> dict[str, list[Belonging]]:
    """What every unit belongs to by day, as it will be with the sheet."""
    where = {"_id": {"$regex": "^unit:"}}
    codes = {code["id"]: code["_id"].removeprefix("unit:") async for code in db.codes.find(where, session=session)}
    found: dict[str, dict[date, Belonging]] = {}
    only = {"history.effective_from": 1, "history.parent_id": 1}
    async for unit in db.units.find({}, only, session=session):
        links = [(date.fromisoformat(terms["effective_from"]), terms.get("parent_id")) for terms in unit["history"]]
        found[codes[unit["_id"]]] = {day: Belonging(day, codes.get(parent)) for day, parent in links}
    only = {"code": 1, "day": 1, "row": 1, "cells.parent_code": 1}
    async for row in db.staged_rows.find({"import_id": import_id}, only, session=session):
        day = date.fromisoformat(row["day"])
        found.setdefault(row["code"], {})[day] = Belonging(day, row["cells"].get("parent_code"), row["row"])
    return {code: [links[day] for day in sorted(links)] for code, links in found.items()}


async def chunks(
    db: Database, import_id: str, session: AsyncClientSession | None = None
) -> AsyncIterator[list[Document]]:
    """The staged rows of a sheet by code and day, about a thousand at a time, all rows of a code together."""
    chunk: list[Document] = []
    async for row in db.staged_rows.find({"import_id": import_id}, session=session).sort(BY_CODE).batch_size(CHUNK):
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


async def next_chunk(db: Database, import_id: str, session: AsyncClientSession) -> list[Document]:
    """The first of the rows that are still staged; none when all are taken."""
    async for chunk in chunks(db, import_id, session):
        return chunk
    return []
