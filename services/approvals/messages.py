"""What approvals says to people."""

from shared.kit.base.messages import Catalogue

WORDING: Catalogue = {
    "own-request": (
        "Tidak ada yang memutuskan usulannya sendiri.",
        "Nobody decides their own request.",
    ),
    "not-the-superior": (
        "Hanya atasan pegawai ini, atau Plh/Plt-nya, yang dapat memutuskan.",
        "Only this employee's superior, or who acts for them, can decide.",
    ),
    "days-over": (
        "Semua harinya sudah lewat; sebutkan hari mana yang dicabut.",
        "All its days are over; name those to revoke.",
    ),
    "case-status": (
        "Tidak dapat dilakukan: status usulan ini {status}.",
        "Not possible: this request is {status}.",
    ),
    "reason-for-decision": (
        "Menolak atau mengembalikan usulan memerlukan alasan; menyetujui tidak.",
        "To reject or return a request needs a reason; to approve takes none.",
    ),
    "item-twice": (
        "Usulan ini sudah disebut sebelumnya dalam daftar yang sama.",
        "This request is named before in the same list.",
    ),
    "day-order": (
        "Hari terakhir, {last}, mendahului hari pertama, {first}.",
        "The last day, {last}, comes before the first, {first}.",
    ),
    "first-day-passed": (
        "Hari pertamanya, {day}, sudah lewat (hari ini {today}): MKD disetujui sebelum dijalankan.",
        "Its first day, {day}, has passed (today is {today}): MKD is approved before it is worked.",
    ),
}
