"""How a document becomes the fields of a form, and what is typed a document again. Pure.

The form has the fields of the version that it begins with; a list has one item more than there are, which is left empty
or filled in, and any of its items may be taken out."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from services.portal.version.model import Document, Draft, Group, Json, Leaf, Part, Typed

DAYS = ("effective_from", "checked_on", "day", "first_day", "last_day")
DECIMALS = re.compile(r"(low|central|high)_km_per_litre")
LISTED = {"weekdays": "numbers", "worked_anyway": "days"}
"""Lists of values, which are written into one field with commas between them."""

FIRST: Mapping[str, Document] = {
    "extra_days_off": {"day": "", "name": ""},
    "seasons": {
        "name": "",
        "first_day": "",
        "last_day": "",
        "awaits_decree": False,
        "minutes": 0,
        "break_minutes": 0,
        "friday_break_minutes": 0,
        "source": "",
    },
}
"""The first item of a list that may be empty."""


def parts(document: Document, but: Sequence[str]) -> list[Part]:
    """The parts of a document, without some of its fields."""
    found = []
    for name, value in document.items():
        if name not in but and (groups := tuple(_groups(value, name))):
            found.append(Part(name, groups))
    return found


def _groups(value: Json, path: str, *, item: int = 0, more: bool = False) -> Iterator[Group]:
    if isinstance(value, Mapping):
        leaves = [leaf for name, one in value.items() if (leaf := _leaf(one, f"{path}.{name}", empty=more))]
        if leaves:
            yield Group(path, tuple(leaves), item, more)
        for name, one in value.items():
            if isinstance(one, Mapping) or _items(one, name) is not None:
                yield from _groups(one, f"{path}.{name}", more=more)
    elif (items := _items(value, path.rpartition(".")[2])) is not None:
        for at, one in enumerate(items):
            yield from _groups(one, f"{path}.{at}", item=at + 1, more=at == len(items) - 1)
    elif leaf := _leaf(value, path, empty=more):
        yield Group(path, (leaf,))


def _items(value: Json, name: str) -> list[Document] | None:
    """The items of a list with one more, made like the last; none for what is no list of items."""
    if not isinstance(value, Sequence) or isinstance(value, str) or name in LISTED:
        return None
    there = [one for one in value if isinstance(one, Mapping)]
    more = there[-1] if there else FIRST.get(name)
    return [*there, more] if more is not None else None


def kind_of(value: Json, path: str) -> str:
    """What kind of value a field takes; nothing for what is no field, or what this version does not say."""
    name = path.rpartition(".")[2]
    if isinstance(value, bool):
        return "yes-no"
    if isinstance(value, int):
        return "number"
    if name in DAYS and (value is None or isinstance(value, str)):
        return "day"
    if isinstance(value, str):
        return "decimal" if DECIMALS.fullmatch(name) else "text"
    return LISTED.get(name, "") if isinstance(value, Sequence) else ""


def scale_of(path: str) -> int:
    """How many of the document's units one shown unit has."""
    if path.rpartition(".")[2].startswith("sen_"):
        return 100
    return 10_000 if any(part.endswith("_ppm") for part in path.split(".")) else 1


def _leaf(value: Json, path: str, *, empty: bool) -> Leaf | None:
    kind = kind_of(value, path)
    scale = scale_of(path) if kind == "number" else 1
    if not kind:
        return None
    return Leaf(path, kind, "" if empty and kind != "yes-no" else _shown(value, kind, scale), scale)


def _shown(value: Json, kind: str, scale: int) -> str:
    if kind == "yes-no":
        return "yes" if value else "no"
    if kind == "number":
        assert isinstance(value, int)
        return f"{Decimal(value) / scale:f}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(str(one) for one in value)
    return str(value) if value is not None else ""


def drafted(base: Document, typed: Typed) -> Draft:
    """The document that what was typed comes to; fields that were not sent stay as they are."""
    wrong: list[tuple[str, str]] = []
    found = {name: _read(value, name, typed, wrong) for name, value in base.items()}
    return Draft(found, tuple(wrong))


def _read(value: Json, path: str, typed: Typed, wrong: list[tuple[str, str]]) -> Json:
    if isinstance(value, Mapping):
        return {name: _read(one, f"{path}.{name}", typed, wrong) for name, one in value.items()}
    items = _items(value, path.rpartition(".")[2])
    if items is None:
        kind = kind_of(value, path)
        return _typed(value, path, kind, typed.values[path], wrong) if kind and path in typed.values else value
    kept = []
    for at, one in enumerate(items):
        its = f"{path}.{at}"
        if its not in typed.removed and (at < len(items) - 1 or _is_filled(one, its, typed)):
            kept.append(_read(one, its, typed, wrong))
    return kept


def _is_filled(item: Document, path: str, typed: Typed) -> bool:
    """Whether anything was written into an item that is not there yet; a choice has always a value."""
    groups = _groups(item, path)
    asked = [leaf.path for group in groups for leaf in group.leaves if leaf.kind != "yes-no"]
    return any(typed.values.get(one) for one in asked)


def _typed(value: Json, path: str, kind: str, text: str, wrong: list[tuple[str, str]]) -> Json:
    try:
        return _value(value, path, kind, text)
    except (ValueError, InvalidOperation, ArithmeticError):
        wrong.append((path, f"draft-{kind}"))
        return value


def _value(value: Json, path: str, kind: str, text: str) -> Json:
    """Raises `ValueError` or `ArithmeticError` for what is none of its kind."""
    if kind == "yes-no":
        return text == "yes"
    if kind == "text":
        return text
    if kind == "day":
        return date.fromisoformat(text).isoformat() if text or value is not None else None
    if kind == "days":
        return [date.fromisoformat(one).isoformat() for one in _split(text)]
    if kind == "numbers":
        return [int(one) for one in _split(text)]
    number = Decimal(text.replace(",", "."))
    if not number.is_finite() or abs(number) > 10**15:
        raise ValueError(text)
    if kind == "decimal":
        return f"{number:f}"
    whole = number * scale_of(path)
    if whole != whole.to_integral_value():
        raise ValueError(text)
    return int(whole)


def _split(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


def path_of(pointer: str) -> str:
    """The path of what a refusal points to."""
    return pointer.strip("/").replace("/", ".")
