"""The shapes in which strangers are told of savings."""

from collections.abc import Iterable, Iterator

from services.savings.month.document import Amount, Figures
from services.savings.month.schemas import InstanceMonth
from services.savings.series.schemas import Words
from shared.kit.base.catalogue import VALUES
from shared.kit.web.schemas import Schema
from shared.people.openly import WITHHELD

MEASURES = {"microlitres": "LITER", "watt_hours": "KWH", "grams_co2e": "KILOGRAM CO2E", "sen": "RUPIAH"}
"""What open data calls the units of measure in which people read amounts."""
LANGUAGE = "id"


class OpenSavings(Schema):
    """Savings of the instance month by month, as everybody on record may read them."""

    months: list[InstanceMonth]
    """All months that were asked for, in order."""

    words: Words
    """Words for the codes, and units of measure."""


class OpenRow(Schema):
    """An amount as a row of open data."""

    bulan: str
    kategori: str
    penerima_manfaat: str = ""
    lingkup_emisi: int | None = None
    tingkat_bukti: int | None = None
    kumpulan_faktor: str = ""
    jumlah_rendah: str = ""
    jumlah: str = ""
    jumlah_tinggi: str = ""
    satuan: str = ""
    orang_hari: int | None = None
    keterangan: str = ""
    unit_tidak_termasuk: int = 0
    terbit_pada: str = ""


def open_rows(months: Iterable[InstanceMonth]) -> list[OpenRow]:
    """All amounts of some months, each measure by itself, at the precision that people read; and what is withheld."""
    return [row for month in months for row in (*_shown(month), *_withheld(month))]


def _shown(month: InstanceMonth) -> Iterator[OpenRow]:
    for figure in month.figures:
        for exact, measure in MEASURES.items():
            amount: Amount | None = getattr(figure.amounts, exact)
            if amount:
                yield _row(month, figure, measure, amount)


def _row(month: InstanceMonth, figure: Figures, measure: str, amount: Amount) -> OpenRow:
    return OpenRow(
        bulan=month.month,
        kategori=VALUES.text(LANGUAGE, figure.category),
        penerima_manfaat=VALUES.text(LANGUAGE, figure.beneficiary),
        lingkup_emisi=figure.scope,
        tingkat_bukti=figure.tier,
        kumpulan_faktor=figure.factor_set_id,
        jumlah_rendah=amount.read_low,
        jumlah=amount.read_central,
        jumlah_tinggi=amount.read_high,
        satuan=measure,
        orang_hari=figure.days,
        terbit_pada=_published(month),
    )


def _withheld(month: InstanceMonth) -> Iterator[OpenRow]:
    for category, units in sorted(month.left_out.items()):
        yield OpenRow(
            bulan=month.month,
            kategori=VALUES.text(LANGUAGE, category),
            keterangan=WITHHELD,
            unit_tidak_termasuk=units,
            terbit_pada=_published(month),
        )


def _published(month: InstanceMonth) -> str:
    return month.as_of.isoformat() if month.as_of else ""
