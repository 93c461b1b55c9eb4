"""What a form for reports holds, and what becomes of it."""

from dataclasses import dataclass

from services.portal.desk.model import Refusal
from services.portal.person.model import Answered


class Reported(Answered):
    """What became of one report."""

    output_id: str
    problem: Refusal | None


class AllReported(Answered):
    """What became of all, at performance's `POST /v1/plans:log`."""

    items: list[Reported]


@dataclass(frozen=True)
class Typed:
    """What is typed beside an output. Only what has a note is sent."""

    quantity: str
    note: str
    link: str
