"""When a consumer has rejected so much that it must stop, rather than put a whole topic aside record by record. Pure.

Counted is what is new: records that were put aside before, that wait behind another, or that are known count neither
way. Of one person, or of one key, no more than a tenth of a limit counts, so that what is wrong with somebody's records
stops nobody else's.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.kit.messaging.admission import Item, Verdict


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a topic a consumer may reject: records one after another, and a share of the last ones."""

    in_a_row: int = 50
    share_percent: int = 50
    of_last: int = 200

    @property
    def share(self) -> int:
        """The share, in records."""
        return max(1, self.of_last * self.share_percent // 100)


class Limit(StrEnum):
    """Which limit was reached."""

    IN_A_ROW = "in-a-row"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class Exceeded:
    """A limit that was reached: how many were rejected, of how many, and the last of them with the rule it breaks."""

    limit: Limit
    rejected: int
    of: int
    topic: str
    place: str
    rule: str


@dataclass(frozen=True, slots=True)
class Tally:
    """What has been counted of a topic: how many records, the number of the last good one, and those of the rejected
    among the last, each with whom it is about."""

    counted: int = 0
    good_at: int = 0
    rejected: tuple[tuple[int, str], ...] = ()

    def accepting(self, some: int = 1) -> "Tally":
        return Tally(self.counted + some, self.counted + some, self.rejected)

    def rejecting(self, about: str, limits: Limits) -> "Tally":
        now = self.counted + 1
        kept = tuple(one for one in self.rejected if one[0] > now - limits.of_last)
        return Tally(now, self.good_at, (*kept, (now, about)))

    def exceeded(self, limits: Limits) -> tuple[Limit, int, int] | None:
        """The limit that is reached, how many were rejected, and of how many."""
        row = [about for at, about in self.rejected if at > self.good_at]
        if _weight(row, limits.in_a_row) >= limits.in_a_row:
            return Limit.IN_A_ROW, len(row), len(row)
        if _weight((about for _, about in self.rejected), limits.share) >= limits.share:
            return Limit.SHARE, len(self.rejected), min(self.counted, limits.of_last)
        return None


def _weight(about: Iterable[str], limit: int) -> int:
    """How many rejections count, of which few are about the same."""
    at_most = max(1, limit // 10)
    return sum(min(count, at_most) for count in Counter(about).values())


@dataclass(frozen=True, slots=True)
class Counted:
    """A batch as it was counted: how many of its records may be taken, what is counted then of each topic, and the
    limit where one was reached."""

    taken: int
    tallies: Mapping[str, Tally]
    exceeded: Exceeded | None = None


def count(
    tallies: Mapping[str, Tally],
    items: Sequence[Item],
    verdicts: Sequence[Verdict],
    again: Collection[str],
    limits: Limits,
) -> Counted:
    """Count a batch up to the record at which a limit is reached. `again` are the places of records that were put aside
    before."""
    found = dict(tallies)
    for at, (item, verdict) in enumerate(zip(items, verdicts, strict=True), 1):
        topic, place = item.record.topic, item.record.place
        tally = found.get(topic, Tally())
        if verdict is Verdict.APPLY or (verdict is Verdict.DUPLICATE and not item.fault):
            found[topic] = tally.accepting()
        elif verdict is Verdict.FAULT and item.fault and place not in again:
            found[topic] = tally.rejecting(about(item), limits)
            if exceeded := found[topic].exceeded(limits):
                return Counted(at, found, Exceeded(*exceeded, topic, place, item.fault.rule))
    return Counted(len(items), found)


def about(item: Item) -> str:
    """Whom a record is about, or else its key, or itself where it has none."""
    if item.heard:
        return str(getattr(item.heard.event, "employee_id", item.heard.event.key))
    key = item.record.key
    return key.decode(errors="backslashreplace") if key else item.record.place
