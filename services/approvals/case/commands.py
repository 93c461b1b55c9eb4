"""How somebody's decision on a case is carried out, alone or among many."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.approvals.case.decide import Approve, Command, Judgement, Reject, Return, Revoke, cases
from services.approvals.case.model import Case
from shared.kit.base.clock import local_date
from shared.kit.base.ids import new_id
from shared.kit.decisions import log
from shared.kit.decisions.log import AppendResult, Ask, CommandMetadata
from shared.people.context import RequestContext


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
    text_id = new_id("txt")

    async def command(case: Case) -> Command:
        await context.must_see(case.opened.employee_id)
        return await _judgement(context, Whose.of(case), decision, text_id, days)

    return await log.transact_on(context.db, cases, request_id, command, _origin(context, seen, text_id, reason))


@dataclass(frozen=True)
class Whose:
    """Whose case it is, and the time zone of its days."""

    employee_id: str
    time_zone: str

    @classmethod
    def of(cls, case: Case) -> "Whose":
        return cls(case.opened.employee_id, case.opened.time_zone)


async def ask(
    context: RequestContext, request_id: str, whose: Whose, seen: int, decision: Decision, reason: str | None = None
) -> Ask[Command]:
    """What somebody's decision asks of the log, of a case that they may see."""
    text_id = new_id("txt")
    command = await _judgement(context, whose, decision, text_id)
    return Ask(request_id, command, _origin(context, seen, text_id, reason))


async def _judgement(
    context: RequestContext, whose: Whose, decision: Decision, text_id: str, days: Sequence[date] | None = None
) -> Judgement:
    leaders = await context.leaders_of(whose.employee_id)
    by, today = context.actor.employee_id, local_date(context.now, whose.time_zone)
    match decision:
        case Decision.APPROVE:
            return Approve(by, leaders, today)
        case Decision.REJECT:
            return Reject(by, leaders, text_id)
        case Decision.RETURN:
            return Return(by, leaders, text_id)
        case Decision.REVOKE:
            return Revoke(by, leaders, text_id, today, tuple(days) if days else None)


def _origin(context: RequestContext, seen: int, text_id: str, reason: str | None) -> CommandMetadata:
    return context.origin(expected=seen, texts={text_id: reason} if reason else {})
