"""The shapes of results over months, and of their rows as open data."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from services.performance.result.schemas import COUNTS, Results, results
from services.performance.series.value import WHOLE_PPM, Conclusion, Difference, Mean, difference
from shared.contracts.performance import WorkMode
from shared.kit.base.catalogue import VALUES
from shared.kit.decisions.decider import Document
from shared.kit.web.schemas import Schema
from shared.people.openly import WITHHELD
from shared.people.reads import table

LANGUAGE = "id"
PERCENT_PPM = 10_000


class ModeResults(Schema):
    """Results of all units' outputs of a month, of days in one mode of work."""

    mode: WorkMode
    """Mode of work on the days."""

    units: int
    """Number of units whose outputs these are."""

    withheld: bool
    """True if the results are withheld: those of fewer than five people, and others from which these could be worked
    out."""

    results: Results | None
    """Results of the outputs; null if withheld."""


class Compared(Schema):
    """By how much the mean of MKD days is above that of office days, in parts per million, and how sure that is: an
    interval of 95 % by Agresti and Caffo (2000), as if outputs were independent of each other. It says nothing of why:
    MKD days and office days are other people's, and other work."""

    difference_ppm: int
    """MKD less office."""

    low_ppm: int
    """Low end of the interval."""

    high_ppm: int
    """High end of the interval."""

    verdict: Conclusion
    """Conclusion: `higher` or `lower` if the whole interval is on one side of zero, else `inconclusive`."""


class Comparison(Schema):
    """MKD days beside office days."""

    attainment: Compared
    """Mean attainment."""

    timeliness: Compared
    """Mean timeliness."""


class ResultsMonth(Schema):
    """Results of the instance in a month."""

    month: str
    """The month, as `YYYY-MM`."""

    as_of: datetime | None
    """Moment of publication, in UTC. Null for the personnel agency, which reads current results, and while nothing of
    the month is published."""

    modes: list[ModeResults]
    """Results by mode of work."""

    comparison: Comparison | None
    """Comparison of both modes; null unless the results of both are told and have outputs."""


class ResultsSeries(Schema):
    """Results of the instance month by month."""

    months: list[ResultsMonth]
    """All months that were asked for, in order."""


class SeriesRow(Schema):
    """Results of a month in one mode as a row of a table."""

    month: ResultsMonth
    """The month."""

    of: ModeResults
    """The mode, and its results."""


@table("month", "as_of", "mode", "units", "withheld", *COUNTS)
def series_row(item: SeriesRow) -> Document:
    cells = item.of.results.model_dump() if item.of.results else dict.fromkeys(COUNTS)
    about = item.month.model_dump(mode="json", include={"month", "as_of"})
    return about | item.of.model_dump(mode="json", exclude={"results"}) | cells


def series_rows(months: Iterable[ResultsMonth]) -> list[SeriesRow]:
    """All results of a series, month by month."""
    return [SeriesRow(month=month, of=one) for month in months for one in month.modes]


def mode_results(total: Document, units: int, *, withheld: bool = False) -> ModeResults:
    return ModeResults(
        mode=WorkMode(total["mode"]), units=units, withheld=withheld, results=None if withheld else results(total)
    )


def comparison(modes: Iterable[ModeResults]) -> Comparison | None:
    """Both modes, where both are told."""
    told = {one.mode: one.results for one in modes}
    mkd, office = told.get(WorkMode.MKD), told.get(WorkMode.OFFICE)
    if not (mkd and office):
        return None
    attained = difference(Mean(mkd.attained_ppm, mkd.outputs), Mean(office.attained_ppm, office.outputs))
    on_time = difference(_on_time(mkd), _on_time(office))
    if not (attained and on_time):
        return None
    return Comparison(attainment=_compared(attained), timeliness=_compared(on_time))


def _on_time(of: Results) -> Mean:
    return Mean(of.on_time * WHOLE_PPM, of.outputs)


def _compared(of: Difference) -> Compared:
    return Compared(difference_ppm=of.ppm, low_ppm=of.low_ppm, high_ppm=of.high_ppm, verdict=of.verdict)


class OpenRow(Schema):
    """Results of a month in one mode as a row of open data."""

    bulan: str
    cara_kerja: str
    jumlah_unit: int
    keluaran: int | None = None
    dilaporkan_tepat_waktu: int | None = None
    diverifikasi: int | None = None
    capaian_persen: str = ""
    ketepatan_waktu_persen: str = ""
    keterangan: str = ""
    terbit_pada: str = ""


def open_rows(months: Iterable[ResultsMonth]) -> list[OpenRow]:
    """All results of some months, and what of them is withheld."""
    return [row for month in months for row in _rows(month)]


def _rows(month: ResultsMonth) -> Iterator[OpenRow]:
    for one in month.modes:
        said = {
            "bulan": month.month,
            "cara_kerja": VALUES.text(LANGUAGE, one.mode),
            "jumlah_unit": one.units,
            "terbit_pada": month.as_of.isoformat() if month.as_of else "",
        }
        yield OpenRow.model_validate(said | (_counts(one.results) if one.results else {"keterangan": WITHHELD}))


def _counts(of: Results) -> dict[str, object]:
    return {
        "keluaran": of.outputs,
        "dilaporkan_tepat_waktu": of.on_time,
        "diverifikasi": of.verified,
        "capaian_persen": _percent(of.attainment_ppm),
        "ketepatan_waktu_persen": _percent(of.timeliness_ppm),
    }


def _percent(ppm: int | None) -> str:
    """In per cent with one decimal, without a float."""
    if ppm is None:
        return ""
    tenths = (ppm * 10 + PERCENT_PPM // 2) // PERCENT_PPM
    return f"{tenths // 10}.{tenths % 10}"
