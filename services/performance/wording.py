"""What performance says to people."""

from shared.kit.wording import Catalogue

WORDING: Catalogue = {
    "not-your-output": ("Keluaran ini bukan milik Anda.", "This output is not yours to report."),
    "own-output": ("Tidak ada yang memverifikasi keluarannya sendiri.", "Nobody verifies their own output."),
    "not-the-superior": (
        "Hanya atasan langsung pegawai ini yang dapat menilai keluarannya.",
        "Only this employee's direct superior can judge the output.",
    ),
    "plan-closed": (
        "Rencana ini sudah ditutup: ditarik, atau persetujuannya dicabut.",
        "This plan is closed: it was withdrawn, or its approval revoked.",
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
        "Hari {day} sudah ada dalam rencana kantor Anda yang lain.",
        "{day} is already in another office plan of yours.",
    ),
    "not-employed": (
        "Anda tidak tercatat aktif pada {day}.",
        "You are not on record as active on {day}.",
    ),
    "not-your-plan": ("Ini bukan rencana Anda.", "This is not your plan."),
    "already-begun": (
        "Hari pertama rencana ini, {day}, sudah tiba.",
        "The first day of this plan, {day}, has come.",
    ),
    "reason-for-return": (
        "Alasan wajib disertakan bila keluaran dikembalikan, dan hanya bila dikembalikan.",
        "A reason must be given when an output is returned, and only then.",
    ),
}
