"""What organisation says to people."""

from shared.kit.wording import Catalogue

WORDING: Catalogue = {
    "not-utf-8": (
        "Berkas harus UTF-8; bita ke-{at} tidak dapat dibaca.",
        "The file must be UTF-8; byte {at} cannot be read.",
    ),
    "import-invalid": (
        "Berkas ini tidak dapat diambil alih: {count} masalah pada barisnya.",
        "This sheet cannot be taken over: {count} problems in its rows.",
    ),
    "column-missing": ("Kolom ini tidak ada.", "This column is not there."),
    "cell-count": (
        "Jumlah sel pada baris ini berbeda dari judulnya.",
        "The row has more or fewer cells than the heading.",
    ),
    "too-many-rows": ("Paling banyak {value} baris sekali kirim.", "At most {value} rows at once."),
    "not-csv": ("Bukan CSV yang sah: {reason}.", "Not valid CSV: {reason}."),
    "row-twice": (
        "Baris lain memuat kode dan tanggal yang sama.",
        "Another row has the same code and day.",
    ),
    "unknown-code": ("Kode ini belum dikenal; muat dahulu.", "This code is not known yet: load it first."),
    "own-superior": ("Tidak ada yang menjadi atasan dirinya sendiri.", "Nobody leads themselves."),
    "commute-incomplete": (
        "Isi jarak dan kendaraan keduanya, atau kosongkan keduanya.",
        "Give both the distance and the vehicle, or neither.",
    ),
    "subject-taken": ("Identitas ini milik pegawai lain.", "This identity belongs to another employee."),
    "nip-shape": ("NIP terdiri atas 18 angka; angka ke-15 adalah 1 atau 2.", "A NIP has 18 digits, the 15th 1 or 2."),
    "nip-birth-date": (
        "NIP diawali tanggal lahir, TTTTBBHH.",
        "A NIP begins with a birth date, YYYYMMDD.",
    ),
    "unknown-zone": (
        "Zona waktu tidak dikenal; WIB Asia/Jakarta, WITA Asia/Makassar, WIT Asia/Jayapura.",
        "No such time zone; WIB is Asia/Jakarta, WITA Asia/Makassar, WIT Asia/Jayapura.",
    ),
}
