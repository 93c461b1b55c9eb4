"""What requests says to people."""

from shared.kit.wording import Catalogue

WORDING: Catalogue = {
    "not-yours": ("Ini bukan usulan Anda.", "This is not your request."),
    "cannot-withdraw": (
        "Usulan ini tidak dapat ditarik lagi: statusnya {status}.",
        "This request can no longer be withdrawn: it is {status}.",
    ),
    "cannot-change": (
        "Usulan ini tidak dapat diubah lagi: statusnya {status}.",
        "This request can no longer be changed: it is {status}.",
    ),
    "too-late-to-change": (
        "Usulan diubah sebelum hari pertamanya, {day}; hari ini {today}.",
        "A request is changed before its first day, {day}; today is {today}.",
    ),
    "already-begun": (
        "Hari pertama usulan ini, {day}, sudah tiba; mintalah atasan mencabut persetujuannya.",
        "Its first day, {day}, has come; ask your superior to revoke the approval.",
    ),
    "no-policy": (
        "Belum ada ketentuan yang berlaku pada {day}.",
        "No rules are in force on {day}.",
    ),
    "policy-changes": (
        "Ketentuan berganti pada {day} ({value}); ajukan hari sejak itu dalam usulan tersendiri.",
        "The rules change on {day} ({value}); ask for the days from then on in a request of their own.",
    ),
    "day-twice": ("Ada hari yang disebut dua kali.", "A day is named twice."),
    "notice": (
        "Hari {day} harus diajukan paling lambat {value} hari sebelumnya; hari ini {today}.",
        "{day} must be asked for at least {value} days before; today is {today}.",
    ),
    "horizon": (
        "Hari {day} terlalu jauh: paling lama {value} hari ke depan.",
        "{day} is too far ahead: at most {value} days.",
    ),
    "working-day": ("Hari {day} bukan hari kerja: {value}.", "{day} is not a working day: {value}."),
    "overlap": (
        "Hari {day} sudah ada dalam usulan Anda yang lain.",
        "{day} is already in another request of yours.",
    ),
    "weekly-quota": (
        "Pekan {week}: paling banyak {value} hari di luar kantor; usulan ini meminta {days}.",
        "Week {week}: at most {value} days away from the office; this request asks for {days}.",
    ),
    "not-employed": (
        "Anda tidak tercatat aktif pada semua hari itu.",
        "You are not on record as active on all those days.",
    ),
    "position-not-assessed": (
        "Jabatan Anda belum dinilai terhadap kriteria MKD.",
        "Your position has not been assessed against the MKD criteria.",
    ),
    "position-measurable": (
        "Jabatan Anda tidak memiliki ukuran kinerja yang jelas.",
        "Your position has no clear measure of performance.",
    ),
    "position-public": (
        "Jabatan Anda berhubungan langsung dengan masyarakat.",
        "Your position has direct contact with the public.",
    ),
    "output-missing": ("Hari {day} belum memiliki keluaran.", "{day} has no agreed output."),
    "output-elsewhere": ("Hari {day} tidak termasuk usulan ini.", "{day} is not a day of this request."),
    "distance-missing": (
        "Sebutkan jarak pulang-pergi ke tempat itu.",
        "State the round trip to that place.",
    ),
    "window-order": ("Jam selesai harus setelah jam mulai.", "The end must come after the start."),
    "unknown-country": (
        "Hari libur negara {country} tidak dikenal; pakai kode ISO 3166 seperti ID.",
        "The holidays of {country} are not known; use an ISO 3166 code such as ID.",
    ),
    "season-order": (
        "Musim ini berakhir sebelum hari pertamanya, {value}.",
        "This season ends before its first day, {value}.",
    ),
    "seasons-overlap": (
        "Ada hari yang termasuk dua musim: {value} dan {name}.",
        "A day is in two seasons: {value} and {name}.",
    ),
    "no-such-week": (
        "Pekan {week} tidak ada dalam tahun itu.",
        "There is no week {week} in that year.",
    ),
    "policy-published": (
        "Ketentuan {policy_id} sudah terbit; terbitkan ketentuan baru.",
        "Policy {policy_id} is published already; publish a new one.",
    ),
}
