"""The page of the demo issuer on which a visitor picks whom to be."""

import hashlib
import html
import json
import os
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse

from deploy.base.files import write_whole

STYLE = """
:root{color-scheme:light dark;--paper:#fff;--ink:#212121;--soft:#424242;--line:#757575;--act:#006430;--over:#e6f6ec}
@media(prefers-color-scheme:dark){:root{--paper:#121716;--ink:#f2f4f3;--soft:#c9d1ce;--line:#8b9692;--act:#1fb767;
--over:#0d2f1d}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:42rem;padding:1.5rem 1rem;font:100%/1.5 Lato,Roboto,system-ui,sans-serif;
background:var(--paper);color:var(--ink)}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 1rem}
button{display:block;width:100%;margin:0 0 .75rem;padding:.75rem 1rem;text-align:left;font:inherit;color:inherit;
background:none;border:1px solid var(--line);border-left:6px solid var(--act);border-radius:4px;cursor:pointer}
button:hover{background:var(--over)}
button:focus-visible,input:focus-visible{outline:3px solid #ffc800;outline-offset:2px}
strong,span{display:block}span,p{color:var(--soft)}
label{display:block;font-weight:700}
input{width:100%;min-height:2.75rem;margin:0 0 .75rem;padding:.5rem;font:inherit}
"""
WORDS = {
    "id": {
        "title": "Anda hendak menjadi siapa?",
        "lead": "Ini instans peragaan: semua orang di sini rekaan, dan Anda boleh menjadi siapa saja.",
        "subject": "Subjek",
        "as": "Masuk",
        "administrator": "administrator",
        "operator": "operator",
        "employee": "pegawai",
        "superior": "atasan",
        "acting": "pelaksana harian atau tugas",
        "personnel agency": "badan kepegawaian",
        "analyst": "analis",
        "may administrator": "memuat lembar data pertama, dan tidak dikenal di layanan lain",
        "may operator": "melihat keadaan layanan dan apa yang disisihkan; bukan pegawai",
        "may employee": "mengajukan hari, dan membaca angkanya sendiri",
        "may superior": "memutuskan permohonan bawahannya",
        "may acting": "memutuskan atas nama atasan yang digantikan",
        "may personnel agency": "memuat data, menerbitkan aturan, dan membaca semua angka",
        "may analyst": "membaca angka unit",
    },
    "en": {
        "title": "Whom do you want to be?",
        "lead": "This is a demonstration instance: everybody here is invented, and you may be anybody.",
        "subject": "Subject",
        "as": "Sign in",
    },
}
REFUSED = "The demo issuer does not know this client, or cannot do what it asks for."


@dataclass(frozen=True)
class Part:
    """Somebody to be: what they are there, and the subject that they sign in with."""

    role: str
    subject: str
    name: str
    unit: str
    may: str


def write_cast(file: Path, parts: Sequence[Part]) -> None:
    """Say who can be picked, for the issuer to read."""
    write_whole(file, json.dumps([asdict(part) for part in parts]).encode())


def cast_in(file: str | None) -> list[Part]:
    """Who can be picked; nobody while nothing was played, and anybody can then be named."""
    if not file or not os.path.exists(file):
        return []
    return [Part(**one) for one in json.loads(Path(file).read_text())]


def page(given: Mapping[str, str], parts: Sequence[Part], callback: str) -> HTMLResponse:
    """A button for each part; where there is none, a field for a subject."""
    language = "en" if given.get("ui_locales", "").startswith("en") else "id"
    words = WORDS[language]
    hidden = "".join(f'<input type="hidden" name="{_(name)}" value="{_(value)}">' for name, value in given.items())
    choices = "".join(_button(part, words) for part in parts) or (
        f'<label for="subject">{_(words["subject"])}</label><input id="subject" name="subject" value="administrator"'
        f' autocomplete="off" required><button>{_(words["as"])}</button>'
    )
    text = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{_(words["title"])}</title>'
        f"<style>{STYLE}</style></head><body><main><h1>{_(words['title'])}</h1><p>{_(words['lead'])}</p>"
        f'<form method="post" action="/authorize">{hidden}{choices}</form></main></body></html>'
    )
    back = urlsplit(callback)
    return HTMLResponse(text, headers=_headers(f"'self' {back.scheme}://{back.netloc}"))


def refused() -> HTMLResponse:
    """What is said to a call that no client of ours makes."""
    return HTMLResponse(f"<!doctype html><title>400</title><p>{REFUSED}</p>", 400, _headers("'none'"))


def _button(part: Part, words: Mapping[str, str]) -> str:
    kind = part.role.partition(" (")[0]
    role = words.get(kind, kind) + part.role[len(kind) :].title()
    about = ", ".join(one for one in (part.name, part.unit) if one)
    may = words.get(f"may {kind}", part.may)
    return (
        f'<button name="subject" value="{_(part.subject)}"><strong>{_(role)}</strong>'
        f"{f'<span>{_(about)}</span>' if about else ''}<span>{_(may)}</span></button>"
    )


def _headers(form_action: str) -> dict[str, str]:
    digest = b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; frame-ancestors 'none'"
    return {
        "Content-Security-Policy": f"{policy}; form-action {form_action}",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


def _(text: str) -> str:
    return html.escape(text)
