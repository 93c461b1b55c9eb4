"""Asking services for what they have put aside, and telling them what to do about it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from services.portal.dead_letter.model import STATUSES, Choice, Content, Detail, Filter, Letter, Letters, Outcome
from services.portal.reach import JUDGED, Asker, Broken, Lacking, Reach, part

OF_ONE, OF_EACH = 50, 20
"""How many are shown of one service, and of each where all are."""
GONE = 404


@dataclass(frozen=True)
class Shelf:
    """What one service has put aside, as far as it is shown."""

    service: str
    letters: Letters | Lacking

    @property
    def items(self) -> Sequence[Letter]:
        return () if isinstance(self.letters, Lacking) else self.letters.items

    @property
    def next_cursor(self) -> str | None:
        return None if isinstance(self.letters, Lacking) else self.letters.next_cursor


async def shelves(reach: Reach, who: Asker, by: Filter) -> list[Shelf]:
    """What the filter leaves, service by service."""
    asked: dict[str, str | int | list[str]] = {"status": list(STATUSES[by.status])}
    asked |= {name: text for name, text in (("consumer", by.consumer), ("cursor", by.cursor)) if text}

    async def one(service: str, limit: int) -> Shelf:
        read = await part(reach.get(who, service, "/v1/dead-letters", Letters, limit=limit, **asked))
        return Shelf(service, read if isinstance(read, Lacking) else read.value)

    if by.service:
        return [await one(by.service, OF_ONE)]
    return list(await asyncio.gather(*(one(service, OF_EACH) for service in reach.services)))


async def letter(reach: Reach, who: Asker, service: str, letter_id: str) -> Detail:
    """One of them. Raises `Broken`, or `Away`."""
    return (await reach.get(who, service, f"/v1/dead-letters/{letter_id}", Detail)).value


async def content(reach: Reach, who: Asker, service: str, letter_id: str) -> Content:
    """What it holds, which the service writes down. Raises `Broken`, or `Away`."""
    return (await reach.get(who, service, f"/v1/dead-letters/{letter_id}/content", Content)).value


async def carry_out(reach: Reach, who: Asker, its: Choice, key: str) -> list[Outcome]:
    """Do with each that was chosen what was decided. They are handled in their order, in which they came, and given up
    from the last on: one that waits behind another would be handled once that is given up. Raises `Broken` for somebody
    who may not, or `Away`."""
    ordered = its.chosen if its.decision == "retry" else its.chosen[::-1]
    return [await _one(reach, who, its, service, letter_id, key) for service, letter_id in ordered]


async def _one(reach: Reach, who: Asker, its: Choice, service: str, letter_id: str, key: str) -> Outcome:
    body = {"reason": its.reason} if its.decision == "discard" else None
    try:
        now = await reach.post(who, service, f"/v1/dead-letters/{letter_id}:{its.decision}", body, Detail, key)
    except Broken as refused:
        if refused.status not in (*JUDGED, GONE):
            raise
        return Outcome(service, letter_id, " ".join(refused.said.sentences))
    return Outcome(service, letter_id, f"{now.rule}: {now.reason}" if now.waits else "")
