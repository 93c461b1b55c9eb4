"""The shapes in which changes of a record are told."""

from datetime import date, datetime
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

T = TypeVar("T")


class TermsChange(BaseModel, Generic[T]):
    """Terms from a day on, as they were and as they are."""

    model_config = ConfigDict(json_schema_extra={"description": "Terms from a day on, before and after a change."})

    effective_from: Annotated[date, Field(description="Day from which something else holds.")]
    before: Annotated[
        T | None,
        Field(description="Terms that held on that day until the change, which may have begun earlier; null for none."),
    ]
    after: Annotated[T | None, Field(description="Terms that hold since the change.")]


class Change(BaseModel, Generic[T]):
    """A change of a record: who made it, when, and what was before."""

    model_config = ConfigDict(
        json_schema_extra={"description": "A change of a record, with the values before and after."}
    )

    number: Annotated[
        int | None,
        Field(description="Position in the log, from 1 without a gap; null for a change of name, which has none."),
    ]
    type: Annotated[
        str,
        Field(
            description="Name of the event, which the AsyncAPI documents describe; `employee-renamed` where only the "
            "name was changed."
        ),
    ]
    at: Annotated[datetime, Field(description="Moment at which it happened, in UTC.")]
    actor: Annotated[
        str,
        Field(description="Employee who caused it, by id; an id that begins with `sys-` is the software itself."),
    ]
    terms: Annotated[list[TermsChange[T]], Field(description="Terms that were changed, in order of their days.")]
    identity_changed: Annotated[
        bool, Field(description="True if the subject of an employee's tokens was changed; it is told by nobody.")
    ] = False
    name_before: Annotated[str | None, Field(description="Name until the change; null if it stayed.")] = None
