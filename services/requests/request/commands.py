"""What an employee sends, and the command that it becomes with what is known when it comes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Annotated

from fastapi import Request
from pydantic import AfterValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from services.requests.policy.queries import remembered
from services.requests.request.rules import Submit
from shared.contracts.organisation import AbsenceRecorded, EmployeeRecorded, PositionRecorded, as_of
from shared.contracts.requests import PolicyPublished
from shared.contracts.values import Kilometres, Place, PlaceCategory, TimeWindow
from shared.kit.base.clock import local_date
from shared.kit.base.ids import new_id
from shared.kit.base.versions import in_force
from shared.kit.decisions.decider import no_right
from shared.kit.web.bodies import Body
from shared.kit.web.fields import Day, Hour, Prose
from shared.people.calendar import days_off, estimated
from shared.people.context import RequestContext
from shared.people.outputs import OutputBody, agree


def _local(hour: time) -> time:
    if hour.tzinfo:
        raise PydanticCustomError("time_parsing", "Hours are those of the unit's clock, without a zone")
    return hour


LocalHour = Annotated[Hour, AfterValidator(_local)]


class WindowBody(Body):
    """The hours of work on the days, in the unit's local time."""

    starts: LocalHour
    """Start, local time without an offset, such as `07:30:00`."""

    ends: LocalHour
    """End, local time without an offset; before `starts` for a shift over midnight, if the policy allows shifts."""


class PlaceBody(Body):
    """Place of work that is asked for."""

    category: PlaceCategory
    """Kind of the place."""

    round_trip_km: Kilometres | None = None
    """Round trip from home in kilometres, with at most 2 decimals: needed for `another_office` and `other_place`,
    refused otherwise."""


class SubmitBody(Body):
    """A request to work at another place or time."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "days": ["2026-09-07", "2026-09-08"],
                    "window": {"starts": "07:30:00", "ends": "16:00:00"},
                    "place": {"category": "residence"},
                    "outputs": [
                        {"day": "2026-09-07", "title": "Ringkasan rapat", "target_quantity": 2, "measure": "document"},
                        {
                            "day": "2026-09-08",
                            "title": "Berkas diperiksa",
                            "target_quantity": "12.5",
                            "measure": "percent",
                        },
                    ],
                    "reason": "Menyusun laporan triwulan",
                }
            ]
        }
    )

    days: Annotated[list[Day], Field(min_length=1, max_length=62)]
    """Days, in the unit's time zone; each once."""

    window: WindowBody | None = None
    """Hours of work on the days; null for the usual hours."""

    place: PlaceBody
    """Place of work on all days."""

    outputs: Annotated[list[OutputBody], Field(min_length=1, max_length=200)]
    """Outputs to agree on, at least one for each day."""

    reason: Prose
    """Reason, for the superior to read; 1 to 2,000 characters."""


@dataclass(frozen=True)
class Asking:
    """The command, and the free text that its event will name by id."""

    command: Submit
    texts: Mapping[str, str]


@dataclass(frozen=True)
class Known:
    """What is known when somebody asks for some days, and the rules compare these with."""

    employee: EmployeeRecorded
    positions: Mapping[str, PositionRecorded]
    policies: Sequence[PolicyPublished]
    days_off: Mapping[date, str]
    estimated: frozenset[date]
    absences: Sequence[AbsenceRecorded]
    time_zone: str
    today: date
    led: bool


async def known_of(request: Request, context: RequestContext, days: Sequence[date]) -> Known:
    """What is known now of the caller and of days. Raises `Refused` for somebody who is not an employee."""
    known = await context.directory.employee(context.actor.employee_id)
    if known is None:
        raise no_right("unknown-person")
    first = min(days, default=context.today)
    unit_id = (as_of(known.history, first) or context.actor.terms).unit_id
    time_zone = await context.directory.zone_of(unit_id, first, context.time_zone)
    policies = await remembered(context.directory)
    policy = in_force(policies, first)
    return Known(
        employee=known,
        positions=await context.directory.positions({terms.position_id for terms in known.history}),
        policies=policies,
        days_off=days_off(policy.calendar, days, request.state.language) if policy else {},
        estimated=estimated(policy.calendar, days) if policy else frozenset(),
        absences=await context.directory.absences(known.employee_id),
        time_zone=time_zone,
        today=local_date(context.now, time_zone),
        led=(await context.leaders_of(known.employee_id)).superior_id is not None,
    )


async def asking(request: Request, context: RequestContext, body: SubmitBody, replaces: str | None = None) -> Asking:
    """The command that a body becomes. Raises `Refused` for somebody who is not an employee."""
    known = await known_of(request, context, body.days)
    outputs, titles = agree(body.outputs)
    reason_text_id = new_id("txt")
    command = Submit(
        request_id=new_id("req"),
        employee=known.employee,
        positions=known.positions,
        policies=known.policies,
        days_off=known.days_off,
        time_zone=known.time_zone,
        today=known.today,
        days=tuple(body.days),
        window=TimeWindow(starts=body.window.starts, ends=body.window.ends) if body.window else None,
        place=Place(category=body.place.category, round_trip_km=body.place.round_trip_km),
        outputs=outputs,
        reason_text_id=reason_text_id,
        led=known.led,
        estimated=known.estimated,
        absences=known.absences,
        replaces=replaces,
    )
    return Asking(command, {**titles, reason_text_id: body.reason})
