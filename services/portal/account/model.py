"""What organisation answers of service accounts, and what a form has typed of one."""

from dataclasses import dataclass
from datetime import date

from services.portal.person.model import Answered

FIGURES = ("savings", "performance")
FIELDS = ("name", "subject", "figures", "scope", "units", "ends_on")
"""The fields of the form, beside which a problem may be said; `units` are `unit_ids` to organisation."""


class AccountTerms(Answered):
    """What an account reads, from a day on."""

    effective_from: date
    ends_on: date
    name: str
    figures: list[str]
    unit_ids: list[str] | None
    with_parts: bool


class Account(Answered):
    """A service account, at organisation's `GET /v1/accounts`."""

    account_id: str
    version: int
    subject: str
    in_force: bool
    history: list[AccountTerms]

    @property
    def terms(self) -> AccountTerms:
        """Those that hold, or held last."""
        return self.history[-1]

    @property
    def ended(self) -> bool:
        """Whether it was ended by somebody, and not by its day."""
        return self.terms.ends_on < self.terms.effective_from


@dataclass(frozen=True)
class Typed:
    """What was typed of a new account, and what is wrong with it, by field; what is wrong with none of them stands
    under nothing."""

    name: str = ""
    subject: str = ""
    figures: tuple[str, ...] = FIGURES
    scope: str = ""
    codes: str = ""
    with_parts: bool = True
    ends_on: str = ""
    key: str = ""
    wrong: tuple[tuple[str, str], ...] = ()

    def of(self, field: str) -> list[str]:
        """What is wrong with a field."""
        return [text for name, text in self.wrong if name == field]
