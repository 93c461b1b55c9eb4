"""What numbers mean that people write, and what a spreadsheet shows of those that it keeps. Pure."""

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

DIGITS_KEPT = 15
"""A spreadsheet keeps this many digits of a number: a NIP has 18, and must be text."""

PLACEHOLDERS = re.compile(r"(?P<whole>[#0,]*[#0])?(?:\.(?P<places>[0#?]+))?")


class Ambiguous(Exception):
    """`1.250` is a thousand and more, or one and a quarter."""


class Plain(str):
    """A text in which a point is certainly the decimal sign."""

    __slots__ = ()


class ShownOtherwise(Exception):
    """A number that a spreadsheet shows in a form which cannot be read back. Carries the form."""


def plain(text: str) -> str:
    """A number as people write it, with a point as its decimal sign and nothing else; what is none comes back as it is.
    Raises `Ambiguous`."""
    if isinstance(text, Plain):
        return str(text)
    said = re.sub(r"\s", "", text)
    sign, digits = re.fullmatch(r"([+-]?)(.*)", said, re.DOTALL).groups()  # type: ignore[union-attr]
    if re.fullmatch(r"[0-9]+", digits):
        return said
    if re.fullmatch(r"[1-9][0-9]{0,2}[.,][0-9]{3}", digits):
        raise Ambiguous
    for thousands, decimal in ((".", ","), (",", ".")):
        if re.fullmatch(rf"[1-9][0-9]{{0,2}}(\{thousands}[0-9]{{3}})+(\{decimal}[0-9]+)?", digits):
            return sign + digits.replace(thousands, "").replace(decimal, ".")
    if re.fullmatch(r"[0-9]+[,.][0-9]+", digits):
        return sign + digits.replace(",", ".")
    return text


def in_full(number: float) -> str | None:
    """All that a spreadsheet keeps of a number; none of one that it has shortened."""
    if abs(number) >= 10**DIGITS_KEPT:
        return None
    text = format(Decimal(format(number, f".{DIGITS_KEPT}g")), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _section(number: float, form: str) -> str:
    """The part of a form that is for such a number: one that hides a sign shows another number."""
    sections = form.split(";")
    if number > 0 or len(sections) == 1:
        return sections[0]
    if number == 0:
        return sections[2] if len(sections) > 2 else sections[0]
    if not re.search(r"[-(]", sections[1]):
        raise ShownOtherwise(form)
    return sections[1]


def as_shown(number: float, form: str) -> str | None:
    """A number in the form of its cell: `000` keeps its zeros, `0.00` its places. None of one that has lost digits.
    Raises `ShownOtherwise` where the form shows another number, or more than a number."""
    text = in_full(number)
    if text is None or form.lower() in ("general", "@", ""):
        return text
    section = _section(number, form)
    wanted = re.sub(r'_.|\*.|\\ |"\s*"', "", section).strip("()- ")
    found = PLACEHOLDERS.fullmatch(wanted)
    if not found or (found["whole"] or "").endswith(",") or not wanted:
        raise ShownOtherwise(form)
    places = found["places"] or ""
    try:
        rounded = Decimal(text).quantize(Decimal(1).scaleb(-len(places)), ROUND_HALF_UP)
    except InvalidOperation:
        raise ShownOtherwise(form) from None
    if rounded != Decimal(text):
        raise ShownOtherwise(form)
    whole, _, part = format(abs(rounded), "f").partition(".")
    whole = whole.lstrip("0").rjust((found["whole"] or "").count("0"), "0")
    least = len(places.rstrip("#?"))
    part = part[:least] + part[least:].rstrip("0")
    sign = "-" if rounded < 0 else ""
    return f"{sign}{whole or '0'}" + (f".{part}" if part else "")
