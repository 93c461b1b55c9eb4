"""What the software says to people, in Indonesian and English: one sentence for each rule."""

from collections.abc import Mapping
from typing import Any

from shared.kit.base.reasons import FIELD_REASONS as FIELD_REASONS
from shared.kit.base.words import in_words

LANGUAGES = ("id", "en")
Catalogue = Mapping[str, tuple[str, str]]
"""Rule to its sentences, Indonesian first. `{name}` stands for a fact of the violation, `{value}` for its limit."""

KIT: Catalogue = {
    "not-found": (
        "Data ini tidak ada, atau bukan untuk Anda lihat.",
        "There is no such thing, or it is not yours to see.",
    ),
    "version-changed": (
        "Data sudah berubah sejak Anda melihatnya; versinya sekarang {value}.",
        "It has changed since you saw it; its version is now {value}.",
    ),
    "version-missing": (
        "Sebutkan versi yang Anda lihat pada kepala If-Match.",
        "Name the version that you have seen in the If-Match header.",
    ),
    "idempotency-key-missing": (
        "Sertakan kepala Idempotency-Key: 1 sampai 128 karakter ASCII, baru untuk setiap perintah.",
        "Send an Idempotency-Key header: 1 to 128 ASCII characters, new for every command.",
    ),
    "idempotency-key-reused": (
        "Idempotency-Key ini sudah dipakai untuk perintah lain.",
        "This Idempotency-Key was used for another command.",
    ),
    "token-missing": ("Masuk dahulu: sertakan token Bearer.", "Sign in first: send a Bearer token."),
    "token-invalid": ("Token ini tidak dapat dipercaya di sini.", "This token cannot be trusted here."),
    "token-expired": ("Token ini sudah kedaluwarsa.", "This token has expired."),
    "token-not-access": ("Ini bukan token akses.", "This is not an access token."),
    "unknown-person": (
        "Pegawai pemilik token ini tidak dikenal atau tidak aktif.",
        "No active employee is known for this token.",
    ),
    "role-missing": ("Hal ini memerlukan peran {role}.", "This needs the role {role}."),
    "body-too-large": ("Isi permintaan melebihi {value} bita.", "The body is larger than {value} bytes."),
    "event-too-large": (
        "Isinya terlalu besar untuk dicatat: paling banyak {value} bita; bagilah menjadi beberapa bagian.",
        "This holds too much to be recorded: at most {value} bytes; divide it into parts.",
    ),
    "field-invalid": ("Isian {field} tidak sah: {reason}.", "The field {field} is not valid: {reason}."),
    "body-invalid": ("Isi permintaan tidak sah: {reason}.", "The body is not valid: {reason}."),
    "request-unreadable": ("Permintaan ini tidak dapat dibaca.", "This request cannot be read."),
    "body-too-slow": (
        "Isi permintaan terlalu lama tiba; kirim lagi.",
        "The body took too long to arrive; send it again.",
    ),
    "body-broken-off": ("Isi permintaan terputus.", "The body was broken off."),
    "body-not-taken": (
        "Alamat ini tidak menerima isi; isi yang dikirim tidak akan dipakai.",
        "This address takes no body; what was sent would not be used.",
    ),
    "parameter-unknown": (
        "Parameter {name} tidak dikenal; yang dikenal: {names}.",
        "There is no parameter {name}; there are: {names}.",
    ),
    "parameter-twice": ("Parameter {name} disebut dua kali.", "The parameter {name} is named twice."),
    "too-many-calls": (
        "Terlalu banyak permintaan; coba lagi {wait_s} detik lagi.",
        "Too many requests; try again in {wait_s} seconds.",
    ),
    "too-many-at-once": (
        "Paling banyak {value} permintaan dapat berjalan sekaligus.",
        "At most {value} of your requests can run at a time.",
    ),
    "host-missing": ("Permintaan ini tidak menyebut tuan rumahnya.", "The request names no host."),
    "host-unknown": (
        "Layanan ini tidak dikenal dengan nama tersebut.",
        "This service is not known by that name.",
    ),
    "not-its-day": (
        "Hari {day} bukan, atau bukan lagi, salah satu harinya.",
        "{day} is not, or no longer, one of its days.",
    ),
    "cursor-invalid": ("Kursor ini bukan dari jawaban kami.", "This cursor is not from an answer of ours."),
    "no-such-address": ("Alamat ini tidak ada.", "There is no such address."),
    "method-not-allowed": ("Alamat ini tidak menerima metode tersebut.", "This address does not take that method."),
    "media-type": ("Kirim isi sebagai {value}.", "Send the body as {value}."),
    "busy": ("Layanan sedang sibuk; coba lagi sebentar.", "The service is busy; try again shortly."),
    "failed": (
        "Terjadi kesalahan pada kami; catat nomor {trace} bila Anda melaporkannya.",
        "Something failed on our side; give the number {trace} when you report it.",
    ),
}


def say(catalogue: Catalogue, language: str, rule: str, facts: Mapping[str, Any]) -> str:
    """The sentence of a rule in a language."""
    place = LANGUAGES.index(language)
    return catalogue[rule][place].format_map({name: in_words(fact, place) for name, fact in facts.items()})


def preferred(accept_language: str) -> str:
    """The first of our languages in an Accept-Language header by weight (RFC 9110); Indonesian where none is named."""
    wishes = []
    for position, part in enumerate(accept_language.split(",")):
        tag, _, weight = part.strip().partition(";q=")
        try:
            wishes.append((-float(weight or 1), position, tag.strip().lower().partition("-")[0]))
        except ValueError:
            continue
    named = [tag for _, _, tag in sorted(wishes) if tag in LANGUAGES]
    return named[0] if named else LANGUAGES[0]
