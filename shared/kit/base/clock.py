"""What time it is for the business: the one seam through which time enters."""

from calendar import monthrange
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Business time. Tokens, leases and backoff use real time and never ask here."""

    def now(self) -> datetime:
        """The moment, with a time zone."""
        ...


class SystemClock:
    """Real time: what every instance runs on that is not a demo."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class DemoClock:
    """Simulated time, read from a file that holds an ISO 8601 moment; real time until the file is there.

    Only an instance marked as a demo builds one (`shared.kit.base.settings`).
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen = ((0, 0), datetime.min.replace(tzinfo=UTC))

    def now(self) -> datetime:
        try:
            found = self._file.stat()
            state = (found.st_ino, found.st_mtime_ns)
            if state != self._seen[0]:
                self._seen = (state, datetime.fromisoformat(self._file.read_text().strip()))
        except FileNotFoundError:
            return datetime.now(UTC)
        return self._seen[1]


def local_date(moment: datetime, time_zone: str) -> date:
    """The calendar date of a moment where a unit is: WIB, WITA and WIT change day at different moments."""
    return moment.astimezone(ZoneInfo(time_zone)).date()


def last_day(month: str) -> date:
    """The last day of a month (YYYY-MM); of a year that no calendar has, the first that it has."""
    year, number = max(int(month[:4]), 1), int(month[5:])
    return date(year, number, monthrange(year, number)[1])
