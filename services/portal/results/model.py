"""What performance answers of all units together."""

from datetime import datetime

from services.portal.person.model import Answered


class Results(Answered):
    """Results of outputs; means in parts per million."""

    outputs: int
    attainment_ppm: int | None
    timeliness_ppm: int | None


class ModeResults(Answered):
    """Results of days in one mode of work; none where they are withheld."""

    mode: str
    units: int
    withheld: bool
    results: Results | None


class Compared(Answered):
    """By how much MKD is above office, between what that lies, and what follows of it."""

    difference_ppm: int
    low_ppm: int
    high_ppm: int
    verdict: str


class Comparison(Answered):
    """MKD beside office."""

    attainment: Compared
    timeliness: Compared


class ResultsMonth(Answered):
    """A month, with each mode of work, and both compared where both are told."""

    month: str
    as_of: datetime | None
    modes: list[ModeResults]
    comparison: Comparison | None


class ResultsSeries(Answered):
    """Months, at performance's `GET /v1/results/series`."""

    months: list[ResultsMonth]
