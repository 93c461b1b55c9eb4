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
        "Usulan ini sudah ditarik atau persetujuannya dicabut.",
        "The request was withdrawn or its approval revoked.",
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
}
