"""What is allowed, judged apart: from the policy, the calendar and what the player knows of people, never from an
answer. Each command that is sent has its verdict first: accepted, or refused with exactly these rules."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from demo.account import Account, Plan, Request
from demo.calendar import RAMADAN, date_in, week_of
from demo.province import WIB, Person, Province

RULE, STATE, RIGHT, MISSING = 422, 409, 403, 404
OFFICE_DAYS_AHEAD_MAX = 60


@dataclass(frozen=True)
class Verdict:
    """How a command is to be answered: 200, or the status of a refusal and the rules that it names."""

    status: int = 200
    rules: frozenset[str] = frozenset()

    @property
    def accepted(self) -> bool:
        return self.status == 200

    def __str__(self) -> str:
        return "accepted" if self.accepted else f"{self.status} {', '.join(sorted(self.rules))}"


ACCEPTED = Verdict()


def refused(status: int, *rules: str) -> Verdict:
    return Verdict(status, frozenset(rules))


@dataclass(frozen=True)
class Policy:
    """The rules of the province, as they are published with the software."""

    id: str = "pol-jabar-2026-2"
    quota: int = 2
    notice_days: int = 1
    horizon_days: int = 60
    share: int = 100
    quantity_counts: bool = True

    def corrected(self, id_: str, days_off: Sequence[date]) -> dict[str, Any]:
        """The policy that takes its place, as it is sent: with some more days off."""
        source = "peragaan"
        usual = {"minutes": 450, "break_minutes": 60, "friday_break_minutes": 90, "source": source}
        ramadan = {"minutes": 390, "break_minutes": 30, "friday_break_minutes": 60, "source": source}
        first, last = RAMADAN
        season = {"name": "Ramadan 1447 H", "first_day": str(first), "last_day": str(last), **ramadan}
        return {
            "policy_id": id_,
            "corrects": self.id,
            "title": "MKD Jawa Barat 2026, dengan hari libur yang ditetapkan kemudian",
            "effective_from": "2026-01-01",
            "away_days_per_week_max": {"value": self.quota, "source": source},
            "notice_days_min": {"value": self.notice_days, "source": source},
            "horizon_days_max": {"value": self.horizon_days, "source": source},
            "measurable_position": {"value": True, "source": source},
            "no_public_contact": {"value": True, "source": source},
            "verified_share_min_percent": {"value": self.share, "source": source},
            "quantity_counts": {"value": self.quantity_counts, "source": source},
            "calendar": {
                "weekdays": [1, 2, 3, 4, 5],
                "country": "ID",
                "extra_days_off": [{"day": str(day), "name": "Hari libur daerah"} for day in days_off],
                "worked_anyway": [],
                "source": source,
            },
            "hours": {"usual": usual, "seasons": [season]},
        }


@dataclass
class Rules:
    """Verdicts on what people send, at a moment."""

    account: Account
    policy: Policy = field(default_factory=Policy)

    @property
    def _province(self) -> Province:
        return self.account.province

    def asking(self, person: Person, body: dict[str, Any], now: datetime, instead_of: Request | None = None) -> Verdict:
        """Somebody asks for days, perhaps instead of what they asked for before."""
        if not self._is_known(person, now):
            return refused(RIGHT, "unknown-person")
        if instead_of and not (changing := self._changing(instead_of, now)).accepted:
            return changing
        days = [date.fromisoformat(day) for day in body["days"]]
        found = {
            *self._about_days(person, days, now),
            *self._about_whom(person, days, now),
            *_about_outputs(days, body["outputs"]),
            *_about_place(body),
        }
        return refused(RULE, *found) if found else self._room(person, days, body, instead_of)

    def _is_known(self, person: Person, now: datetime) -> bool:
        return person.on(date_in(WIB, now)).active

    def _about_days(self, person: Person, days: Sequence[date], now: datetime) -> Iterator[str]:
        today = date_in(self._province.zone_of(person, min(days)), now)
        if len(set(days)) < len(days):
            yield "day-twice"
        if min(days) < today + timedelta(days=self.policy.notice_days):
            yield "notice"
        if max(days) > today + timedelta(days=self.policy.horizon_days):
            yield "horizon"
        if any(self.account.is_off(day) for day in days):
            yield "working-day"
        if any(self._province.absent(person.nip, day) for day in days):
            yield "absent"

    def _about_whom(self, person: Person, days: Sequence[date], now: datetime) -> Iterator[str]:
        if person.on(date_in(WIB, now)).superior is None:
            yield "no-superior"
        terms = {day: person.on(day) for day in days}
        if not all(of.active for of in terms.values()):
            yield "not-employed"
            return
        for day, of in terms.items():
            position = self._province.positions[of.position].on(day)
            if not position.measurable:
                yield "position-measurable"
            if position.public_contact:
                yield "position-public"

    def _room(self, person: Person, days: Sequence[date], body: dict[str, Any], without: Request | None) -> Verdict:
        """Whether the days are free, and the quota of their weeks has room."""
        others = [one for one in self.account.of(person.nip) if one.live and one is not without]
        if {day for one in others for day in one.remaining} & set(days):
            return refused(RULE, "overlap")
        taken = Counter(week_of(day) for one in others if one.away for day in one.remaining)
        wanted = Counter(map(week_of, days))
        if body["place"]["category"] != "office" and any(
            taken[week] + more > self.policy.quota for week, more in wanted.items()
        ):
            return refused(RULE, "weekly-quota")
        return ACCEPTED

    def _changing(self, request: Request, now: datetime) -> Verdict:
        if not request.live:
            return refused(STATE, "cannot-change")
        if date_in(request.zone, now) >= min(request.remaining):
            return refused(STATE, "too-late-to-change")
        return ACCEPTED

    def withdrawing(self, request: Request, days: Sequence[date], now: datetime) -> tuple[Verdict, list[date]]:
        """The employee takes a request back, or some of its days; and which days that takes."""
        if not self._is_known(self._province.people[request.nip], now):
            return refused(RIGHT, "unknown-person"), []
        today = date_in(request.zone, now)
        if not request.live:
            return refused(STATE, "cannot-withdraw"), []
        if request.status != "approved":
            part = bool(days) and set(days) != set(request.remaining)
            return (refused(STATE, "not-approved-yet"), []) if part else (ACCEPTED, request.remaining)
        if not set(days) <= set(request.remaining):
            return refused(RULE, "not-its-day"), []
        free = [day for day in request.remaining if day > today or self.account.is_excused(request.nip, day)]
        wanted = list(days) or free
        if not wanted or not set(wanted) <= set(free):
            return refused(STATE, "already-begun"), []
        return ACCEPTED, wanted

    def leaders(self, person: Person, now: datetime) -> set[str]:
        """Whoever decides for somebody at a moment: the superior, and whoever acts for them."""
        today = date_in(self._province.zone_of(person, date_in(WIB, now)), now)
        superior = person.on(today).superior
        acting = {one.acting_nip for one in self._province.mandates if one.holds(superior, today)}
        return {superior, *acting} if superior else set()

    def deciding(self, by: Person, decision: str, request: Request, now: datetime) -> Verdict:
        """Somebody approves, rejects or returns what an employee asks for."""
        if not (right := self._right(by, request.nip, now, "own-request")).accepted:
            return right
        if request.status != "submitted":
            return refused(STATE, "case-status")
        if decision == "approve" and date_in(request.zone, now) > min(request.days):
            return refused(STATE, "first-day-passed")
        return ACCEPTED

    def revoking(self, by: Person, request: Request, days: Sequence[date], now: datetime) -> tuple[Verdict, list[date]]:
        """Somebody takes an approval back, or some of its days; and which days that takes."""
        if not (right := self._right(by, request.nip, now, "own-request")).accepted:
            return right, []
        if request.status != "approved":
            return refused(STATE, "case-status"), []
        if not set(days) <= set(request.remaining):
            return refused(RULE, "not-its-day"), []
        today = date_in(request.zone, now)
        wanted = list(days) or [day for day in request.remaining if day >= today]
        return (ACCEPTED, wanted) if wanted else (refused(STATE, "days-over"), [])

    def _right(self, by: Person, whose: str, now: datetime, own: str) -> Verdict:
        if not self._is_known(by, now):
            return refused(RIGHT, "unknown-person")
        if by.nip == whose:
            return refused(RIGHT, own)
        if by.nip in self.leaders(self._province.people[whose], now):
            return ACCEPTED
        return refused(RIGHT, "not-the-superior") if by.nip == self._province.agency else refused(MISSING, "not-found")

    def planning(self, person: Person, outputs: Sequence[dict[str, Any]], now: datetime) -> Verdict:
        """Somebody agrees on outputs for days at the office."""
        if not self._is_known(person, now):
            return refused(RIGHT, "unknown-person")
        days = {date.fromisoformat(output["day"]) for output in outputs}
        today = date_in(self._province.zone_of(person, date_in(WIB, now)), now)
        found = set()
        if min(days) < today:
            found.add("office-day-passed")
        if max(days) > today + timedelta(days=OFFICE_DAYS_AHEAD_MAX):
            found.add("office-day-too-far")
        if not all(person.on(day).active for day in days):
            found.add("not-employed")
        if found:
            return refused(RULE, *found)
        held = {day for plan in self.account.plans_of(person.nip) for day in plan.open_days}
        return refused(RULE, "office-day-taken") if days & held else ACCEPTED

    def reporting(self, plan: Plan, output_id: str, now: datetime) -> Verdict:
        """The employee reports an output."""
        if not self._is_known(self._province.people[plan.nip], now):
            return refused(RIGHT, "unknown-person")
        if plan.days[output_id] in plan.closed:
            return refused(STATE, "plan-closed")
        if plan.stands(output_id) == "verified":
            return refused(STATE, "already-verified")
        if date_in(plan.zone, now) < plan.days[output_id]:
            return refused(STATE, "day-to-come")
        return ACCEPTED

    def judging(self, by: Person, plan: Plan, output_id: str, now: datetime, *, load_plan: str = "logged") -> Verdict:
        """Somebody verifies an output, returns it, or takes a verification back."""
        right = self._right(by, plan.nip, now, "own-output")
        if right.status == MISSING or "unknown-person" in right.rules:
            return right
        if plan.days[output_id] in plan.closed:
            return refused(STATE, "plan-closed")
        if not right.accepted:
            return right
        return ACCEPTED if plan.stands(output_id) == load_plan else refused(STATE, "output-progress")


def _about_outputs(days: Sequence[date], outputs: Sequence[dict[str, Any]]) -> Iterator[str]:
    agreed = {date.fromisoformat(output["day"]) for output in outputs}
    if set(days) - agreed:
        yield "output-missing"
    if agreed - set(days):
        yield "output-elsewhere"


def _about_place(body: dict[str, Any]) -> Iterator[str]:
    elsewhere, said = body["place"]["category"] in ("another_office", "other_place"), "round_trip_km" in body["place"]
    if elsewhere and not said:
        yield "distance-missing"
    if said and not elsewhere:
        yield "distance-not-needed"
    if window := body.get("window"):
        if window["ends"] < window["starts"]:
            yield "window-over-midnight"
        elif window["ends"] <= window["starts"]:
            yield "window-order"
