"""What approvals tells those who follow changes."""

from shared.people.live import of_employees

KINDS = (of_employees("case", "a case, for those who may see it.", "cases"),)
