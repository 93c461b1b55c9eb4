"""How a page for people is put together: elements whose text is escaped, in a document that loads nothing from anywhere
and that a phone, a printer and a screen reader can use. Pure."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from html import escape

STYLE = """
body{font:1rem/1.5 system-ui,sans-serif;max-width:75rem;margin:0 auto;padding:1rem;color:#1b1b1b;background:#fff}
h1{font-size:1.5rem}h2,caption{font-size:1.15rem;font-weight:bold;text-align:left;padding:1rem 0 .25rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;
border-bottom:1px solid #767676;overflow-wrap:anywhere}code{font-family:ui-monospace,monospace}
.good,.bad{padding:.6rem .8rem;border-left:.4rem solid}.good{border-color:#1a6b2e}.bad{border-color:#a4161a}
td p,caption p{margin:0 0 .4rem}caption p{font-size:1rem;font-weight:normal}
@media (max-width:40rem){thead{position:absolute;clip-path:inset(50%);height:1px;overflow:hidden}
tr,td{display:block;border:0}tr{border-bottom:1px solid #767676;padding:.4rem 0}td{padding:.15rem 0}
td:empty{display:none}
td::before{content:attr(data-heading) ": ";font-weight:bold}}
time{white-space:nowrap}@media (min-width:40rem){td{min-width:8rem}}
@media print{body{padding:0;max-width:none}tr{break-inside:avoid}}
"""
POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src 'sha256-"
    f"{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"
)
"""Content-Security-Policy: this page's own style, and nothing else from anywhere."""


class Markup(str):
    """Text that is HTML already."""


def tag(name: str, *children: str, **attributes: str) -> Markup:
    """An element. Children that are not markup are text."""
    said = "".join(f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"' for key, value in attributes.items())
    inner = "".join(child if isinstance(child, Markup) else escape(child) for child in children)
    return Markup(f"<{name}{said}>{inner}</{name}>")


def document(language: str, title: str, *content: Markup) -> str:
    """A whole page."""
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style>"
    )
    body = tag("main", tag("h1", title), *content)
    return f'<!doctype html><html lang="{escape(language)}"><head>{head}</head><body>{body}</body></html>'


def headers(language: str) -> Mapping[str, str]:
    """What a page is sent with."""
    return {
        "Cache-Control": "no-store",
        "Content-Language": language,
        "Content-Security-Policy": POLICY,
        "Referrer-Policy": "no-referrer",
        "Vary": "Accept-Language",
        "X-Content-Type-Options": "nosniff",
    }


def table(caption: str, headings: Sequence[str], rows: Sequence[Sequence[str]], note: str = "") -> Markup:
    """A table whose cells a narrow screen stacks, each after its heading; the roles keep it a table there too."""
    head = tag("thead", tag("tr", *(tag("th", h, scope="col", role="columnheader") for h in headings), role="row"))
    body = tag("tbody", *(_row(headings, row) for row in rows))
    said = tag("caption", caption, *([tag("p", note)] if note else []))
    return tag("table", said, head, body, role="table")


def lines(*said: str) -> Markup:
    """Paragraphs, one for each."""
    return Markup("".join(tag("p", line) for line in said))


def _row(headings: Sequence[str], cells: Sequence[str]) -> Markup:
    pairs = zip(headings, cells, strict=True)
    return tag("tr", *(tag("td", cell, role="cell", data_heading=of) for of, cell in pairs), role="row")
