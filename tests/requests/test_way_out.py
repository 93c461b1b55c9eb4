"""From every state that a request, its case and its plan can come to, whatever crosses what, there is a way out."""

from collections import defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, cached_property
from typing import Any

from services.approvals.case.decide import Approve, CloseCase, Lapse, OpenCase, Reject, Return, Revoke, cases
from services.approvals.case.model import Case
from services.approvals.case.model import Status as CaseStatus
from services.performance.plan.decide import ClosePlan, OpenPlan, plans
from services.performance.plan.model import Plan
from services.requests.request.decide import RecordClosing, RecordOutcome, RecordReturn, Replace, Withdraw
from services.requests.request.decide import requests as requests_
from services.requests.request.model import Request, Status
from shared.contracts.approvals import (
    ApprovalRevoked,
    CaseClosed,
    CaseOpened,
    RequestApproved,
    RequestRejected,
    RequestReturned,
)
from shared.contracts.event import Event
from shared.contracts.requests import Outcome, RequestSubmitted, RequestWithdrawn
from shared.kit.decisions.decider import Decider, Refused
from shared.people.superiors import Superiors
from tests.harness.made import ANI, BUDI, MONDAY, REQUEST, TUESDAY, submitted

DAYS = [MONDAY - timedelta(1), MONDAY, TUESDAY, TUESDAY + timedelta(1)]
LEADERS = Superiors(BUDI)


@dataclass(frozen=True)
class World:
    """A request of two days, what the three services make of it, what each has yet to hear of what concerns it, and the
    date."""

    day: int
    request: Request
    case: Case | None
    plan: Plan | None
    to_case: tuple[Event, ...]
    to_request: tuple[Event, ...]
    to_plan: tuple[tuple[Event, ...], tuple[Event, ...]]

    @cached_property
    def key(self) -> Hashable:
        """All that one world differs in from another."""
        request, case, plan = self.request, self.case, self.plan
        return (
            self.day,
            (request.status, *request.taken.items(), request.replaced_by),
            case and (case.status, case.taken, case.replaced_by),
            plan and (plan.opened is not None, plan.taken),
            *(tuple(_short(event) for event in told) for told in (self.to_case, self.to_request, *self.to_plan)),
        )

    @property
    def heard(self) -> bool:
        return not (self.to_case or self.to_request or any(self.to_plan))

    @property
    def over(self) -> bool:
        """Nothing is left to do: all has been heard, and nothing is held of days that are still to come."""
        undecided = self.request.status in (Status.SUBMITTED, Status.RETURNED)
        held = self.request.days if self.request.live else ()
        return self.heard and not undecided and all(day < DAYS[self.day] for day in held)


def _short(event: Event) -> Hashable:
    said = (vars(event).get(name) for name in ("days", "lapsed", "outcome", "replaced_by"))
    return (event.type, *said)


def start() -> World:
    asked = submitted(MONDAY, TUESDAY)
    request = requests_.fold([asked])
    assert request
    return World(0, request, None, None, (asked,), (), ((), ()))


def asked_for(world: World, command: object) -> World | None:
    """What a command to the request makes of the world; nothing where it is refused or changes nothing."""
    done = _decided(requests_, command, world.request)
    if not done:
        return None
    rest, others = world.to_plan
    request = requests_.fold(done, world.request)
    assert request
    withdrawn = [event for event in done if isinstance(event, RequestWithdrawn)]
    return replace(world, request=request, to_case=(*world.to_case, *withdrawn), to_plan=((*rest, *withdrawn), others))


def judged(world: World, command: object) -> World | None:
    """The same of a command to the case."""
    done = _decided(cases, command, world.case)
    if not done:
        return None
    rest, others = world.to_plan
    case = cases.fold(done, world.case)
    told = [event for event in done if not isinstance(event, CaseOpened)]
    agreed = [event for event in done if isinstance(event, RequestApproved | ApprovalRevoked)]
    return replace(world, case=case, to_request=(*world.to_request, *told), to_plan=(rest, (*others, *agreed)))


def _decided(decider: Decider[Any, Any], command: object, state: object) -> list[Any]:
    try:
        return list(decider.decide(command, state))
    except Refused:
        return []


def heard_by_the_case(world: World) -> World:
    event, *rest = world.to_case
    world = replace(world, to_case=tuple(rest))
    match event:
        case RequestSubmitted():
            return judged(world, OpenCase(event)) or world
        case RequestWithdrawn():
            return judged(world, CloseCase(event.days, event.replaced_by)) or world
    return world


