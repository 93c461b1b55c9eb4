"""Service accounts over HTTP: programs that read figures with tokens of their own."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pymongo.asynchronous.client_session import AsyncClientSession

from services.organisation.account.decide import EndAccount, RecordAccount, accounts
from services.organisation.account.queries import is_taken, unknown_units
from services.organisation.account.schemas import Account, AccountBody
from services.organisation.lock import give_turn, take_turn
from shared.contracts.organisation import AccountRecorded, AccountTerms, Identity
from shared.kit.base.ids import random_id
from shared.kit.base.mongo import in_transaction
from shared.kit.decisions import log
from shared.kit.decisions.decider import missing
from shared.kit.decisions.log import AppendResult, append
from shared.kit.web.fields import Cursor, PageSize
from shared.kit.web.pages import Page, find_page
from shared.kit.web.problems import CREATED, VERSIONED, documented
from shared.people.context import MAY_LOAD, IfMatch, Reader, Writer, having, set_etag

router = APIRouter(prefix="/v1", tags=["accounts"], dependencies=[having(*MAY_LOAD)])
AccountPath = Annotated[str, Path(description="Id of the service account.")]


@router.get("/accounts")
async def list_accounts(context: Reader, cursor: Cursor = None, limit: PageSize = 100) -> Page[Account]:
    """List service accounts.

    For the organisation admin and the personnel agency. Those that have ended as well; by id, in pages.
    """
    found, following = await find_page(context.db.accounts, {}, cursor, limit)
    items = [_told(one["n"], AccountRecorded.model_validate(one, strict=False), context.today) for one in found]
    return Page(items=items, next_cursor=following)


@router.get("/accounts/{account_id}", responses=documented(404) | VERSIONED)
async def show_account(response: Response, context: Reader, account_id: AccountPath) -> Account:
    """Show a service account.

    For the organisation admin and the personnel agency. The `ETag` is the version that a command on it names. Refused
    with 404 `not-found`.
    """
    found = await context.db.accounts.find_one({"_id": account_id})
    if not found:
        raise missing("not-found")
    response.headers["ETag"] = f'"{found["n"]}"'
    return _told(found["n"], AccountRecorded.model_validate(found, strict=False), context.today)


@router.post("/accounts", status_code=201, responses=documented(409, 413) | CREATED)
async def record_account(request: Request, response: Response, context: Writer, body: AccountBody) -> Account:
    """Record a service account.

    For the organisation admin and the personnel agency. From now on until `ends_on`, tokens with this subject that the
    instance's issuer gives read the figures that are named, as everybody on record may read them once they are
    published. Days of people and commands are refused. Operations say in their documents whether they answer
    service accounts (`x-service-accounts`).

    Refused with 422 `account-subject-taken`, `account-over`, `account-too-long` or `account-unit-unknown`; and with 409
    `another-sheet` while a sheet is being recorded.
    """
    account_id = random_id("acc")
    identity = Identity(iss=request.app.state.settings.issuer, sub=body.subject)
    terms = AccountTerms(
        effective_from=context.today,
        ends_on=body.ends_on,
        name=body.name,
        figures=tuple(sorted(set(body.figures))),
        unit_ids=tuple(body.unit_ids) if body.unit_ids else None,
        with_parts=body.with_parts,
    )

    async def work(session: AsyncClientSession) -> AppendResult[AccountRecorded]:
        await take_turn(session, context.db, account_id)
        taken = await is_taken(context.db, identity, context.today, session)
        unknown = await unknown_units(context.db, terms.unit_ids or (), session)
        command = RecordAccount(account_id, identity, terms, taken, unknown)
        done = await append(session, context.db, accounts, account_id, command, context.origin(), new=True)
        await give_turn(session, context.db, account_id)
        return done

    committed = await in_transaction(context.db, work)
    set_etag(response, committed)
    response.headers["Location"] = f"/v1/accounts/{committed.aggregate}"
    return _told(committed.n, committed.state, context.today)


@router.post("/accounts/{account_id}:end", responses=documented(404, 409, 412) | VERSIONED)
async def end_account(response: Response, context: Writer, seen: IfMatch, account_id: AccountPath) -> Account:
    """End a service account.

    For the organisation admin and the personnel agency. From now on its tokens are refused, as soon as the other
    services have heard of it. Who is to read again is recorded anew, with the same subject or another.

    Refused with 409 `account-ended` if it has ended, and with 404 `not-found`.
    """
    committed = await log.transact(
        context.db, accounts, account_id, EndAccount(context.today), context.origin(expected=seen)
    )
    set_etag(response, committed)
    return _told(committed.n, committed.state, context.today)


def _told(version: int, account: AccountRecorded, today: date) -> Account:
    return Account(
        account_id=account.account_id,
        version=version,
        subject=account.identity.sub,
        in_force=account.on(today) is not None,
        history=list(account.history),
    )
