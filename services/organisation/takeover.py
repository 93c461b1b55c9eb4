"""How a sheet is taken over: a small one in one transaction, a large one in many that nothing can come between."""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from functools import partial

from pymongo import ReplaceOne, UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession

from services.organisation import staging
from services.organisation.entries import DECIDERS, Entry, Known, command
from services.organisation.known import Reader
from services.organisation.rows import SheetKind
from services.organisation.turn import give_turn, take_turn
from shared.kit.clock import Clock
from shared.kit.decider import Document, missing, wrong_state
from shared.kit.ids import new_id
from shared.kit.log import Origin, append_all
from shared.kit.mongo import Database, in_transaction

AT_ONCE_MAX = 2_000
"""Rows that one transaction takes well within the time that MongoDB gives it."""


class Status(StrEnum):
    """Where a sheet stands. `confirming`: its rows are being taken over; `dropped`: forgotten before it was confirmed,
    since it names somebody whose data were erased, or lay too long."""

    VALID = "valid"
    INVALID = "invalid"
    CONFIRMING = "confirming"
    CONFIRMED = "confirmed"
    DROPPED = "dropped"


async def confirm(db: Database, import_id: str, origin: Origin) -> Document:
    """Take a sheet over, or begin to. What is known may have changed since it was sent, so that it is checked again.
    Raises `Refused`."""

    async def work(session: AsyncClientSession) -> Document:
        sheet = await staging.find(db, import_id, session)
        if sheet["status"] in (Status.CONFIRMING, Status.CONFIRMED):
            return sheet
        if sheet["status"] == Status.DROPPED:
            raise wrong_state("import-dropped")
        if sheet["unreadable"]:
            raise wrong_state("import-invalid", count=sheet["problem_count"])
        await take_turn(session, db, import_id)
        if sheet["rows"] > AT_ONCE_MAX:
            return await _begin(session, db, sheet, origin)
        return await _take_at_once(session, db, sheet, origin)

    return await in_transaction(db, work)


async def _take_at_once(session: AsyncClientSession, db: Database, sheet: Document, origin: Origin) -> Document:
    reader = _reader(db, sheet, session)
    staged = [row async for chunk in staging.chunks(db, sheet["_id"], session) for row in chunk]
    if len(staged) != sheet["rows"]:
        raise missing("not-found")
    findings = await staging.check(reader, session)
    if findings.count:
        raise wrong_state("import-invalid", count=findings.count)
    changes = await _take(session, _reader(db, sheet, session), staged, origin)
    await give_turn(session, db, sheet["_id"])
    return await _set(session, db, sheet, status=Status.CONFIRMED, changes=changes, taken=len(staged))


async def _begin(session: AsyncClientSession, db: Database, sheet: Document, origin: Origin) -> Document:
    said = {"actor": origin.actor, "now": origin.now, "trace": origin.trace}
    return await _set(session, db, sheet, status=Status.CONFIRMING, checked=False, confirmed=said)


async def _set(session: AsyncClientSession, db: Database, sheet: Document, **changed: object) -> Document:
    """A sheet that is being taken over is kept for good, for its report; its rows go as they are taken."""
    await db.imports.update_one({"_id": sheet["_id"]}, {"$set": changed, "$unset": {"expires_at": ""}}, session=session)
    return sheet | changed


async def go_on(db: Database, _: str, __: Clock) -> None:
    """Take over what has been confirmed and is not yet taken. After a crash it goes on with the rows that are left."""
    while sheet := await db.imports.find_one({"status": Status.CONFIRMING}):
        if not sheet["checked"]:
            await _check_again(db, sheet)
        await in_transaction(db, partial(_take_next, db, sheet["_id"]))


async def count_due(db: Database, _: str, __: Clock) -> int:
    """How many sheets are being taken over."""
    return await db.imports.count_documents({"status": Status.CONFIRMING})


