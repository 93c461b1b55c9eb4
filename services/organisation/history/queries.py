"""What happened to a record, read from its log."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from services.organisation.entity.schemas import PRIVATE
from services.organisation.history.schemas import Change, TermsChange
from services.organisation.history.value import differences
from shared.contracts.event import Event
from shared.contracts.organisation import (
    PUBLISHER,
    ActingRecorded,
    ActingTerms,
    EmployeeRecorded,
    EmployeeTerms,
    Identity,
    PositionRecorded,
    PositionTerms,
    UnitRecorded,
    UnitTerms,
)
from shared.kit.base.mongo import Database
from shared.kit.decisions.decider import Document
from shared.kit.decisions.log import events_of

T = TypeVar("T", UnitTerms, PositionTerms, ActingTerms, EmployeeTerms)


def of_unit(event: Event) -> Sequence[UnitTerms]:
    return event.history if isinstance(event, UnitRecorded) else ()


def of_position(event: Event) -> Sequence[PositionTerms]:
    return event.history if isinstance(event, PositionRecorded) else ()


def of_mandate(event: Event) -> Sequence[ActingTerms]:
    return event.history if isinstance(event, ActingRecorded) else ()


def of_employee(event: Event) -> Sequence[EmployeeTerms]:
    return event.history if isinstance(event, EmployeeRecorded) else ()


def of_erased(event: Event) -> Sequence[EmployeeTerms]:
    """Without what tells how somebody lived."""
    return [terms.model_copy(update=dict.fromkeys(PRIVATE)) for terms in of_employee(event)]


async def changes(db: Database, aggregate: str, terms_of: Callable[[Event], Sequence[T]]) -> list[Change[T]]:
    """Every change of a record, in order, by the terms that an event of it tells."""
    before: Sequence[T] = ()
    identity: Identity | None = None
    told: list[Change[T]] = []
    async for commit in db.commits.find({"aggregate": aggregate}).sort("n", 1):
        said = zip(commit["events"], events_of(PUBLISHER, commit), strict=True)
        for n, (stored, event) in enumerate(said, commit["n"]):
            after = terms_of(event)
            now = event.identity if isinstance(event, EmployeeRecorded) else None
            told.append(
                Change(
                    number=n,
                    type=stored["type"],
                    at=commit["occurred_at"],
                    actor=commit["actor"],
                    terms=_changed(before, after),
                    identity_changed=identity is not None and identity != now,
                )
            )
            before, identity = after, now
    return told


def _changed(before: Sequence[T], after: Sequence[T]) -> list[TermsChange[T]]:
    return [
        TermsChange(effective_from=one.effective_from, before=one.before, after=one.after)
        for one in differences(before, after)
    ]


def renamings(person: Document | None) -> list[Change[EmployeeTerms]]:
    """When somebody was called otherwise, as it is kept beside their name; nothing once their data are erased."""
    found = person.get("was", ()) if person else ()
    return [
        Change(
            number=None, type="employee-renamed", at=one["at"], actor=one["actor"], terms=[], name_before=one["name"]
        )
        for one in found
    ]
