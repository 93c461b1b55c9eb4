"""What a form has typed of a service account, and what organisation is told of it. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from services.portal.account.model import FIELDS, Account, Typed
from shared.kit.base.alphabet import place

NEEDED = ("name", "subject", "figures", "ends_on")
CODES_MAX = 20
"""Codes of units that one form may name: each is looked for by a call of its own."""


def codes_of(typed: Typed) -> list[str]:
    """The codes of units that were typed, each once; none where all units are meant."""
    found = (code.strip() for code in re.split(r"[,;\n]", typed.codes)) if typed.scope == "units" else ()
    return list(dict.fromkeys(filter(None, found)))


def lacks(typed: Typed, text: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
    """What was left out, by field."""
    found = [(name, text(f"account-give-{name.replace('_', '-')}")) for name in NEEDED if not getattr(typed, name)]
    if not typed.scope:
        found.append(("scope", text("account-give-scope")))
    elif typed.scope == "units" and not 0 < len(codes_of(typed)) <= CODES_MAX:
        found.append(("units", text("account-give-units")))
    return tuple(found)


def body(typed: Typed, units: Sequence[str]) -> Mapping[str, object]:
    """The account as organisation takes it."""
    some = {"unit_ids": list(units), "with_parts": typed.with_parts} if typed.scope == "units" else {}
    said = {name: getattr(typed, name) for name in ("name", "subject", "ends_on")}
    return {**said, "figures": list(typed.figures), **some}


def beside(pointer: str) -> str:
    """The field of the form that a pointer of a refusal is about; nothing for none of them."""
    name = pointer.strip("/").partition("/")[0].replace("unit_ids", "units")
    return name if name in FIELDS else ""


def in_order(found: Iterable[Account]) -> list[Account]:
    """Those in force before others, by name."""
    return sorted(found, key=lambda one: (not one.in_force, place(one.terms.name), one.account_id))
