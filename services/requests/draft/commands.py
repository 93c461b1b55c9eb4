"""What an employee sends while still writing a request, and what of it can be judged."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import Request
from pydantic import ConfigDict, Field, ValidationError

from services.requests.request.commands import Known, LocalHour, SubmitBody
from services.requests.request.rules import Draft
from shared.contracts.values import PlaceCategory, TimeWindow
from shared.kit.decisions.decider import Violation
from shared.kit.web.bodies import Body
from shared.kit.web.fields import Day
from shared.kit.web.problems import field_violation


class WindowDraft(Body):
    """Hours of work, as far as they are stated."""

    starts: LocalHour | None = None
    """Start, local time without an offset; null until it is stated."""

    ends: LocalHour | None = None
    """End, local time without an offset; null until it is stated."""


class PlaceDraft(Body):
    """A place of work, as far as it is stated."""

    category: PlaceCategory | None = None
    """Kind of the place; null until it is stated."""

    round_trip_km: Decimal | None = None
    """Round trip from home in kilometres; null until it is stated."""


class OutputDraft(Body):
    """An output, as far as it is stated."""

    day: Day | None = None
    """Day on which it is to be reached; null until it is stated."""

    title: str | None = None
    """Deliverable, in the employee's words; null until it is stated."""

    target_quantity: Decimal | None = None
    """Quantity to reach, in what `measure` names; null until it is stated."""

    measure: str | None = None
    """Code of what is counted such as `document`; null until it is stated."""


class DraftBody(Body):
    """A request as far as it is written: the body of a submission, any part of which may be left out or be null."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "days": ["2026-09-07", "2026-09-13"],
                    "place": {"category": "another_office"},
                    "outputs": [{"day": "2026-09-07", "title": "Ringkasan rapat"}],
                },
                {},
            ]
        }
    )

    days: Annotated[list[Day], Field(max_length=62)] | None = None
    """Days, in the unit's time zone."""

    window: WindowDraft | None = None
    """Hours of work on the days; null for the usual hours."""

    place: PlaceDraft | None = None
    """Place of work on all days."""

    outputs: Annotated[list[OutputDraft], Field(max_length=200)] | None = None
    """Outputs to agree on."""

    reason: str | None = None
    """Reason, for the superior to read."""


def draft_of(body: DraftBody, known: Known) -> Draft:
    """The part of a body that rules can judge, and what they compare it with."""
    return Draft(
        employee=known.employee,
        positions=known.positions,
        policies=known.policies,
        days_off=known.days_off,
        today=known.today,
        days=days_of(body),
        window=_window(body.window),
        category=body.place.category if body.place else None,
        round_trip_km=body.place.round_trip_km if body.place else None,
        output_days=tuple(output.day for output in body.outputs or ()),
        led=known.led,
        estimated=known.estimated,
        absences=known.absences,
    )


def _window(body: WindowDraft | None) -> TimeWindow | None:
    if body is None or body.starts is None or body.ends is None:
        return None
    return TimeWindow(starts=body.starts, ends=body.ends)


def days_of(body: DraftBody) -> tuple[date, ...]:
    """The days that are stated."""
    return tuple(body.days or ())


async def faults(request: Request) -> list[Violation]:
    """What the body of a call lacks of a submission, as a submission of it would be told."""
    try:
        SubmitBody.model_validate(await request.json(), from_attributes=True)
    except ValidationError as wrong:
        language = request.state.language
        return [
            field_violation({**fault, "loc": ("body", *fault["loc"])}, language)
            for fault in wrong.errors(include_url=False)
        ]
    return []
