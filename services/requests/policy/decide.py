"""Which rules are published. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.requests.policy import value as hours
from services.requests.policy.document import show_policy
from shared.contracts.requests import PUBLISHER, PolicyPublished
from shared.kit.decisions.decider import Decider, Refused, Reservation, Violation, wrong_state
from shared.people.calendar import knows


@dataclass(frozen=True, slots=True)
class Publish:
    """A policy is published; `others` are those that are known already."""

    policy: PolicyPublished
    others: Sequence[PolicyPublished] = ()


def decide_policy(command: Publish, known: PolicyPublished | None) -> list[PolicyPublished]:
    """A policy is published once; other rules are another policy, of another day or one that corrects it."""
    policy = command.policy
    if known:
        if known != policy:
            raise wrong_state("policy-published", policy_id=known.policy_id)
        return []
    if faults := [*_own_faults(policy), *_faults_among(policy, command.others)]:
        raise Refused(*faults)
    return [policy]


def _own_faults(policy: PolicyPublished) -> Iterator[Violation]:
    """What no request could be asked for under."""
    share, country = policy.verified_share_min_percent, policy.calendar.country
    if share.value > 100:
        yield Violation("share-over-100", "/verified_share_min_percent/value", 100, share.source)
    if not knows(country):
        yield Violation("unknown-country", "/calendar/country", facts={"country": country})
    if policy.hours:
        yield from hours.faults(policy.hours)


def _faults_among(policy: PolicyPublished, others: Sequence[PolicyPublished]) -> Iterator[Violation]:
    """Two policies of one day would leave open which of them holds."""
    corrected = next((other for other in others if other.policy_id == policy.corrects), None)
    if policy.corrects and (corrected is None or corrected.effective_from != policy.effective_from):
        yield Violation("corrects-nothing", "/corrects", policy.corrects, facts={"day": policy.effective_from})
    if policy.corrects and any(other.corrects == policy.corrects for other in others):
        yield _corrected_already(policy)
    if not policy.corrects and any(other.effective_from == policy.effective_from for other in others):
        yield _same_day(policy)


def policy_claims(policy: PolicyPublished | None) -> list[Reservation]:
    """A policy holds its day, or its place as the correction of another, also against one that comes at the same
    moment."""
    if policy is None:
        return []
    if policy.corrects:
        return [Reservation(f"correction:{policy.corrects}", 1, 1, _corrected_already(policy))]
    return [Reservation(f"policy:{policy.effective_from}", 1, 1, _same_day(policy))]


def _corrected_already(policy: PolicyPublished) -> Violation:
    return Violation("policy-corrected", "/corrects", policy.corrects)


def _same_day(policy: PolicyPublished) -> Violation:
    return Violation("policy-same-day", "/effective_from", policy.effective_from)


def evolve_policy(_: PolicyPublished | None, event: PolicyPublished) -> PolicyPublished:
    return event


policies: Decider[Publish, PolicyPublished] = Decider(
    "policies", PUBLISHER, evolve_policy, decide_policy, show_policy, policy_claims, remembered=True
)
