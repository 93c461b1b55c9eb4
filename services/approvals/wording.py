"""What approvals says to people."""

from shared.kit.wording import Catalogue

WORDING: Catalogue = {
    "own-request": (
        "Tidak ada yang memutuskan usulannya sendiri.",
        "Nobody decides their own request.",
    ),
    "not-the-superior": (
        "Hanya atasan langsung pegawai ini yang dapat memutuskan.",
        "Only this employee's direct superior can decide.",
    ),
    "case-status": (
        "Tidak dapat dilakukan: status usulan ini {status}.",
        "Not possible: this request is {status}.",
    ),
    "first-day-passed": (
        "Hari pertamanya, {day}, sudah lewat (hari ini {today}): MKD disetujui sebelum dijalankan.",
        "Its first day, {day}, has passed (today is {today}): MKD is approved before it is worked.",
    ),
}
