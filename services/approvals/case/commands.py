"""How somebody's decision on a case is carried out, alone or among many."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from services.approvals.case.decide import Approve, Command, Judgement, Reject, Return, Revoke, cases
from services.approvals.case.model import Case
from shared.kit.base.clock import local_date
from shared.kit.base.ids import new_id
from shared.kit.decisions import log
from shared.kit.decisions.decider import Document
from shared.kit.decisions.log import AppendResult, Ask
from shared.people.context import RequestContext, visible


class Decision(StrEnum):
    """What a superior may do with a case."""

    APPROVE = "approve"
    REJECT = "reject"
    RETURN = "return"
    REVOKE = "revoke"


async def carry_out(
    context: RequestContext,
    request_id: str,
    seen: int,
    decision: Decision,
    reason: str | None = None,
    days: Sequence[date] | None = None,
) -> AppendResult[Case]:
    """Decide on the version that was seen, with a reason unless it is to approve; `days` are those to revoke. Raises
    `Refused`."""
    found = await visible(context, context.db.cases, request_id)
    asked = await ask(context, found, seen, decision, reason, days)
    return await log.transact(context.db, cases, request_id, asked.command, asked.origin)


async def ask(
    context: RequestContext,
    found: Document,
    seen: int,
    decision: Decision,
    reason: str | None = None,
    days: Sequence[date] | None = None,
) -> Ask[Command]:
    """What somebody's decision asks of the log, of a case that they may see."""
    leaders = await context.leaders_of(found["employee_id"])
    by, text_id, today = context.actor.employee_id, new_id("txt"), local_date(context.now, found["time_zone"])
    command: Judgement
    match decision:
        case Decision.APPROVE:
            command = Approve(by, leaders, today)
        case Decision.REJECT:
            command = Reject(by, leaders, text_id)
        case Decision.RETURN:
            command = Return(by, leaders, text_id)
        case Decision.REVOKE:
            command = Revoke(by, leaders, text_id, today, tuple(days) if days else None)
    origin = context.origin(expected=seen, texts={text_id: reason} if reason else {})
    return Ask(found["_id"], command, origin)
