"""What somebody must know who fills in a sheet, in Indonesian and English: the text of the API documentation."""

from collections.abc import Iterator, Mapping

from services.organisation.row.value import ROWS, SheetKind, columns
from services.organisation.sheet.rules import INDONESIAN

INTRODUCTION = """Kirim satu berkas: CSV (UTF-8 atau UTF-16; koma, titik koma atau tab) atau XLSX (lembar pertama yang
terlihat). Judul kolom boleh nama kolom di bawah atau padanan Indonesianya, dan boleh ada judul berkas di atasnya. Belum
ada yang berubah sampai berkas itu dikonfirmasi; lihat dahulu pratinjaunya. Setiap baris berlaku sejak `effective_from`
(TTTT-BB-HH atau HH/BB/TTTT); kode dan tanggal yang sama mengoreksi yang lama, juga untuk masa lalu. Kolom yang tidak
ada membiarkan yang tercatat; sel kosong mengosongkannya. Sel dibaca seperti terlihat, atau ditolak: rumus, sel
gabungan, baris dan kolom tersembunyi ditolak. Desimal boleh koma atau titik; `1.250` yang dapat berarti dua bilangan
ditolak. NIP harus berupa teks: lembar sebar hanya menyimpan 15 angka dari sebuah bilangan. Nama dan identitas tidak
berriwayat: yang berlaku ialah baris yang berlaku hari ini. Di tempat NIP orang yang datanya sudah dihapus, tulis id
pegawainya. Paling banyak 100.000 baris; berkas yang tidak dikonfirmasi dilupakan setelah 7 hari.

Send one file: CSV (UTF-8 or UTF-16; commas, semicolons or tabs) or XLSX (its first visible sheet). Columns are called
as below or by the Indonesian words for them, and a title may stand above. Nothing changes until it is confirmed; look
at the preview first. Each row holds from `effective_from` (YYYY-MM-DD or DD/MM/YYYY) on; the same code and day corrects
what was there, in the past as well. A column that is not there leaves what is on record; an empty cell empties it.
Cells are read as they look, or refused: formulas, merged cells, hidden rows and columns are. A decimal sign may be a
comma or a point; `1.250`, which can mean two numbers, is refused. A NIP must be text: a spreadsheet keeps only 15
digits of a number. Name and subject have no history: those of the row in force today hold. Where somebody's data were
erased, their employee id stands in place of the NIP. At most 100,000 rows; a sheet that is not confirmed is forgotten
after 7 days.
"""

ABOUT: Mapping[SheetKind, tuple[str, str]] = {
    SheetKind.UNITS: (
        "Perangkat daerah dan unit kerja. Unit induk dan gedung harus sudah dikenal, atau ada di berkas ini (induk).",
        "Agency units and their parts. A parent is known or in the same sheet; a building is loaded before.",
    ),
    SheetKind.BUILDINGS: (
        "Gedung, satu baris untuk setiap zona; kolom gedung sama pada semua baris dari satu hari. Semua zona ditulis: "
        "yang tidak ditulis tidak ada lagi sejak hari itu.",
        "Buildings, a row for each zone; the building's own columns agree in all rows of a day. Name every zone: one "
        "that is left out is gone from that day on.",
    ),
    SheetKind.POSITIONS: (
        "Jabatan dan dua kriteria MKD. Bila kedua kriteria kosong, jabatan dikenal tetapi belum dinilai, dan tidak "
        "memenuhi syarat: usulan ditolak dengan `position-not-assessed`. Jabatan yang sudah dinilai tidak dapat "
        "dikosongkan lagi.",
        "Positions and the two MKD criteria. Where both are left empty the position is known and not assessed, and "
        "does not qualify: a request is refused with `position-not-assessed`. What was assessed cannot be emptied "
        "again.",
    ),
    SheetKind.EMPLOYEES: (
        "Pegawai. Unit dan jabatan harus sudah dikenal; atasan juga, atau ada di berkas ini.",
        "Employees. Unit and position are loaded before; a superior as well, or is in the same sheet.",
    ),
    SheetKind.ACTING: (
        "Penugasan Plh dan Plt. Keduanya harus aktif pada hari itu; Plt paling lama 3 bulan, dapat diperpanjang satu "
        "kali 3 bulan (UU 30/2014 Ps. 14; SE BKN 1/SE/I/2021).",
        "Mandates to act for another (Plh, Plt). Both are active on that day; a Plt has at most 3 months, and 3 more "
        "once (UU 30/2014 Ps. 14; SE BKN 1/SE/I/2021).",
    ),
    SheetKind.ABSENCES: (
        "Cuti dan dinas luar, satu kode untuk satu orang, dari `effective_from` sampai `ends_on`. Hari MKD pada masa "
        "itu tidak dihitung. Batalkan dengan `ends_on` sebelum `effective_from` pada kode yang sama.",
        "Leave and official trips, a code for one person each, from `effective_from` to `ends_on`. A day worked "
        "elsewhere does not count then. Cancel one with `ends_on` before `effective_from` under the same code.",
    ),
}

