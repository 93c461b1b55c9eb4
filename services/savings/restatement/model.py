"""How a unit-month has changed since a moment. Pure."""

from dataclasses import dataclass

from services.savings.ledger.model import TAGS, Amounts, Total


@dataclass(frozen=True, slots=True)
class Restated:
    """What of a unit-month was before, what has come since, in how many rows where that is told, and what it is now;
    `of` says of which figure."""

    of: Total
    rows: int | None
    before: Amounts
    difference: Amounts
    after: Amounts

    @property
    def place(self) -> str:
        """Where it stands among the others."""
        return "|".join(str(getattr(self.of, name)) for name in TAGS)
