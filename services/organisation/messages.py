"""What organisation says to people."""

from shared.kit.base.messages import Catalogue

WORDING: Catalogue = {
    "not-utf-8": (
        "Berkas harus UTF-8, atau UTF-16 dengan tandanya; bita ke-{at} tidak dapat dibaca. Simpan sebagai CSV UTF-8.",
        "The file must be UTF-8, or UTF-16 with its mark; byte {at} cannot be read. Save it as CSV UTF-8.",
    ),
    "import-invalid": (
        "Berkas ini tidak dapat diambil alih: {count} masalah pada barisnya.",
        "This sheet cannot be taken over: {count} problems in its rows.",
    ),
    "import-dropped": (
        "Berkas ini sudah dilupakan: dilepaskan, memuat orang yang datanya telah dihapus, atau terlalu lama menunggu; "
        "kirim lagi.",
        "This sheet was dropped: by somebody, for naming somebody whose data were erased, or for lying too long; send "
        "it again.",
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
    "history-too-large": (
        "Riwayat kode ini lebih besar dari {value} KiB; mulailah kode baru, atau ringkas tanggal dan zonanya.",
        "The history of this code is larger than {value} KiB: begin another code, or name fewer days and zones.",
    ),
    "not-an-event": (
        "Baris ini tidak dapat dicatat: {reason}.",
        "This row cannot be recorded: {reason}.",
    ),
    "row-unfit": (
        "Baris yang tersimpan ini tidak dapat dibaca lagi; kirim berkasnya sekali lagi.",
        "This row as it was kept cannot be read any more: send the sheet again.",
    ),
    "row-failed": (
        "Baris ini gagal dicatat dan disisihkan; yang lain sudah tercatat. Konfirmasi sekali lagi setelah sebabnya "
        "diperbaiki, atau lepaskan berkas ini.",
        "This row could not be recorded and was set aside; the others are on record. Confirm again once the reason is "
        "mended, or drop the sheet.",
    ),
    "sheet-failed": (
        "Berkas ini tidak dapat diteruskan karena kesalahan pada kami. Konfirmasi sekali lagi nanti, atau lepaskan.",
        "The sheet could not be gone on with, by a fault of ours. Confirm it again later, or drop it.",
    ),
    "import-confirmed": (
        "Berkas ini sudah tercatat seluruhnya; perbaiki dengan berkas baru.",
        "This sheet is on record whole: correct it with another.",
    ),
    "second-person": (
        "Berkas ini mengubah peran, identitas, atasan atau penugasan, sehingga dikonfirmasi orang kedua yang berhak, "
        "bukan pengirimnya.",
        "This sheet changes roles, subjects, superiors or mandates: a second person who may confirms it, and not its "
        "sender.",
    ),
    "code-alike": (
        "Kode ini hanya berbeda dari {value} pada nol di depan, huruf besar atau spasi; tulis kode yang dimaksud.",
        "This code differs from {value} in leading zeros, case or spaces alone: write the one that is meant.",
    ),
    "superior-circle": (
        "Orang-orang ini akan saling menjadi atasan pada suatu hari.",
        "These people would lead each other in a circle on some day.",
    ),
    "holds-not-today": (
        "Nama dan identitas tidak berriwayat: tulis seperti pada baris yang berlaku hari ini, dan kirim yang baru pada "
        "hari berlakunya.",
        "Name and subject have no history: write them as in the row in force today, and send new ones on their day.",
    ),
    "absence-of-another": (
        "Kode ini milik orang lain; satu kode untuk satu orang.",
        "This code is another person's: one code for one person.",
    ),
    "absence-too-long": (
        "Paling lama {value} bulan; periksa tahunnya.",
        "At most {value} months: look at the year.",
    ),
    "absence-overlaps": (
        "Orang ini sudah cuti atau dinas luar pada hari itu dengan kode lain.",
        "This person is on leave or a trip on that day under another code.",
    ),
    "hidden-character": (
        "Teks ini memuat tanda yang tidak terlihat; ketik ulang.",
        "This text holds signs that nobody sees: type it anew.",
    ),
    "number-ambiguous": (
        "{reason} dapat berarti dua bilangan; tulis tanpa pemisah ribuan, atau dengan dua angka desimal.",
        "{reason} can mean two numbers: write it without a sign for thousands, or with two decimals.",
    ),
    "shown-otherwise": (
        "Sel ini terlihat lain dari nilainya ({reason}); format sel sebagai teks dan tulis yang dimaksud.",
        "The cell shows another value than it holds ({reason}): format it as text and write what is meant.",
    ),
    "cell-too-long": ("Teks dalam sel ini terlalu panjang.", "The text in this cell is too long."),
    "merged-cell": (
        "Sel ini digabung dengan sel lain; pisahkan dan isi setiap barisnya.",
        "The cell is merged with another: split it, and fill in every row.",
    ),
    "hidden-row": (
        "Baris ini tersembunyi tetapi berisi; tampilkan atau hapus, juga bila disembunyikan saringan.",
        "This row is hidden, and holds something: show it or delete it, also where a filter hides it.",
    ),
    "hidden-column": (
        "Ada kolom tersembunyi yang berisi; tampilkan atau hapus.",
        "A hidden column holds something: show it or delete it.",
    ),
    "no-visible-sheet": ("Semua lembar dalam berkas ini tersembunyi.", "All sheets of this file are hidden."),
    "strict-xlsx": (
        "Berkas ini disimpan sebagai Strict Open XML; simpan sebagai Buku Kerja Excel (.xlsx) biasa.",
        "This file was saved as Strict Open XML: save it as an ordinary Excel workbook (.xlsx).",
    ),
    "old-workbook": (
        "Berkas ini berformat Excel lama (.xls) atau dilindungi sandi; simpan sebagai .xlsx tanpa sandi.",
        "This file is in Excel's old format (.xls), or has a password: save it as .xlsx without one.",
    ),
    "document-type": ("Berkas ini memuat DTD, yang tidak dibaca.", "This file holds a DTD, which is not read."),
    "too-many-columns": ("Paling banyak {reason} kolom.", "At most {reason} columns."),
    "too-many-empty-rows": (
        "Lebih dari {reason} baris kosong berturut-turut; hapus baris kosongnya.",
        "More than {reason} empty rows on end: delete these.",
    ),
    "line-too-long": (
        "Baris ini terlalu panjang; periksa tanda kutipnya.",
        "This row is too long: look at its quotes.",
    ),
    "reading-too-long": (
        "Berkas ini tidak terbaca dalam {reason} detik; bagilah menjadi beberapa.",
        "This file could not be read in {reason} seconds: divide it.",
    ),
    "year-of-two-digits": (
        "Tulis tahun dengan empat angka.",
        "Write the year with four digits.",
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
        "Pegawai ini tidak aktif pada tanggal mulainya.",
        "This employee is not active on the day on which it begins.",
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