COLUMNS: Mapping[str, tuple[str, str]] = {
    "unit_code": ("kode unit", "code of the unit"),
    "name": ("nama", "name"),
    "time_zone": ("zona waktu, bila kosong Asia/Jakarta", "time zone, Asia/Jakarta where empty"),
    "kind": ("jenis", "kind"),
    "parent_code": ("kode unit induk", "code of the unit that it belongs to"),
    "building_code": ("kode gedung", "code of the building"),
    "zone": ("zona gedung: huruf kecil, angka, -", "zone of the building: small letters, digits, -"),
    "meal_allowance_by_attendance": (
        "uang makan dibayar menurut kehadiran: ya/tidak",
        "whether meal allowance is paid for being present: ya/tidak",
    ),
    "public_facing": ("melayani masyarakat langsung: ya/tidak", "whether it serves the public directly: ya/tidak"),
    "effective_from": ("berlaku sejak (TMT)", "holds from this day on"),
    "base_kwh": ("kWh per hari kerja saat semua tertutup", "kWh on a working day when all is closed"),
    "per_head_kwh": ("kWh per orang yang hadir", "kWh for each person present"),
    "tariff_class": ("golongan tarif, misalnya P-1/TR", "tariff class, such as P-1/TR"),
    "zone_load_kwh": ("kWh per hari kerja zona yang dibuka", "kWh on a working day for the zone, when open"),
    "position_code": ("kode jabatan", "code of the position"),
    "measurable": ("kinerjanya terukur: ya/tidak", "whether its performance can be measured: ya/tidak"),
    "public_contact": ("bertemu langsung dengan masyarakat: ya/tidak", "whether it meets the public: ya/tidak"),
    "assessed_by_nip": ("NIP penilai", "NIP of who assessed it"),
    "assessed_on": ("tanggal penilaian", "day of the assessment"),
    "reason": ("alasan penilaian", "why it was assessed so"),
    "nip": ("NIP, 18 angka", "NIP, 18 digits"),
    "subject": ("identitas pada penerbit token", "who they are to the token issuer"),
    "superior_nip": ("NIP atasan langsung", "NIP of the direct superior"),
    "active": ("masih bekerja: ya/tidak, bila kosong ya", "whether employed: ya/tidak, ya where empty"),
    "grade": ("golongan, misalnya III atau III/a", "pay grade, such as III or III/a"),
    "roles": ("peran, dipisah spasi", "roles, separated by spaces"),
    "round_trip_km": ("km pulang pergi rumah ke kantor", "km from home to the office and back"),
    "vehicle": ("kendaraan", "vehicle"),
    "fuel": ("bahan bakar", "fuel"),
    "km_per_litre": ("km per liter", "km per litre"),
    "occupants": ("orang dalam kendaraan, bila kosong 1", "people in the vehicle, 1 where empty"),
    "acting_code": ("kode penugasan, misalnya nomor surat", "code of the mandate, such as the letter's number"),
    "for_nip": ("NIP pejabat yang digantikan", "NIP of the one who is stood in for"),
    "acting_nip": ("NIP pejabat yang menjalankan tugas", "NIP of the one who acts"),
    "absence_code": ("kode cuti atau surat tugas", "code of the leave, or the letter's number"),
    "ends_on": (
        "hari terakhir; sebelum effective_from berarti berakhir",
        "last day; one before effective_from ends it",
    ),
}


def about_sheets() -> str:
    """The whole guide, as Markdown."""
    return "\n".join([INTRODUCTION, *(line for kind in SheetKind for line in _about(kind))])


def _about(kind: SheetKind) -> Iterator[str]:
    yield f"\n**{kind.value}**: {ABOUT[kind][0]} {ABOUT[kind][1]}\n"
    yield "| kolom / column | judul / heading | wajib / required | isi | content |\n|---|---|---|---|---|"
    for column in columns(kind):
        required = "ya / yes" if ROWS[kind].model_fields[column].is_required() else ""
        indonesian, english = COLUMNS[column]
        yield f"| {column} | {INDONESIAN[column][0]} | {required} | {indonesian} | {english} |"
