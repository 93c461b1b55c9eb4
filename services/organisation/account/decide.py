"""How a service account is recorded and ended: a program that reads figures, which ones, and until when. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from services.organisation.entity.decide import amended, latest
from services.organisation.mandate.rules import months_after
from shared.contracts.organisation import PUBLISHER, AccountRecorded, AccountTerms, Identity
from shared.kit.decisions.decider import Decider, Document, Refused, Violation, missing, wrong_state
from shared.kit.projections.writeset import document

MONTHS_MAX = 24


@dataclass(frozen=True, slots=True)
class RecordAccount:
    """From today on, tokens with this identity read such figures; `taken` where they speak for somebody else, and
    `unknown` of its units is not on record."""

    id: str
    identity: Identity
    terms: AccountTerms
    taken: bool
    unknown: Collection[str]


@dataclass(frozen=True, slots=True)
class EndAccount:
    """From now on, no token reads for this account."""

    today: date


def decide_account(command: RecordAccount | EndAccount, known: AccountRecorded | None) -> list[AccountRecorded]:
    match command, known:
        case EndAccount(today), AccountRecorded(account_id=id_, identity=identity, history=history):
            if (terms := known.on(today)) is None:
                raise wrong_state("account-ended")
            ended = terms.model_copy(update={"effective_from": today, "ends_on": today - timedelta(days=1)})
            return [AccountRecorded(account_id=id_, identity=identity, history=amended(history, ended))]
        case RecordAccount(id_, identity, terms), None:
            if broken := list(_broken(command)):
                raise Refused(*broken)
            return [AccountRecorded(account_id=id_, identity=identity, history=(terms,))]
    raise missing("not-found")


def _broken(command: RecordAccount) -> list[Violation]:
    terms, found = command.terms, []
    if command.taken:
        found.append(Violation("account-subject-taken", "/subject"))
    if terms.ends_on < terms.effective_from:
        found.append(Violation("account-over", "/ends_on"))
    if terms.ends_on >= months_after(terms.effective_from, MONTHS_MAX):
        found.append(Violation("account-too-long", "/ends_on", MONTHS_MAX))
    for at, unit_id in enumerate(terms.unit_ids or ()):
        if unit_id in command.unknown:
            found.append(Violation("account-unit-unknown", f"/unit_ids/{at}"))
    return found


def show(account: AccountRecorded) -> Document:
    """The document beside the log: the account whole, as every service keeps it."""
    return document(account)


accounts: Decider[RecordAccount | EndAccount, AccountRecorded] = Decider(
    "accounts", PUBLISHER, latest, decide_account, show
)
