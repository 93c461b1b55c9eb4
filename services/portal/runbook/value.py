"""What of Markdown runbooks use: headings, paragraphs, lists, commands and links. Pure."""

import re
from collections.abc import Iterator

from services.portal.runbook.model import Kind, Part, Runbook, Span

ITEM = re.compile(r"(?:(\d+)\.|-) ")
LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")


def runbook(name: str, text: str) -> Runbook:
    """The parts of a runbook's text, but for its title."""
    blocks = (block for block in re.split(r"\n\s*\n", text.strip()) if not block.startswith("# "))
    return Runbook(name, tuple(_part(block) for block in blocks))


def _part(block: str) -> Part:
    if block.startswith("## "):
        return Part(Kind.HEADING, (_spans(block[3:]),))
    if (first := ITEM.match(block)) is not None:
        return Part(Kind.STEPS if first[1] else Kind.POINTS, tuple(_spans(item) for item in _items(block)))
    return Part(Kind.TEXT, (_spans(block),))


def _items(block: str) -> Iterator[str]:
    item = ""
    for line in block.splitlines():
        if (begins := ITEM.match(line)) is not None:
            if item:
                yield item
            item = line[begins.end() :]
        else:
            item += f" {line.strip()}"
    yield item


def _spans(text: str) -> tuple[Span, ...]:
    plain = LINK.sub(r"\1", " ".join(text.split())).replace("*", "")
    return tuple(Span(one, bool(n % 2)) for n, one in enumerate(plain.split("`")) if one)