async def _check_again(db: Database, sheet: Document) -> None:
    """From here on nothing else changes what is on record (`turn`), so that rows which pass now can all be taken."""
    await staging.keep_until(db, sheet["_id"], None)
    left = await db.staged_rows.count_documents({"import_id": sheet["_id"]})
    findings = await staging.check(_reader(db, sheet))
    now = {"_id": sheet["_id"], "status": Status.CONFIRMING, "checked": False}

    async def work(session: AsyncClientSession) -> bool:
        """Whether the sheet is refused, and by this worker."""
        if left == sheet["rows"] and not findings.count:
            await db.imports.update_one(now, {"$set": {"checked": True}}, session=session)
            return False
        status = Status.INVALID if left == sheet["rows"] else Status.DROPPED
        refused = {"status": status, "expires_at": staging.expiry(), **staging.report(findings)}
        first = (await db.imports.update_one(now, {"$set": refused}, session=session)).matched_count > 0
        if first:
            await give_turn(session, db, sheet["_id"])
        return first

    if await in_transaction(db, work):
        await staging.keep_until(db, sheet["_id"], staging.expiry())


async def _take_next(db: Database, import_id: str, session: AsyncClientSession) -> None:
    """A chunk with its progress in one transaction. A second worker at the same chunk crosses it and finds it taken."""
    sheet = await db.imports.find_one({"_id": import_id, "status": Status.CONFIRMING, "checked": True}, session=session)
    if not sheet:
        return
    staged = await staging.next_chunk(db, import_id, session)
    origin = Origin(**sheet["confirmed"], cause=import_id)
    changes = await _take(session, _reader(db, sheet, session), staged, origin) if staged else 0
    done: Document = {"$inc": {"taken": len(staged), "changes": changes}}
    if not staged:
        done["$set"] = {"status": Status.CONFIRMED}
        await give_turn(session, db, import_id)
    await db.imports.update_one({"_id": import_id}, done, session=session)


def _reader(db: Database, sheet: Document, session: AsyncClientSession | None = None) -> Reader:
    return Reader(db, SheetKind(sheet["kind"]), sheet["_id"], sheet["issuer"], session)


async def _take(session: AsyncClientSession, reader: Reader, staged: Sequence[Document], origin: Origin) -> int:
    """Put staged rows on record, which have been checked, and forget them. Returns how many things changed."""
    db, kind = reader.db, reader.kind
    entries, known = await reader.look_up(staged)
    texts: dict[str, str] = {}
    changes = [command(entry, known, _reasons(entry, known, texts)) for entry in entries]
    commands = [(entry.id, change) for entry, change in zip(entries, changes, strict=True) if change]
    done = await append_all(session, db, DECIDERS[kind], commands, replace(origin, texts=texts))
    named = await _name(session, db, kind, entries)
    await db.staged_rows.delete_many({"_id": {"$in": [row["_id"] for row in staged]}}, session=session)
    return sum(one.events for one in done) + sum(not changes[at] for at in named)


async def _name(session: AsyncClientSession, db: Database, kind: SheetKind, entries: Sequence[Entry]) -> list[int]:
    """Keep which id stands behind a code, and for people their NIP and name. Returns the places of new ones."""
    if kind is SheetKind.EMPLOYEES:
        people = [ReplaceOne({"_id": one.id}, one.person(), upsert=True) for one in entries]
        written = await db.people.bulk_write(people, ordered=False, session=session)
    else:
        codes = [
            UpdateOne({"_id": one.key}, {"$setOnInsert": {"id": one.id, "since": one.since}}, upsert=True)
            for one in entries
        ]
        written = await db.codes.bulk_write(codes, ordered=False, session=session)
    return list(written.upserted_ids or {})


def _reasons(entry: Entry, known: Known, texts: dict[str, str]) -> dict[str, str]:
    """The text id of each reason that an entry gives: the one it has on record, or a new one, added to `texts`."""
    ids = (terms.get("reason_text_id") for terms in known.history(entry.id))
    found = {known.reasons[id_]: id_ for id_ in ids if id_}
    for line in entry.lines:
        reason = getattr(line.row, "reason", None)
        if reason and reason not in found:
            found[reason] = new_id("txt")
            texts[found[reason]] = reason
    return found
