"""The erasure of somebody's personal data, over HTTP (UU 27/2022)."""

import json

from fastapi import APIRouter, Response
from pydantic import ConfigDict
from pymongo import UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession

from services.organisation.entity.decide import Erase, ForgetIdentity, employees, erasures
from services.organisation.entity.queries import people_of
from services.organisation.entity.schemas import Employee, named
from services.organisation.import_ import queries as staging
from services.organisation.import_.model import Status
from services.organisation.lock import give_turn, take_turn
from shared.contracts.organisation import EmployeeRecorded, Role
from shared.kit.base.ids import random_id
from shared.kit.base.mongo import Database, in_transaction
from shared.kit.decisions import log
from shared.kit.decisions.decider import Document, missing
from shared.kit.decisions.log import AppendResult, CommandMetadata, append, append_all
from shared.kit.web.bodies import Body
from shared.kit.web.fields import Prose
from shared.kit.web.problems import documented
from shared.people.context import IfMatch, Writer, set_etag
from shared.people.parameters import EmployeePath

router = APIRouter(prefix="/v1", tags=["organisation"])


class ErasureBody(Body):
    """Reason for an erasure."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "Permohonan yang bersangkutan, surat nomor 12/2026"}]}
    )

    reason: Prose
    """Reason, such as the request of the person concerned; 1 to 2,000 characters."""


@router.post("/employees/{employee_id}:erase-personal-data", responses=documented(404, 409, 412, 413))
async def erase_personal_data(
    response: Response, context: Writer, seen: IfMatch, employee_id: EmployeePath, body: ErasureBody
) -> Employee:
    """Erase an employee's personal data.

    For the personnel agency, once the employee is no longer in service (UU 27/2022). Name, NIP, the token's subject and
    texts about them are erased here and in every service; what they did and what it saved stays under their id. Sheets
    that wait to be confirmed and name them are dropped. Erasing again erases what was written since.

    Refused with 409 `still-employed`, or `another-sheet` while a sheet is being recorded; and with 404 `not-found`.
    """
    context.must_have(Role.PERSONNEL_AGENCY)
    text_id, erasure_id = random_id("txt"), random_id("ers")
    dropped: list[str] = []

    async def work(session: AsyncClientSession) -> AppendResult[EmployeeRecorded]:
        loaded = await log.load(context.db, employees, employee_id, session)
        if loaded.state is None:
            raise missing("not-found")
        command = Erase(erasure_id, loaded.state, context.today, text_id)
        told = await append(
            session, context.db, erasures, erasure_id, command, context.origin(texts={text_id: body.reason})
        )
        if told.replayed:
            return AppendResult(employee_id, loaded.n, loaded.state, replayed=True)
        await take_turn(session, context.db, employee_id)
        origin = CommandMetadata(context.actor.employee_id, context.now, context.trace, cause=erasure_id, expected=seen)
        (forgotten,) = await append_all(session, context.db, employees, [(employee_id, ForgetIdentity())], origin)
        await _redact(session, context.db, employee_id)
        dropped[:] = await _erase(session, context.db, employee_id)
        await give_turn(session, context.db, employee_id)
        return forgotten

    committed = await in_transaction(context.db, work)
    for import_id in dropped:
        await staging.forget(context.db, import_id)
    set_etag(response, committed)
    return named(employees.show(committed.state) | {"n": committed.n}, await people_of(context.db, [employee_id]))


async def _redact(session: AsyncClientSession, db: Database, employee_id: str) -> None:
    """Take who signed in out of what has been told of somebody so far, so that nothing which is made from the log again
    brings it back. Nothing else of the log changes: what was decided, when and by whom, stands."""
    nobody = {"sub": employee_id}
    changes = []
    async for commit in db.commits.find({"aggregate": employee_id}, session=session):
        told = [
            event | {"data": _without_subject(event["data"], nobody)} if "identity" in event["data"] else event
            for event in commit["events"]
        ]
        if told != commit["events"]:
            changes.append(UpdateOne({"_id": commit["_id"]}, {"$set": {"events": told}}))
    if changes:
        await db.commits.bulk_write(changes, ordered=False, session=session)


def _without_subject(data: str, nobody: Document) -> str:
    """An event's JSON with another subject, for whatever version of it."""
    told = json.loads(data)
    if isinstance(told.get("identity"), dict):
        told["identity"] |= nobody
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


async def _erase(session: AsyncClientSession, db: Database, employee_id: str) -> list[str]:
    """Everything that this service keeps of somebody. Returns the sheets that named them and are dropped for it."""
    person = await db.people.find_one_and_delete({"_id": employee_id}, session=session)
    called = [employee_id, *([person["nip"]] if person else [])]
    rows = {"people": {"$in": called}}
    sheets: list[str] = await db.staged_rows.distinct("import_id", rows, session=session)
    await db.imports.update_many({"_id": {"$in": sheets}}, {"$set": {"status": Status.DROPPED}}, session=session)
    await db.staged_rows.delete_many(rows, session=session)
    await db.texts.delete_many({"employee_id": employee_id}, session=session)
    return sheets
