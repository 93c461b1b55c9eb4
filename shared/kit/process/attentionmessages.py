"""What the page of what needs a human says, in Indonesian and English, and what each rule asks of who reads it."""

from shared.kit.base.messages import Catalogue

PAGE: Catalogue = {
    "title": ("{service}: yang perlu ditangani", "{service}: what needs a human"),
    "nothing": ("Tidak ada yang perlu ditangani siapa pun.", "Nothing needs anybody."),
    "something": ("Ada yang perlu ditangani.", "Something needs a human."),
    "as-of": ("Dibaca {at}.", "Read at {at}."),
    "mongodb": (
        "MongoDB tidak menjawab: apa yang disisihkan tidak dapat dibaca sekarang.",
        "MongoDB does not answer: what was put aside cannot be read now.",
    ),
    "kafka": (
        "Kafka tidak menjawab: tidak ada yang terkirim atau terdengar.",
        "Kafka does not answer: nothing is sent or heard.",
    ),
    "clock": (
        "Jam komputer ini berbeda lebih dari 30 detik dari jam MongoDB: perbaiki jamnya, misalnya dengan chrony.",
        "This machine's clock is more than 30 seconds from MongoDB's: put it right, with chrony for instance.",
    ),
    "consumers": (
        "Tidak semua konsumen berjalan; lihat catatan proses ini: ./mkd logs {service}-worker",
        "Not all consumers run; see what this process has logged: ./mkd logs {service}-worker",
    ),
    "rejections": (
        "Sebuah konsumen berhenti karena terlalu banyak rekaman yang ditolaknya.",
        "A consumer has stopped, since it has rejected too many records.",
    ),
    "late": (
        "Keputusan tertua yang belum ada di Kafka menunggu lebih dari {value} detik.",
        "The oldest decision that is not on Kafka has waited for more than {value} seconds.",
    ),
    "stopped": ("Konsumen yang berhenti", "Consumers that have stopped"),
    "consumer": ("Konsumen", "Consumer"),
    "rejected-of": (
        "{rejected} dari {of} rekaman terakhir {topic} ditolak",
        "{rejected} of the last {of} records of {topic} were rejected",
    ),
    "resume": ("lanjutkan, setelah penyebabnya diperbaiki", "go on, once its cause is mended"),
    "losses": ("Yang hilang dari Kafka", "What Kafka has lost"),
    "made-good": ("sudah dikirim lagi", "was sent again"),
    "being-made-good": ("sedang dikirim lagi", "is being sent again"),
    "letters": ("Rekaman yang disisihkan", "Records put aside"),
    "letters-none": ("Tidak ada rekaman yang disisihkan.", "No record is put aside."),
    "parked": ("Alur yang menunggu", "Streams that wait"),
    "parked-none": ("Tidak ada alur yang menunggu.", "No stream waits."),
    "more": ("{shown} yang terlama dari {count}.", "The oldest {shown} of {count}."),
    "where": ("Tempat", "Where"),
    "rule": ("Aturan", "Rule"),
    "reason": ("Alasan", "Reason"),
    "since": ("Sejak", "Since"),
    "command": ("Perintah", "Command"),
    "retry": ("olah lagi", "handle again"),
    "discard": ("buang, dengan alasan", "give up, for a reason"),
    "stream": ("Alur", "Stream"),
    "waits-for": ("Menunggu", "Waits for"),
    "held": ("Tertahan", "Held up"),
    "waits-for-letter": (
        "peristiwa nomor {n}, yang disisihkan: {letter}",
        "event number {n}, which was put aside: {letter}",
    ),
    "waits-for-event": (
        "peristiwa nomor {n}, yang belum datang; berlanjut sendiri bila datang",
        "event number {n}, which has not come; goes on by itself when it does",
    ),
    "standing": ("Keadaan sekarang", "Where things stand"),
    "what": ("Hal", "What"),
    "count": ("Jumlah", "Count"),
    "unsent": ("Keputusan yang belum ada di Kafka", "Decisions that are not on Kafka"),
    "lag": ("Belum diolah {consumer} dari {topic}", "Of {topic}, not yet handled by {consumer}"),
    "lag-unknown": ("Belum diolah", "Not yet handled"),
    "not-known": ("tidak diketahui sekarang", "not known now"),
    "minutes": ("{n} menit lalu", "{n} min ago"),
    "hours": ("{n} jam lalu", "{n} h ago"),
    "days": ("{n} hari lalu", "{n} d ago"),
}

RULES: Catalogue = {
    "handler-failed": (
        "Kode layanan ini gagal mengolahnya. Perbaiki kodenya, lalu olah lagi.",
        "This service's own code failed on it. Mend the code, then handle it again.",
    ),
    "unknown-version": (
        "Penerbitnya lebih baru dari layanan ini. Perbarui layanan ini, lalu olah lagi.",
        "Its publisher is newer than this service. Update this service, then handle it again.",
    ),
    "unknown-type": (
        "Layanan ini tidak mengenal peristiwa ini dari penerbitnya. Perbarui layanan ini, atau tanyakan pengirimnya.",
        "As far as this service knows, its publisher has no such event. Update this service, or ask who sent it.",
    ),
    "foreign-source": (
        "Bukan dari sumber yang diterima di sini. Cari siapa yang menulis ke topik ini; bila memang boleh, sebutkan "
        "sumbernya (MKD_ACCEPTED_SOURCES), lalu olah lagi.",
        "It is not of a source that is accepted here. Find who writes to this topic; where they may, state the source "
        "(MKD_ACCEPTED_SOURCES), then handle it again.",
    ),
    "not-a-cloudevent": (
        "Kepalanya bukan kepala CloudEvents. Cari siapa yang menulis ke topik ini.",
        "Its headers are not those of a CloudEvent. Find who writes to this topic.",
    ),
    "null-header": ("Satu kepalanya kosong. Cari siapa yang menulisnya.", "A header has no value. Find who wrote it."),
    "bad-header": (
        "Satu kepalanya bukan UTF-8. Cari siapa yang menulisnya.",
        "A header is not UTF-8. Find who wrote it.",
    ),
    "no-value": ("Rekaman ini tanpa isi. Cari siapa yang menulisnya.", "The record is empty. Find who wrote it."),
    "too-large": ("Isinya terlalu besar. Cari siapa yang menulisnya.", "It is too large. Find who wrote it."),
    "not-json": (
        "Isinya tidak dapat dibaca. Cari siapa yang menulisnya.",
        "What it holds cannot be read. Find who wrote it.",
    ),
    "bad-field": (
        "Satu isian tidak sesuai kontrak. Samakan kontrak penerbit dan layanan ini, lalu olah lagi.",
        "A field is not as agreed. Bring publisher and service to the same contract, then handle it again.",
    ),
    "wrong-key": (
        "Kunci atau pokoknya bukan milik peristiwa ini. Cari siapa yang menulisnya.",
        "Its key or subject is not that of the event. Find who wrote it.",
    ),
}
