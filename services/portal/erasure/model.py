"""What an erasure asks for."""

from dataclasses import dataclass

from services.portal.person.model import Answered


class Erased(Answered):
    """Whose data were erased, at organisation's `POST /v1/employees/{employee_id}:erase-personal-data`."""

    employee_id: str


@dataclass(frozen=True)
class Wish:
    """What was typed, on the version that was seen; `step` 2 asks once more before anything is done."""

    reason: str = ""
    seen: int = 0
    key: str = ""
    step: int = 1
    reason_wrong: str = ""
    sure_wrong: str = ""
    wrong: tuple[str, ...] = ()
