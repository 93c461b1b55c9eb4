"""What sheets call their columns: our names, Indonesian ones, or those that a sheet has been said to have. Pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.organisation.row.value import ROWS, SheetKind
from shared.spreadsheets.tables import Cell

INDONESIAN: Mapping[str, tuple[str, ...]] = {
    "unit_code": ("kode unit", "kode unit kerja", "kode unit organisasi"),
    "name": ("nama", "nama lengkap"),
    "time_zone": ("zona waktu",),
    "kind": ("jenis",),
    "parent_code": ("kode unit induk", "kode induk"),
    "building_code": ("kode gedung",),
    "zone": ("zona gedung", "zona", "lantai"),
    "meal_allowance_by_attendance": ("uang makan menurut kehadiran",),
    "public_facing": ("melayani masyarakat",),
    "effective_from": ("berlaku sejak", "tmt", "terhitung mulai tanggal", "tanggal mulai", "mulai berlaku"),
    "base_kwh": ("kwh dasar",),
    "per_head_kwh": ("kwh per orang",),
    "tariff_class": ("golongan tarif",),
    "zone_load_kwh": ("kwh zona", "beban zona kwh"),
    "position_code": ("kode jabatan",),
    "measurable": ("terukur", "kinerja terukur"),
    "public_contact": ("bertemu masyarakat",),
    "assessed_by_nip": ("nip penilai",),
    "assessed_on": ("tanggal penilaian",),
    "reason": ("alasan", "alasan penilaian"),
    "nip": ("nomor induk pegawai", "nip pegawai"),
    "subject": ("identitas", "subjek token", "subjek"),
    "superior_nip": ("nip atasan", "nip atasan langsung"),
    "active": ("aktif", "masih bekerja"),
    "grade": ("golongan", "gol"),
    "roles": ("peran",),
    "round_trip_km": ("km pulang pergi", "jarak pulang pergi km"),
    "vehicle": ("kendaraan",),
    "fuel": ("bahan bakar",),
    "km_per_litre": ("km per liter",),
    "occupants": ("orang dalam kendaraan", "penumpang"),
    "acting_code": ("kode penugasan", "nomor surat perintah"),
    "for_nip": ("nip yang digantikan", "nip pejabat yang digantikan"),
    "acting_nip": ("nip pelaksana", "nip plh plt"),
    "absence_code": ("kode cuti", "kode ketidakhadiran", "nomor surat"),
    "ends_on": ("sampai dengan", "hari terakhir", "tanggal selesai", "berlaku sampai"),
}


@dataclass(frozen=True)
class Headings:
    """How a sheet calls the columns that it does not call as we do, and whether it may have others."""

    called: Mapping[str, str] = field(default_factory=dict)
    ignore_unknown: bool = False

    def columns(self, kind: SheetKind) -> dict[str, str]:
        """Our columns by what this sheet may call them. One that was announced is called so and not otherwise."""
        names: dict[str, str] = {}
        for column in ROWS[kind].model_fields:
            said = self.called.get(column)
            for name in (said,) if said else (column, *INDONESIAN[column]):
                names.setdefault(plain_heading(name), column)
        return names

    def likeness(self, kind: SheetKind, cells: Sequence[Cell]) -> int:
        """How many of some cells are headings of such a sheet."""
        names = self.columns(kind)
        return sum(isinstance(cell, str) and plain_heading(cell) in names for cell in cells)


def plain_heading(text: str) -> str:
    """A heading without what makes no difference in one: case, spaces, points, what is in brackets, unseen signs."""
    seen = "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")
    return re.sub(r"[\s_./*:\-]+", " ", re.sub(r"\([^)]*\)", "", seen)).strip().casefold()
