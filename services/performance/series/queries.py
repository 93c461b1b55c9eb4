"""Results of a month, of all units together."""

from services.performance.plan.value import SUMS
from services.performance.publication.queries import added
from services.performance.series.schemas import ResultsMonth, comparison, mode_results
from shared.kit.base.generations import Models
from shared.kit.decisions.decider import Document
from shared.people.published import Reading


async def live_month(models: Models, month: str) -> ResultsMonth:
    """As they are now."""
    by_mode: dict[str, list[Document]] = {}
    async for one in models["unit_months"].find({"month": month, "agreed": {"$gt": 0}}):
        by_mode.setdefault(one["mode"], []).append({name: one.get(name, 0) for name in SUMS})
    modes = [mode_results({**added(by_mode[mode]), "mode": mode}, len(by_mode[mode])) for mode in sorted(by_mode)]
    return ResultsMonth(month=month, as_of=None, modes=modes, comparison=comparison(modes))


def published_month(month: str, reading: Reading | None) -> ResultsMonth:
    """As they were published, and may be read."""
    sums = sorted(reading.sums, key=lambda one: str(one["mode"])) if reading else []
    modes = [mode_results(one, one["units"], withheld=not (reading and reading.sees(one))) for one in sums]
    as_of = reading.as_of if reading else None
    return ResultsMonth(month=month, as_of=as_of, modes=modes, comparison=comparison(modes))
