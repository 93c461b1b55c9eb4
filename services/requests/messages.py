"""What requests says to people."""

from shared.kit.base.messages import Catalogue

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
        "Hari {day} sudah tiba; mintalah atasan mencabut persetujuan hari itu.",
        "{day} has come; ask your superior to revoke the approval of that day.",
    ),
    "not-approved-yet": (
        "Selama belum disetujui, usulan ditarik seluruhnya; untuk mengurangi harinya, ubahlah usulan ini.",
        "Until it is approved, a request is withdrawn as a whole; to ask for fewer days, change it.",
    ),
    "no-superior": (
        "Tidak ada atasan yang tercatat aktif yang dapat memutuskan usulan Anda; hubungi pengelola kepegawaian.",
        "No active superior is on record who could decide on your request; turn to the personnel agency.",
    ),
    "absent": (
        "Hari {day} tercatat sebagai hari cuti atau dinas luar Anda.",
        "{day} is on record as a day of your leave or of an official trip.",
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
        "Pekan {week}: paling banyak {value} hari di luar kantor; sudah terpakai {taken}, usulan ini meminta {days}.",
        "Week {week}: at most {value} days away from the office; {taken} are taken, this request asks for {days}.",
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
    "distance-not-needed": (
        "Jarak hanya disebut untuk kantor lain atau tempat lain.",
        "A round trip is stated for another office or another place only.",
    ),
    "window-order": ("Jam selesai harus setelah jam mulai.", "The end must come after the start."),
    "window-over-midnight": (
        "Jam kerja yang melewati tengah malam (sif) tidak dibuka oleh ketentuan yang berlaku.",
        "Hours over midnight (a shift) are not opened by the rules in force.",
    ),
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
    "share-over-100": (
        "Bagian yang harus diverifikasi paling banyak {value} persen.",
        "The share that must be verified is at most {value} percent.",
    ),
    "policy-same-day": (
        "Sudah ada ketentuan yang berlaku sejak {value}; sebutkan pada corrects ketentuan mana yang diperbaiki.",
        "There are rules from {value} on already; name in corrects which ones these correct.",
    ),
    "policy-corrected": (
        "Ketentuan {value} sudah diperbaiki; perbaikilah yang menggantikannya.",
        "Policy {value} is corrected already; correct the one in its place.",
    ),
    "corrects-nothing": (
        "Tidak ada ketentuan {value} yang berlaku sejak {day}.",
        "There is no policy {value} that holds from {day} on.",
    ),
    "policy-published": (
        "Ketentuan {policy_id} sudah terbit; terbitkan ketentuan baru.",
        "Policy {policy_id} is published already; publish a new one.",
    ),
}
