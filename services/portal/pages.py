"""How a page is made: a template, words in the reader's language, and headers that let nothing else in."""

import asyncio
import csv
import hashlib
import io
import re
import secrets
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent
from fastapi import Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FunctionLoader, StrictUndefined

from services.portal.following import Live, address
from services.portal.served import Files
from services.portal.session.model import Session, masked
from services.portal.settings import PortalSettings
from shared.kit.base.catalogue import LANGUAGES, VALUES, Catalogue
from shared.kit.base.clock import local_date
from shared.kit.base.csvcells import unquoted
from shared.spreadsheets.media import XLSX

OK = 200
PRIVATE = "no-store"
CHECKED = "private, no-cache"
"""For pages without people: kept by the reader's browser alone, and asked for again each time."""
Form = Literal["csv", "xlsx"]
Id = Annotated[str, Path(pattern="^[A-Za-z0-9_-]{1,60}$")]
"""What an address names a record by."""
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
DIGITS_MAX = 15
HTMX = (
    '{"includeIndicatorCSS":false,"history":"reload","transitions":false,'
    '"sse":{"reconnectDelay":500,"reconnectMaxDelay":5000}}'
)


class Link(NamedTuple):
    """A way to another page: its address, and the name of its word; and what the addresses of pages that belong to it
    begin with as well."""

    address: str
    word: str
    covers: tuple[str, ...] = ()


OPERATION = Link("/operation", "page-operation")
"""Where those who operate the instance begin, whether they are on record or not."""


def new_key() -> str:
    """What a form is given, so that sent twice it is carried out once."""
    return secrets.token_urlsafe(24)


def page(
    request: Request,
    template: str,
    status: int = 200,
    *,
    links: Sequence[Link] = (),
    versions: Sequence[str] | None = None,
    live: Sequence[Live] = (),
    **view: object,
) -> Response:
    """A whole page. With `versions` of everything that it shows, it is answered 304 to a reader who has it: such a page
    must not name people, as browsers keep it. One that is `live` hears of what changes of it; what a form has sent is
    answered once."""
    settings: PortalSettings = request.app.state.settings
    its: Files = request.app.state.files
    session = session_of(request)
    headers = _headers(settings, PRIVATE if versions is None else CHECKED)
    if versions is not None:
        mine = (session.key if session else "", language_of(request), its.version, str(request.url.query), *versions)
        headers["ETag"] = f'"{hashlib.sha256(chr(10).join(mine).encode()).hexdigest()[:32]}"'
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
    said = {
        "words": Words(request),
        "t": Words(request).text,
        "language": language_of(request),
        "languages": LANGUAGES,
        "links": links,
        "path": request.scope["path"],
        "csrf": token_of(session) if session else None,
        "demo": settings.demo,
        "file": its.address,
        "htmx": HTMX,
        "live": address(live, points_of(request)) if live and request.method == "GET" and status == OK else "",
        "here": request.scope["path"] + (f"?{request.url.query}" if request.url.query else ""),
    }
    html = environment().get_template(template).render({**said, **view})
    return HTMLResponse(html, status, headers)


def file(request: Request, name: str, body: bytes, media_type: str) -> Response:
    """Anything that is to be kept as a file."""
    headers = _headers(request.app.state.settings, PRIVATE) | {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, headers=headers, media_type=media_type)


async def download(request: Request, name: str, rows: str, form: Form = "csv") -> Response:
    """Rows of CSV, to be kept as a file; as a workbook where that is asked for."""
    if form == "xlsx":
        return file(request, f"{name}.xlsx", await asyncio.to_thread(workbook, rows), XLSX)
    return file(request, f"{name}.csv", rows.encode(), "text/csv; charset=utf-8")


def workbook(rows: str) -> bytes:
    """Rows of CSV as XLSX: numbers as numbers, unless they are codes or longer than a spreadsheet keeps them.
    What workbooks are made by is read when the first is wanted: every process of the portal, and every command, starts
    without."""
    from shared.spreadsheets.writers import XlsxWriter

    told = csv.DictReader(io.StringIO(rows))
    file = io.BytesIO()
    writer = XlsxWriter(file, told.fieldnames or ())
    writer.write({name: _cell(text) for name, text in row.items()} for row in told)
    writer.finish()
    return file.getvalue()


def _cell(text: str) -> str | Decimal:
    return Decimal(text) if NUMBER.fullmatch(text) and len(text) <= DIGITS_MAX else unquoted(text)


def to(address: str) -> Response:
    """On to another page, after a form."""
    return RedirectResponse(address, 303, {"Cache-Control": PRIVATE})


def language_of(request: Request) -> str:
    """The reader's language: the one that was chosen, or the first of ours that the browser names."""
    settings: PortalSettings = request.app.state.settings
    chosen = request.cookies.get(language_cookie(settings), "")
    return chosen if chosen in LANGUAGES else str(request.state.language)


def language_cookie(settings: PortalSettings) -> str:
    return f"{settings.cookie}-language"


def points_of(request: Request) -> dict[str, str]:
    """By service, a point that it had passed before it was asked anything for this call."""
    if not hasattr(request.state, "points"):
        request.state.points = {}
    found: dict[str, str] = request.state.points
    return found


def session_of(request: Request) -> Session | None:
    """The session that a call belongs to, where it has one."""
    found: Session | None = getattr(request.state, "session", None)
    return found


def operates(request: Request) -> bool:
    """Whether the instance's settings name whoever asks among those who operate it."""
    settings: PortalSettings = request.app.state.settings
    session = session_of(request)
    return session is not None and session.sub in settings.operators()


def token_of(session: Session) -> str:
    """What a form of this session carries, so that no other page can send it."""
    return masked(session.csrf, secrets.token_bytes(len(session.csrf)))


