"""How what fails in passing is tried again: by stamina, with jitter and a cap, told in our own log and metric."""

import random
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Protocol

import stamina
import structlog
from prometheus_client import Counter
from pymongo.errors import PyMongoError
from stamina.instrumentation import RetryDetails, set_on_retry_hooks

from shared.kit.base.mongo import is_duplicate, is_refused

RETRIES = Counter("mkd_retries", "Attempts that failed in passing and are made again", ("what",), registry=None)
"""Of this process: a registry that tells it takes it in."""

DOUBLINGS_MAX = 30
log = structlog.get_logger()


class Attempts(Protocol):
    """Attempts at something, each of them a context manager that takes the failures which pass."""

    def __iter__(self) -> Iterator[stamina.Attempt]: ...

    def __aiter__(self) -> AsyncIterator[stamina.Attempt]: ...


def passing(failed: BaseException) -> bool:
    """Whether the database did not answer, or not well, so that trying again may do. A key that is taken stays so, and
    what is refused for what it is will be refused again."""
    return isinstance(failed, PyMongoError) and not is_duplicate(failed) and not is_refused(failed)


def attempts(
    what: str,
    on: Callable[[Exception], bool] = passing,
    *,
    first_s: float = 0.1,
    cap_s: float = 5.0,
    at_most: int | None = None,
) -> Attempts:
    """Attempts for `async for` or `for`: for ever, or so many at most. The pauses between them double up to a cap. What
    fails otherwise, or for the last time, is raised."""
    several = stamina.retry_context(
        on=on, attempts=at_most, timeout=None, wait_initial=first_s, wait_max=cap_s, wait_jitter=first_s
    )
    return several.with_name(what, (), {})


def pause_s(in_a_row: int, cap_s: float, first_s: float = 1.0) -> float:
    """How long to wait after so many failures in a row, in seconds, for loops that have other work meanwhile: twice as
    long each time up to a cap, of which chance takes up to half."""
    longest = min(cap_s, first_s * 2 ** min(max(in_a_row - 1, 0), DOUBLINGS_MAX))
    return random.uniform(longest / 2, longest)


def _told(details: RetryDetails) -> None:
    RETRIES.labels(details.name).inc()
    pause = round(details.wait_for, 2)
    log.warning("tried-again", what=details.name, reason=details.caused_by, in_a_row=details.retry_num, pause_s=pause)


# Those that stamina finds by itself would print the arguments of what failed, and count in a registry of their own.
set_on_retry_hooks([_told])
