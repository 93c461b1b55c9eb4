"""What happened, kept as it happens, by what the player did and the rules allow; and where each thing stands."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from demo.calendar import is_off, is_over
from demo.factors import MILLION, Factors
from demo.province import Province

LIVE = ("submitted", "approved", "returned")
AFTER = {"approve": "approved", "reject": "rejected", "return": "returned"}


@dataclass
class Request:
    """A request, as its employee and superior know it, and the unit for which it was asked."""

    id: str
    nip: str
    unit: str
    zone: str
    days: list[date]
    place: str
    alt_km: Decimal
    window: tuple[int, int] | None
    outputs: dict[str, date]
    share: int = 100
    quantity_counts: bool = False
    status: str = "submitted"
    approved: bool = False
    """Whether it ever was."""
    taken_back: dict[date, str] = field(default_factory=dict)
    """Days `withdrawn` or `revoked`."""

    @property
    def live(self) -> bool:
        return self.status in LIVE

    @property
    def away(self) -> bool:
        return self.place != "office"

    @property
    def at_no_office(self) -> bool:
        return self.place in ("residence", "other_place")

    @property
    def remaining(self) -> list[date]:
        """The days that have not been taken back."""
        return [day for day in self.days if day not in self.taken_back]

    @property
    def agreed(self) -> list[date]:
        """The days on which it holds."""
        return self.remaining if self.status == "approved" else []


@dataclass(frozen=True)
class Report:
    """What was reported of an output, and how many days after its own."""

    quantity: Decimal
    days_late: int


@dataclass
class Plan:
    """Agreed outputs, of an approved request (`mkd`) or for days at the `office`, and what has become of each."""

    id: str
    nip: str
    mode: str
    zone: str
    days: dict[str, date]
    targets: dict[str, Decimal]
    closed: set[date] = field(default_factory=set)
    reports: dict[str, Report] = field(default_factory=dict)
    progress: dict[str, str] = field(default_factory=dict)

    def stands(self, output_id: str) -> str:
        return self.progress.get(output_id, "agreed")

    @property
    def open_days(self) -> set[date]:
        return set(self.days.values()) - self.closed

    def attained_ppm(self, output_id: str) -> int:
        """min(quantity / target, 1) if it is verified."""
        report = self.reports.get(output_id)
        if report is None or self.stands(output_id) != "verified":
            return 0
        return round(min(Fraction(report.quantity) / Fraction(self.targets[output_id]), Fraction(1)) * MILLION)

    def counted(self, output_id: str) -> dict[str, int]:
        """What one output comes to."""
        report, progress = self.reports.get(output_id), self.stands(output_id)
        return {
            "outputs": 1,
            "logged": int(report is not None),
            "on_time": int(report is not None and report.days_late == 0),
            "returned": int(progress == "returned"),
            "verified": int(progress == "verified"),
            "attained_ppm": self.attained_ppm(output_id),
        }


@dataclass
class Account:
    """The province, the factor sets and days off that were published, requests and plans by id."""

    province: Province
    factor_sets: list[Factors]
    decreed: set[date] = field(default_factory=set)
    """Days off that were decreed late."""
    requests: dict[str, Request] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict)
    _of: dict[str, list[Request]] = field(default_factory=dict)

    def is_off(self, day: date) -> bool:
        """Whether nobody works, by what has been decreed so far."""
        return is_off(day) or day in self.decreed

    def is_excused(self, nip: str, day: date) -> bool:
        """Whether somebody is not expected to work on a day, though employed."""
        return self.is_off(day) or self.province.absent(nip, day)

    def asked(self, request: Request) -> None:
        """Somebody asked, and it was taken."""
        self.requests[request.id] = request
        self._of.setdefault(request.nip, []).append(request)

    def of(self, nip: str) -> list[Request]:
        """What somebody has asked for."""
        return self._of.get(nip, [])

    def plans_of(self, nip: str) -> Iterator[Plan]:
        return (plan for plan in self.plans.values() if plan.nip == nip)

    def decided(self, request: Request, decision: str, targets: dict[str, Decimal]) -> None:
        """The superior decided on what lay there."""
        request.status = AFTER[decision]
        if decision == "approve":
            request.approved = True
            for plan in self.plans_of(request.nip):
                if plan.mode == "office":
                    plan.closed |= set(request.days) & set(plan.days.values())
            self.planned(Plan(request.id, request.nip, "mkd", request.zone, request.outputs, targets))

    def planned(self, plan: Plan) -> None:
        """Outputs were agreed."""
        self.plans[plan.id] = plan

    def took_back(self, request: Request, days: Iterable[date], how: str) -> None:
        """Days were withdrawn or revoked; when none is left, so is the request."""
        request.taken_back |= dict.fromkeys(days, how)
        if not request.remaining:
            request.status = how
        if plan := self.plans.get(request.id):
            plan.closed |= set(request.taken_back)

    def lapse(self, now: datetime) -> None:
        """Time closes what nobody has decided before its first day was over."""
        for request in self.requests.values():
            if request.status in ("submitted", "returned") and is_over(min(request.days), request.zone, now):
                request.status = "lapsed"

    def reported(self, plan: Plan, output_id: str, report: Report) -> None:
        plan.reports[output_id] = report
        plan.progress[output_id] = "logged"