def heard_by_the_request(world: World) -> World:
    event, *rest = world.to_request
    world = replace(world, to_request=tuple(rest))
    match event:
        case RequestApproved():
            return asked_for(world, RecordOutcome(Outcome.APPROVED)) or world
        case RequestRejected():
            return asked_for(world, RecordOutcome(Outcome.REJECTED)) or world
        case RequestReturned():
            return asked_for(world, RecordReturn()) or world
        case ApprovalRevoked():
            return asked_for(world, RecordOutcome(Outcome.REVOKED, event.days)) or world
        case CaseClosed():
            return asked_for(world, RecordClosing(event.lapsed)) or world
    return world


def heard_by_the_plan(world: World, topic: int) -> World:
    event, *rest = world.to_plan[topic]
    left = (tuple(rest), world.to_plan[1]) if topic == 0 else (world.to_plan[0], tuple(rest))
    plan = world.plan
    match event:
        case RequestApproved():
            plan = plans.fold(plans.decide(OpenPlan(event), plan), plan)
        case RequestWithdrawn() | ApprovalRevoked():
            plan = plans.fold(plans.decide(ClosePlan(REQUEST, ANI, event.days), plan), plan)
    return replace(world, plan=plan, to_plan=left)


def by_time(world: World) -> Iterator[World]:
    """What comes of itself: records are heard, days pass, and what is undecided lapses."""
    if world.to_case:
        yield heard_by_the_case(world)
    if world.to_request:
        yield heard_by_the_request(world)
    for topic in (0, 1):
        if world.to_plan[topic]:
            yield heard_by_the_plan(world, topic)
    if world.day + 1 < len(DAYS):
        yield replace(world, day=world.day + 1)
    midnight = datetime.combine(DAYS[world.day], time(1), UTC)
    if lapsed := judged(world, Lapse(midnight)):
        yield lapsed


def by_people(world: World) -> Iterator[World]:
    """What employee and superior may do, on the whole or on one day."""
    today, only = DAYS[world.day], [None, (TUESDAY,)]
    for days in only:
        if done := asked_for(world, Withdraw(ANI, today, days)):
            yield done
        if done := judged(world, Revoke(BUDI, LEADERS, "txt-0009", today, days)):
            yield done
    if done := asked_for(world, Replace(ANI, today, "req-00000002")):
        yield done
    for command in (
        Approve(BUDI, LEADERS, today),
        Reject(BUDI, LEADERS, "txt-0009"),
        Return(BUDI, LEADERS, "txt-0009"),
    ):
        if done := judged(world, command):
            yield done


@cache
def explored() -> tuple[dict[Hashable, World], dict[Hashable, set[Hashable]]]:
    """Every world that can be reached, and from which ones each is reached by time alone."""
    first = start()
    worlds: dict[Hashable, World] = {first.key: first}
    frontier = [first]
    before: dict[Hashable, set[Hashable]] = defaultdict(set)
    while frontier:
        world = frontier.pop()
        itself = {following.key: following for following in by_time(world)}
        for key in itself:
            before[key].add(world.key)
        for key, following in (itself | {done.key: done for done in by_people(world)}).items():
            if key not in worlds:
                worlds[key] = following
                frontier.append(following)
    return worlds, before


def test_from_every_state_time_alone_leads_out_and_all_agree_on_what_is_left() -> None:
    worlds, before = explored()
    assert len(worlds) > 1000
    ended = {key for key, world in worlds.items() if world.over}
    leads_out, frontier = set(ended), list(ended)
    while frontier:
        for key in before[frontier.pop()] - leads_out:
            leads_out.add(key)
            frontier.append(key)
    stuck = worlds.keys() - leads_out
    assert not stuck, worlds[stuck.pop()]
    for world in worlds.values():
        if world.heard:
            _agree(world)


def _agree(world: World) -> None:
    """When all has been heard, the three services hold the same days."""
    assert world.case
    request, case = world.request, world.case
    if request.status is Status.APPROVED:
        assert world.plan
        assert request.days == case.days == world.plan.days, world
        assert case.status is CaseStatus.APPROVED
    else:
        assert world.plan is None or world.plan.closed, world
        assert (request.status in (Status.SUBMITTED, Status.RETURNED)) == (case.lapses_at is not None), world


def test_while_undecided_the_employee_can_always_withdraw_and_of_what_is_agreed_what_is_to_come() -> None:
    worlds, _ = explored()
    for world in worlds.values():
        today: date = DAYS[world.day]
        undecided = world.request.status in (Status.SUBMITTED, Status.RETURNED)
        to_come = world.request.status is Status.APPROVED and any(day > today for day in world.request.days)
        assert bool(asked_for(world, Withdraw(ANI, today))) == (undecided or to_come), world
