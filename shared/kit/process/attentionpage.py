"""The page of what needs a human, in the reader's language."""

import shlex
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from shared.kit.base import markup
from shared.kit.base.catalogue import read
from shared.kit.base.markup import Markup, lines, tag
from shared.kit.process.attention import OUTBOX_LATE, Attention, Found, Letter, Parked

MESSAGES = read("shared.kit.process")


class Page:
    """Where a service stands, told in one language and one time zone."""

    def __init__(self, attention: Attention, language: str, time_zone: str) -> None:
        self._of = attention
        self._language = language
        self._zone = ZoneInfo(time_zone)

    def html(self) -> str:
        """The whole page."""
        found = self._of.found
        return markup.document(
            self._language,
            self._text("title", service=self._of.service),
            *self._verdict(),
            *self._all(found),
            self._standing(),
            tag("p", self._text("as-of", at=self._moment(self._of.at))),
        )

    def _verdict(self) -> Iterable[Markup]:
        if self._of.nothing:
            yield tag("p", self._text("nothing"), class_="good", role="status")
            return
        yield tag("p", self._text("something"), class_="bad", role="status")
        for check, good in self._of.checks.items():
            if not good:
                yield tag("p", self._text(check, service=self._of.service), class_="bad")
        if self._of.late:
            yield tag("p", self._text("late", value=int(OUTBOX_LATE.total_seconds())), class_="bad")

    def _all(self, found: Found | None) -> Iterable[Markup]:
        if found:
            yield from (*self._stopped(found), *self._losses(found), self._letters(found), self._parked(found))

    def _stopped(self, found: Found) -> Iterable[Markup]:
        """Nothing where all go on."""
        rows = [
            (
                tag("code", one.consumer),
                self._text("rejected-of", rejected=one.rejected, of=one.of, topic=one.topic),
                lines(tag("code", one.rule), *self._advice(one.rule)),
                self._since(one.since),
                self._typed("resume", f"consumers resume {shlex.quote(one.consumer)}"),
            )
            for one in found.stopped
        ]
        if rows:
            yield self._table("stopped", ("consumer", "reason", "rule", "since", "command"), rows, len(rows))

    def _advice(self, rule: str) -> Sequence[str]:
        return [self._text(f"advice-{rule}")] if f"advice-{rule}" in MESSAGES else []

    def _losses(self, found: Found) -> Iterable[Markup]:
        """Nothing where nothing was lost lately: that is what should be."""
        rows = [
            (
                tag("code", lost.place),
                str(lost.offsets),
                self._text("made-good" if lost.made_good else "being-made-good"),
                self._since(lost.at),
            )
            for lost in found.losses
        ]
        if rows:
            yield self._table("losses", ("where", "count", "what", "since"), rows, len(rows))

    def _letters(self, found: Found) -> Markup:
        rows = [self._letter(letter) for letter in found.letters]
        return self._table("letters", ("where", "rule", "reason", "since", "command"), rows, found.letters_count)

    def _letter(self, letter: Letter) -> Sequence[str]:
        return (
            lines(letter.consumer, tag("code", letter.place)),
            lines(tag("code", letter.rule), *self._advice(letter.rule)),
            letter.reason,
            self._since(letter.since),
            Markup(self._command("retry", letter) + self._command("discard", letter)),
        )

    def _command(self, verb: str, letter: Letter) -> Markup:
        return self._typed(verb, f"dead-letters {verb} {shlex.quote(letter.id)}")

    def _typed(self, purpose: str, command: str) -> Markup:
        return tag("p", f"{self._text(purpose)}: ", tag("code", f"./mkd {command}"))

    def _parked(self, found: Found) -> Markup:
        rows = [self._stream(parked) for parked in found.parked]
        return self._table("parked", ("stream", "waits-for", "held", "since"), rows, found.parked_count)

    def _stream(self, parked: Parked) -> Sequence[str]:
        sentence = "waits-for-letter" if parked.behind else "waits-for-event"
        return (
            lines(parked.consumer, tag("code", parked.stream)),
            self._text(sentence, n=parked.waits_for, letter=parked.behind),
            str(parked.held),
            self._since(parked.since),
        )

    def _standing(self) -> Markup:
        outbox, lag = self._of.found and self._of.found.outbox, self._of.lag
        unknown = self._text("not-known")
        oldest = self._since(outbox.oldest) if outbox and outbox.oldest else ""
        rows: list[Sequence[str]] = [(self._text("unsent"), str(outbox.unsent) if outbox else unknown, oldest)]
        if lag is None:
            rows.append((self._text("lag-unknown"), unknown, ""))
        for (consumer, topic), behind in sorted((lag or {}).items()):
            rows.append((self._text("lag", consumer=consumer, topic=topic), str(behind), ""))
        return self._table("standing", ("what", "count", "since"), rows, len(rows))

    def _table(self, caption: str, headings: Sequence[str], rows: Sequence[Sequence[str]], count: int) -> Markup:
        """A table, or a heading and a word where there is nothing."""
        if not rows:
            return Markup(tag("h2", self._text(caption)) + tag("p", self._text(f"{caption}-none")))
        note = self._text("more", shown=len(rows), count=count) if count > len(rows) else ""
        return markup.table(self._text(caption), [self._text(heading) for heading in headings], rows, note)

    def _since(self, moment: datetime) -> Markup:
        return lines(tag("time", self._moment(moment), datetime=moment.isoformat()), self._ago(moment))

    def _moment(self, moment: datetime) -> str:
        return f"{moment.astimezone(self._zone):%Y-%m-%d %H:%M %Z}"

    def _ago(self, moment: datetime) -> str:
        minutes = int((self._of.at - moment).total_seconds()) // 60
        for unit, size in (("days", 24 * 60), ("hours", 60)):
            if minutes >= size:
                return self._text(unit, n=minutes // size)
        return self._text("minutes", n=minutes)

    def _text(self, name: str, **facts: Any) -> str:
        return MESSAGES.text(self._language, name, facts)
