"""How a sheet is taken over: a small one in one transaction, a large one in many that nothing can come between.

A row that fails all the same is set aside alone, with everything of its code, and the others go on. A sheet that cannot
be gone on with ends, so that others have their turn.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import date
from functools import partial

from pydantic import ValidationError
from pymongo import UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import PyMongoError

from services.organisation.entry.model import DECIDERS, Entry, Known, command, person
from services.organisation.entry.queries import Lookup, Sheet
from services.organisation.entry.rules import Findings, RowProblem
from services.organisation.import_ import queries as staging
from services.organisation.import_.model import Status
from services.organisation.lock import give_turn, take_turn
from services.organisation.row.value import SheetKind
from shared.contracts.organisation import PositionTerms
from shared.kit.base.clock import Clock
from shared.kit.base.ids import new_id
from shared.kit.base.mongo import Conflict, Database, in_transaction
from shared.kit.decisions.decider import Document, Refused, missing, no_right, wrong_state
from shared.kit.decisions.log import CommandMetadata, append_all
from shared.kit.messaging import deadletters
from shared.kit.messaging.jobs import each_alone, left_out

AT_ONCE_MAX = 2_000
"""Rows that one transaction takes well within the time that MongoDB gives it."""

NAMES_MAX = 50
"""So many earlier names are kept of somebody."""

JOB = "takeover"
SYSTEM = "sys-administrator"
"""Whom the settings name, while nobody on record may load sheets."""


class RowFailed(Exception):
    """A row that could not be taken, said without what is in it."""


async def confirm(db: Database, import_id: str, origin: CommandMetadata, today: date) -> Document:
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
        if sheet.get("second_person"):
            _must_be_second(sheet, origin)
        await take_turn(session, db, import_id)
        sheet = sheet | {"day": str(today)}
        if sheet["rows"] > AT_ONCE_MAX or sheet["status"] == Status.INCOMPLETE:
            return await _begin(session, db, sheet, origin)
        return await _take_at_once(session, db, sheet, origin)

    return await in_transaction(db, work)


def _must_be_second(sheet: Document, origin: CommandMetadata) -> None:
    if origin.actor == sheet["by"] != SYSTEM:
        raise no_right("second-person")


async def _take_at_once(
    session: AsyncClientSession, db: Database, sheet: Document, origin: CommandMetadata
) -> Document:
    reader = _reader(db, sheet, session)
    staged = [row async for chunk in staging.chunks(db, sheet["_id"], session) for row in chunk]
    if len(staged) != sheet["rows"]:
        raise missing("not-found")
    findings = await staging.check(reader, sheet["by"])
    if findings.favours:
        _must_be_second(sheet, origin)
    if findings.count:
        raise wrong_state("import-invalid", count=findings.count)
    changes = await _take(session, reader, staged, origin) if staged else 0
    await give_turn(session, db, sheet["_id"])
    done = {"day": sheet["day"], "status": Status.CONFIRMED, "changes": changes, "taken": len(staged)}
    return await _set(session, db, sheet, **done)


async def _begin(session: AsyncClientSession, db: Database, sheet: Document, origin: CommandMetadata) -> Document:
    """Also again, with the rows that were set aside before: whoever confirms has had the reason mended."""
    said = {"actor": origin.actor, "now": origin.now, "trace": origin.trace}
    await db.staged_rows.update_many(
        {"import_id": sheet["_id"], "aside": {"$exists": True}}, {"$unset": {"aside": ""}}, session=session
    )
    letters = db.dead_letters.find({"consumer": JOB, "about": {"$regex": f"^{sheet['_id']}"}} | deadletters.WAITS)
    for letter in await letters.to_list():
        await deadletters.close(session, db, letter, deadletters.Status.HANDLED, origin.actor)
    begun = {"day": sheet["day"], "status": Status.CONFIRMING, "checked": False, "confirmed": said}
    return await _set(session, db, sheet, **begun)


async def _set(session: AsyncClientSession, db: Database, sheet: Document, **changed: object) -> Document:
    """A sheet that is being taken over is kept for good, for its report; its rows go as they are taken."""
    await db.imports.update_one({"_id": sheet["_id"]}, {"$set": changed, "$unset": {"expires_at": ""}}, session=session)
    return sheet | changed


async def drop(db: Database, import_id: str) -> Document:
    """Forget a sheet, and stop taking it over; what is on record of it stays there. Raises `Refused`."""

    async def work(session: AsyncClientSession) -> Document:
        sheet = await staging.find(db, import_id, session)
        if sheet["status"] == Status.CONFIRMED:
            raise wrong_state("import-confirmed")
        await give_turn(session, db, import_id)
        return await _set(session, db, sheet, status=Status.DROPPED)

    dropped = await in_transaction(db, work)
    await staging.forget(db, import_id)
    return dropped


async def go_on(db: Database, _: str, __: Clock) -> None:
    """Take over what has been confirmed and is not yet taken. After a crash it goes on with the rows that are left."""
    await _take_up_again(db)
    while sheet := await db.imports.find_one({"status": Status.CONFIRMING}):
        await each_alone(db, JOB, [sheet["_id"]], partial(_go_on_with, db, sheet))
        if sheet["_id"] in await left_out(db, JOB):
            await _end(db, sheet["_id"], [RowProblem(0, "", "sheet-failed")])


async def _take_up_again(db: Database) -> None:
    """Whatever was set aside and has been retried since by an operator, whose newer code may take it."""

    async def work(sheet: Document, session: AsyncClientSession) -> None:
        await take_turn(session, db, sheet["_id"])
        await _begin(session, db, sheet, CommandMetadata(**sheet["confirmed"]))

    async for sheet in db.imports.find({"status": Status.INCOMPLETE}):
        aside = await db.staged_rows.distinct("aside", {"import_id": sheet["_id"]})
        retried = {"consumer": JOB, "about": {"$in": aside}, "status": deadletters.Status.HANDLED.value}
        if await db.dead_letters.find_one(retried):
            with suppress(Refused):
                await in_transaction(db, partial(work, sheet))


async def count_due(db: Database, _: str, __: Clock) -> int:
    """How many sheets are being taken over."""
    return await db.imports.count_documents({"status": Status.CONFIRMING})


async def _go_on_with(db: Database, sheet: Document, _: Sequence[str]) -> None:
    """One step: the check, a chunk, or the end."""
    if not sheet["checked"]:
        await _check_again(db, sheet)
        return
    staged = await staging.next_chunk(db, sheet["_id"])
    if not staged:
        await _end(db, sheet["_id"], [])
        return
    first: dict[str, str] = {}
    for row in staged:
        first.setdefault(row["code"], row["_id"])
    await each_alone(db, JOB, list(first.values()), partial(_take_some, db, sheet["_id"], staged))
    failed = set(first.values()) & set(await left_out(db, JOB))
    for code in [code for code, id_ in first.items() if id_ in failed]:
        where = {"import_id": sheet["_id"], "code": code}
        await db.staged_rows.update_many(where, {"$set": {"aside": first[code], "expires_at": staging.expiry()}})


async def _check_again(db: Database, sheet: Document) -> None:
    """From here on nothing else changes what is on record (`turn`), so that rows which pass now can all be taken."""
    await staging.keep_until(db, sheet["_id"], None)
    left = await db.staged_rows.count_documents({"import_id": sheet["_id"]})
    findings = await staging.check(_reader(db, sheet), sheet["by"])
    if findings.favours and sheet["confirmed"]["actor"] == sheet["by"] != SYSTEM:
        findings.add(RowProblem(row, "", "second-person") for row in findings.favours)
    now = {"_id": sheet["_id"], "status": Status.CONFIRMING, "checked": False}
    whole = left == sheet["rows"] - sheet["taken"]

    async def work(session: AsyncClientSession) -> bool:
        """Whether the sheet is refused, and by this worker."""
        if whole and not findings.count:
            await db.imports.update_one(now, {"$set": {"checked": True}}, session=session)
            return False
        refused: Document = {"status": _refused(sheet, whole), **staging.report(findings)}
        if not sheet["taken"]:
            refused["expires_at"] = staging.expiry()
        first = (await db.imports.update_one(now, {"$set": refused}, session=session)).matched_count > 0
        if first:
            await give_turn(session, db, sheet["_id"])
        return first

    if await in_transaction(db, work):
        await staging.keep_until(db, sheet["_id"], staging.expiry())


def _refused(sheet: Document, whole: bool) -> Status:
    if not whole:
        return Status.DROPPED
    return Status.INCOMPLETE if sheet["taken"] else Status.INVALID


async def _take_some(db: Database, import_id: str, staged: Sequence[Document], ids: Sequence[str]) -> None:
    """Some codes of a chunk with their progress in one transaction: those whose first rows have these ids. A second
    worker at the same rows crosses it and finds them taken."""
    firsts = set(ids)
    codes = {row["code"] for row in staged if row["_id"] in firsts}
    rows = [row["_id"] for row in staged if row["code"] in codes]

    async def work(session: AsyncClientSession) -> None:
        now = {"_id": import_id, "status": Status.CONFIRMING, "checked": True}
        sheet = await db.imports.find_one(now, session=session)
        left = db.staged_rows.find({"_id": {"$in": rows}}, session=session).sort(staging.BY_CODE)
        still = [row async for row in left]
        if not sheet or not still:
            return
        origin = CommandMetadata(**sheet["confirmed"], cause=import_id)
        changes = await _take(session, _reader(db, sheet, session), still, origin)
        done = {"$inc": {"taken": len(still), "changes": changes}}
        await db.imports.update_one({"_id": import_id}, done, session=session)

    try:
        await in_transaction(db, work)
    except (PyMongoError, Conflict):
        raise
    except Exception as failed:
        raise RowFailed(_why(failed)) from None


def _why(failed: Exception) -> str:
    """Without the values of cells, which name people."""
    if isinstance(failed, ValidationError):
        return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['type']}" for one in failed.errors())
    return f"{type(failed).__name__}: {failed}" if isinstance(failed, Refused) else type(failed).__name__


async def _end(db: Database, import_id: str, problems: Sequence[RowProblem]) -> None:
    """The sheet is on record, whole or but for what was set aside; the next has its turn."""

    async def work(session: AsyncClientSession) -> None:
        sheet = await db.imports.find_one({"_id": import_id, "status": Status.CONFIRMING}, session=session)
        if not sheet:
            return
        aside = db.staged_rows.find({"import_id": import_id}, {"row": 1}, session=session).sort("row", 1)
        findings = Findings()
        findings.add(problems or [RowProblem(row["row"], "", "row-failed") async for row in aside])
        status = (Status.INCOMPLETE if sheet["taken"] else Status.INVALID) if findings.count else Status.CONFIRMED
        await give_turn(session, db, import_id)
        ended = {"status": status, **staging.report(findings)}
        await db.imports.update_one({"_id": import_id}, {"$set": ended}, session=session)

    await in_transaction(db, work)
    await staging.keep_until(db, import_id, staging.expiry())


def sheet_of(sheet: Document) -> Sheet:
    """What is to be known of a sheet to look at it, today or as of the day on which it was confirmed."""
    day = date.fromisoformat(sheet["day"]) if "day" in sheet else sheet["sent_at"].date()
    return Sheet(SheetKind(sheet["kind"]), sheet["_id"], sheet["issuer"], day, frozenset(sheet.get("absent", ())))


def _reader(db: Database, sheet: Document, session: AsyncClientSession | None = None) -> Lookup:
    return Lookup(db, sheet_of(sheet), session)


async def _take(
    session: AsyncClientSession, reader: Lookup, staged: Sequence[Document], origin: CommandMetadata
) -> int:
    """Put staged rows on record, which have been checked, and forget them. Returns how many things changed."""
    db, kind = reader.db, reader.kind
    entries, known = await reader.look_up(staged)
    texts: dict[str, str] = {}
    changes = [command(entry, known, _reasons(entry, known, texts)) for entry in entries]
    commands = [(entry.id, change) for entry, change in zip(entries, changes, strict=True) if change]
    done = await append_all(session, db, DECIDERS[kind], commands, replace(origin, texts=texts))
    named = await _name(session, db, kind, entries, known, origin)
    await db.staged_rows.delete_many({"_id": {"$in": [row["_id"] for row in staged]}}, session=session)
    return sum(one.events for one in done) + sum(not changes[at] for at in named)


async def _name(
    session: AsyncClientSession,
    db: Database,
    kind: SheetKind,
    entries: Sequence[Entry],
    known: Known,
    origin: CommandMetadata,
) -> list[int]:
    """Keep which id stands behind a code, and for people their NIP and name. Returns the places of new ones."""
    if kind is SheetKind.EMPLOYEES:
        people = [_called(entry, known, origin) for entry in entries]
        written = await db.people.bulk_write(people, ordered=False, session=session)
    else:
        codes = [
            UpdateOne({"_id": one.key}, {"$setOnInsert": {"id": one.id, "since": one.since}}, upsert=True)
            for one in entries
        ]
        written = await db.codes.bulk_write(codes, ordered=False, session=session)
    return list(written.upserted_ids or {})


def _called(entry: Entry, known: Known, origin: CommandMetadata) -> UpdateOne:
    """What somebody is called from now on; and, where that is another name, what they were called until now, which no
    event tells and goes with the name when their data are erased."""
    now, before = person(entry, known), known.people.get(entry.id)
    changed: Document = {"$set": asdict(now)}
    if before and before.name != now.name:
        was = {"at": origin.now, "actor": origin.actor, "name": before.name}
        changed["$push"] = {"was": {"$each": [was], "$slice": -NAMES_MAX}}
    return UpdateOne({"_id": entry.id}, changed, upsert=True)


def _reasons(entry: Entry, known: Known, texts: dict[str, str]) -> dict[str, str]:
    """The text id of each reason that an entry gives: the one it has on record, or a new one, added to `texts`."""
    ids = (terms.reason_text_id for terms in known.history(entry.id) if isinstance(terms, PositionTerms))
    found = {known.reasons[id_]: id_ for id_ in ids if id_}
    for reason in entry.reasons:
        if reason not in found:
            found[reason] = new_id("txt")
            texts[found[reason]] = reason
    return found
