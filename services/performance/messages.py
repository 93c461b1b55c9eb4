"""What performance says to people."""

from shared.kit.base.messages import Catalogue

WORDING: Catalogue = {
    "not-your-output": ("Keluaran ini bukan milik Anda.", "This output is not yours to report."),
    "own-output": ("Tidak ada yang memverifikasi keluarannya sendiri.", "Nobody verifies their own output."),
    "not-the-superior": (
        "Hanya atasan pegawai ini, atau Plh/Plt-nya, yang dapat menilai keluarannya.",
        "Only this employee's superior, or who acts for them, can judge the output.",
    ),
    "plan-closed": (
        "Hari ini dalam rencana sudah ditutup: ditarik, atau persetujuannya dicabut.",
        "This day of the plan is closed: it was withdrawn, or its approval revoked.",
    ),
    "already-verified": (
        "Keluaran ini sudah diverifikasi; mintalah atasan menarik verifikasinya.",
        "This output is verified already; ask your superior to withdraw the verification.",
    ),
    "day-to-come": (
        "Keluaran hari {day} baru dapat dilaporkan pada hari itu; hari ini {today}.",
        "The output of {day} can be reported from that day on; today is {today}.",
    ),
    "output-progress": (
        "Tidak dapat dilakukan: keluaran ini {progress}.",
        "Not possible: this output is {progress}.",
    ),
    "office-day-passed": (
        "Hari {day} sudah lewat: rencana kantor dibuat untuk hari ini, {today}, atau sesudahnya.",
        "{day} has passed: an office plan is for today, {today}, or later.",
    ),
    "office-day-too-far": (
        "Hari {day} terlalu jauh: paling lama {value} hari ke depan.",
        "{day} is too far ahead: at most {value} days.",
    ),
    "office-day-taken": (
        "Hari {day} sudah memiliki rencana Anda: rencana kantor lain, atau MKD yang disetujui.",
        "{day} has a plan of yours already: another office plan, or MKD as approved.",
    ),
    "not-employed": (
        "Anda tidak tercatat aktif pada {day}.",
        "You are not on record as active on {day}.",
    ),
    "not-your-plan": ("Ini bukan rencana Anda.", "This is not your plan."),
    "already-begun": (
        "Hari {day} sudah tiba.",
        "{day} has come.",
    ),
    "reports-max": (
        "Keluaran ini sudah dilaporkan {value} kali sejak terakhir dinilai; tunggulah penilaian atasan.",
        "This output has been reported {value} times since it was last judged; wait for your superior to judge it.",
    ),
    "reason-for-return": (
        "Alasan wajib disertakan bila keluaran dikembalikan, dan hanya bila dikembalikan.",
        "A reason must be given when an output is returned, and only then.",
    ),
}
