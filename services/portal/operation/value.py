"""What of all services needs a human first. Pure."""

from collections.abc import Iterable, Iterator
from urllib.parse import urlencode

from services.portal.operation.model import Need, State, Urgent

URGENT = "urgent"
AWAY = Need(rule="service-away", urgency=URGENT, about="", count=None, since=None, runbook="MkdWorkerNotReady")
"""A service that does not say how it stands."""
STATUSES = {"letters-open": "open", "parked-long": "parked"}


def first(said: Iterable[tuple[str, State | None]]) -> list[Urgent]:
    """Everything of some services, what is urgent before what is not, and services in their order; none says how it
    stands that does not answer."""
    return sorted(_all(said), key=lambda one: one.need.urgency != URGENT)


def _all(said: Iterable[tuple[str, State | None]]) -> Iterator[Urgent]:
    for service, state in said:
        if state is None:
            yield Urgent(service, AWAY)
            continue
        for need in state.needs:
            yield Urgent(service, need, address(service, need))


def address(service: str, need: Need) -> str:
    """Where something can be dealt with; nowhere here, if it is dealt with elsewhere."""
    if need.rule in STATUSES:
        asked = {"service": service, "status": STATUSES[need.rule], "consumer": need.about}
        return f"/operation/dead-letters?{urlencode(asked)}"
    return f"/operation/consumers/{service}/{need.about}" if need.rule == "consumer-stopped" else ""
