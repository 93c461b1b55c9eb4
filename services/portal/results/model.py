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


class ResultsMonth(Answered):
    """A month, with each mode of work."""

    month: str
    as_of: datetime | None
    modes: list[ModeResults]


class ResultsSeries(Answered):
    """Months, at performance's `GET /v1/results/series`."""

    months: list[ResultsMonth]
