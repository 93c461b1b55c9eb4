"""Who may decide in a superior's place. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Leaders:
    """Who leads an employee today: the superior, and those who act for the superior by mandate (Plh, Plt)."""

    superior_id: str | None
    acting: frozenset[str] = frozenset()

    def __contains__(self, employee_id: object) -> bool:
        return employee_id is not None and (employee_id == self.superior_id or employee_id in self.acting)

    def acting_for(self, employee_id: str) -> str | None:
        """Whom somebody stands in for when they decide: nobody, if they are the superior themselves."""
        return self.superior_id if employee_id != self.superior_id and employee_id in self.acting else None