def today_of(request: Request) -> date:
    """Today, where the instance is."""
    settings: PortalSettings = request.app.state.settings
    return local_date(request.app.state.clock.now(), settings.time_zone)


class Words:
    """Words, numbers, money and dates in the reader's language."""

    def __init__(self, request: Request) -> None:
        self._messages: Catalogue = request.app.state.messages
        self._zone = ZoneInfo(request.app.state.settings.time_zone)
        self.language = language_of(request)

    def text(self, name: str, /, **facts: object) -> str:
        """A message with its facts. Raises `KeyError` for a name that there is not."""
        return self._messages.text(self.language, name, facts)

    def word(self, kind: str, value: object) -> str:
        """The word for a code; the code itself where nobody has given it one."""
        name = f"{kind}-{value}".replace("_", "-")
        return self.text(name) if name in self._messages else str(value)

    def listed(self, kind: str, values: Sequence[object]) -> str:
        return ", ".join(self.word(kind, one) for one in values)

    def status(self, code: str) -> str:
        return VALUES.text(self.language, code) if code in VALUES else code

    def day(self, day: date) -> str:
        return format_date(day, "EEEE, d MMMM y", locale=self.language)

    def plain_day(self, day: date) -> str:
        return format_date(day, "d MMMM y", locale=self.language)

    def short_day(self, day: date) -> str:
        return format_date(day, "EEE, d MMM", locale=self.language)

    def days(self, days: Sequence[date]) -> str:
        return ", ".join(self.short_day(day) for day in days)

    def weekday(self, day: date) -> str:
        return format_date(day, "EEEE", locale=self.language)

    def short_weekday(self, day: date) -> str:
        return format_date(day, "EEE", locale=self.language)

    def day_of_month(self, day: date) -> str:
        return format_date(day, "d MMM", locale=self.language)

    def hour(self, hour: time) -> str:
        return hour.strftime("%H.%M" if self.language == "id" else "%H:%M")

    def month(self, month: str) -> str:
        return format_date(date.fromisoformat(f"{month}-01"), "MMMM y", locale=self.language)

    def moment(self, moment: datetime) -> str:
        """A moment where the instance is. Only Indonesian has names for the zones of Indonesia."""
        there = moment.astimezone(self._zone)
        zone = format_datetime(there, "z", tzinfo=self._zone, locale="id")
        return f"{format_datetime(there, 'd MMMM y, HH.mm', tzinfo=self._zone, locale=self.language)} {zone}"

    def second(self, moment: datetime) -> str:
        """A moment of today where the instance is, to the second."""
        return format_datetime(moment.astimezone(self._zone), "HH.mm.ss" if self.language == "id" else "HH:mm:ss")

    def number(self, number: Decimal | int | str) -> str:
        amount = Decimal(number)
        return _sign(amount) + format_decimal(abs(amount), locale=self.language, decimal_quantization=False)

    def signed(self, number: Decimal) -> str:
        """A difference."""
        return f"+{self.number(number)}" if number > 0 else self.number(number)

    def percent(self, per_cent: Decimal) -> str:
        """A share."""
        return format_percent(per_cent / 100, locale=self.language, decimal_quantization=False)

    def counted(self, number: Decimal, measure: str) -> str:
        """A number of what is counted; the code of it where nobody has given it a word."""
        name, said = f"count-{measure}", self.number(number)
        return self.text(name, number=said, count=number) if name in self._messages else f"{said} {measure}"

    def iso_day(self, day: str) -> str:
        return self.plain_day(date.fromisoformat(day))

    def valued(self, unit: str, amount: Decimal) -> str:
        """An amount of a unit, such as `km-per-litre`; those of money begin with `rupiah`."""
        said = self._rupiah(amount) if unit.startswith("rupiah") else self.number(amount)
        return self.text(f"value-{unit}", amount=said, count=amount)

    def _rupiah(self, amount: Decimal) -> str:
        if amount == amount.to_integral_value():
            return self.money(amount)
        return f"Rp{format_decimal(amount, '#,##0.00', locale=self.language)}"

    def formula(self, category: str, told: str) -> str:
        """A category's formula in words; as it was told where there are none."""
        name = f"formula-{category}".replace("_", "-")
        return self.text(name) if name in self._messages else told

    def put(self, value: object) -> str:
        """What was put into a formula."""
        if isinstance(value, bool):
            return self.text("yes" if value else "no")
        return self.number(value) if isinstance(value, int) else self.word("put", value)

    def money(self, rupiah: Decimal | int | str) -> str:
        amount = Decimal(rupiah)
        return f"{_sign(amount)}Rp{self.number(abs(amount))}"

    def hours(self, minutes: int) -> str:
        hours, rest = divmod(minutes, 60)
        if not hours:
            return self.text("minutes", minutes=rest)
        return self.text("hours-and-minutes", hours=hours, minutes=rest) if rest else self.text("hours", hours=hours)


def _sign(amount: Decimal) -> str:
    return "\N{MINUS SIGN}" if amount < 0 else ""


@cache
def environment() -> Environment:
    """The templates, which escape everything."""
    folder = files("services.portal").joinpath("templates")

    def load(name: str) -> str:
        return folder.joinpath(*name.split("/")).read_text("utf-8")

    return Environment(
        loader=FunctionLoader(load),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _headers(settings: PortalSettings, caching: str) -> dict[str, str]:
    issuer = urlsplit(settings.issuer)
    # Browsers hold `form-action` against where a form's answer leads, and signing out leads to the issuer.
    where = f"'self' {issuer.scheme}://{issuer.netloc}"
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "connect-src": "'self'",
        "form-action": where,
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Cache-Control": caching,
        "Vary": "Cookie, Accept-Language",
        # With no referrer at all, browsers send `Origin: null` with forms.
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }
