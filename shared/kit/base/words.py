"""What values are called when a sentence names them: codes are for machines."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

WORDS: Mapping[str, tuple[str, str]] = {
    "organisation_admin": ("pengelola data organisasi", "organisation admin"),
    "personnel_agency": ("badan kepegawaian", "personnel agency"),
    "analyst": ("analis", "analyst"),
    "submitted": ("diajukan", "submitted"),
    "open": ("menunggu keputusan", "open"),
    "approved": ("disetujui", "approved"),
    "returned": ("dikembalikan", "returned"),
    "rejected": ("ditolak", "rejected"),
    "revoked": ("dicabut persetujuannya", "revoked"),
    "withdrawn": ("ditarik", "withdrawn"),
    "lapsed": ("gugur karena tidak diputuskan", "lapsed"),
    "closed": ("ditutup", "closed"),
    "agreed": ("disepakati", "agreed"),
    "logged": ("dilaporkan", "reported"),
    "verified": ("diverifikasi", "verified"),
    "valid": ("sah", "valid"),
    "invalid": ("tidak sah", "not valid"),
    "confirming": ("sedang diambil alih", "being taken over"),
    "confirmed": ("dikonfirmasi", "confirmed"),
    "dropped": ("dibatalkan", "dropped"),
    "mkd": ("MKD", "MKD"),
    "office": ("kantor", "office"),
    "leave": ("cuti", "leave"),
    "official_trip": ("perjalanan dinas", "official trip"),
}
"""By the value of an enumeration, Indonesian first."""


def in_words(fact: Any, place: int) -> Any:
    """A fact as a sentence names it, in the language at that place; several with a stroke between them."""
    if isinstance(fact, Enum):
        return WORDS[fact.value][place] if fact.value in WORDS else fact.value
    if isinstance(fact, list | tuple | set | frozenset):
        return " / ".join(str(in_words(one, place)) for one in fact)
    return fact
