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
    "import-dropped": (
        "Berkas ini sudah dilupakan: memuat orang yang datanya telah dihapus, atau terlalu lama menunggu; kirim lagi.",
        "This sheet was dropped: it names somebody whose data were erased, or lay too long; send it again.",
    ),
    "another-sheet": (
        "Berkas lain sedang diambil alih; coba lagi setelah selesai.",
        "Another sheet is being taken over; try again when that is done.",
    ),
    "still-employed": (
        "Pegawai ini masih bekerja pada {day}; data pribadinya diperlukan selama itu.",
        "This employee is employed on {day}; their personal data are needed for as long.",
    ),
    "column-not-ours": (
        "Berkas jenis ini tidak mempunyai kolom {column}.",
        "Sheets of this kind have no column {column}.",
    ),
    "column-called-twice": (
        "Kolom {column} atau judulnya disebut dua kali.",
        "The column {column}, or its heading, is named twice.",
    ),
    "column-missing": ("Kolom ini tidak ada: {reason}.", "This column is not there: {reason}."),
    "column-twice": ("Dua kolom berjudul sama.", "Two columns have this heading."),
    "column-unknown": (
        "Kolom ini tidak dikenal; petakan dengan `columns`, atau lewati dengan `ignore_unknown`.",
        "This column is not known: map it with `columns`, or leave it out with `ignore_unknown`.",
    ),
    "cell-count": (
        "Jumlah sel pada baris ini berbeda dari judulnya.",
        "The row has more or fewer cells than the heading.",
    ),
    "formula": ("Sel ini berisi rumus; tulis nilainya.", "This cell holds a formula: write its value."),
    "error-value": ("Sel ini berisi galat.", "This cell holds an error."),
    "digits-lost": (
        "Bilangan ini terlalu panjang bagi lembar sebar, yang menyimpan 15 angka; format sel sebagai teks.",
        "This number is too long for a spreadsheet, which keeps 15 digits: format the cell as text.",
    ),
    "control-character": (
        "Teks ini memuat karakter kendali.",
        "This text holds control characters.",
    ),
    "too-many-rows": ("Paling banyak {value} baris sekali kirim.", "At most {value} rows at once."),
    "too-large-unpacked": (
        "Isi berkas XLSX ini terlalu besar setelah dibuka.",
        "This XLSX file is too large when unpacked.",
    ),
    "not-xlsx": ("Bukan berkas XLSX yang utuh.", "Not a whole XLSX file."),
    "not-csv": ("Bukan CSV yang sah: {reason}.", "Not valid CSV: {reason}."),
    "row-twice": (
        "Baris lain memuat kode dan tanggal yang sama.",
        "Another row has the same code and day.",
    ),
    "history-too-long": (
        "Terlalu banyak tanggal untuk satu kode; paling banyak {value}.",
        "Too many days for one code; at most {value}.",
    ),
    "survey-too-long": (
        "Terlalu banyak zona dan tanggal untuk satu gedung; paling banyak {value} baris.",
        "Too many zones and days for one building; at most {value} rows.",
    ),
    "seat-incomplete": (
        "Isi gedung dan zona keduanya, atau kosongkan keduanya.",
        "Give both the building and the zone, or neither.",
    ),
    "zone-not-there": (
        "Gedung itu tidak mempunyai zona ini pada tanggal tersebut.",
        "The building has no such zone on that day.",
    ),
    "parent-circle": (
        "Unit ini akan menjadi bagian dari dirinya sendiri, atau lebih dalam dari 20 tingkat.",
        "The unit would belong to itself, or stand deeper than 20 levels.",
    ),
    "building-disagrees": (
        "Baris lain dari gedung dan hari ini mengatakan lain.",
        "Another row of this building and day says otherwise.",
    ),
    "too-many-zones": ("Paling banyak {value} zona dalam satu gedung.", "At most {value} zones in a building."),
    "half-assessed": (
        "Isi kedua kriteria; tanpa keduanya jabatan belum dinilai, dan penilai, tanggal dan alasan dikosongkan.",
        "Give both criteria; without them the position is not assessed, and has no assessor, day or reason.",
    ),
    "assessed-before": (
        "Jabatan ini sudah dinilai pada tanggal tersebut; penilaiannya dapat diubah, tidak dikosongkan.",
        "The position is assessed on that day: an assessment can be changed, not emptied.",
    ),
    "acts-for-self": ("Tidak ada yang menggantikan dirinya sendiri.", "Nobody acts for themselves."),
    "not-active-then": (
        "Pegawai ini tidak aktif pada tanggal mulai penugasan.",
        "This employee is not active on the day the mandate begins.",
    ),
    "plt-too-long": ("Plt paling lama {value} bulan.", "A Plt has at most {value} months."),
    "plt-too-long-in-all": (
        "Plt dengan perpanjangannya paling lama {value} bulan.",
        "A Plt has at most {value} months with its extension.",
    ),
    "plt-extended-twice": (
        "Plt dapat diperpanjang {value} kali.",
        "A Plt can be extended {value} time.",
    ),
    "unknown-code": ("Kode ini belum dikenal; muat dahulu.", "This code is not known yet: load it first."),
    "own-superior": ("Tidak ada yang menjadi atasan dirinya sendiri.", "Nobody leads themselves."),
    "commute-incomplete": (
        "Isi jarak dan kendaraan keduanya, atau kosongkan keduanya.",
        "Give both the distance and the vehicle, or neither.",
    ),
    "subject-taken": ("Identitas ini milik pegawai lain.", "This identity belongs to another employee."),
    "nip-shape": ("NIP terdiri atas 18 angka; angka ke-15 adalah 1 atau 2.", "A NIP has 18 digits, the 15th 1 or 2."),
    "subject-nip": (
        "Subjek token memuat NIP; atur penerbit token agar subjeknya tidak dapat dibaca sebagai orang.",
        "The token's subject holds a NIP: have the issuer use an opaque one.",
    ),
    "nip-birth-date": (
        "NIP diawali tanggal lahir, TTTTBBHH.",
        "A NIP begins with a birth date, YYYYMMDD.",
    ),
    "decimal_whole_digits": ("Bilangan ini terlalu besar.", "This number is too large."),
    "unknown-zone": (
        "Zona waktu tidak dikenal; WIB Asia/Jakarta, WITA Asia/Makassar, WIT Asia/Jayapura.",
        "No such time zone; WIB is Asia/Jakarta, WITA Asia/Makassar, WIT Asia/Jayapura.",
    ),
}
