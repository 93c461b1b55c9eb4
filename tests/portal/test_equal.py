"""Every figure on a page is the API's, rounded as the API rounds it; what the API withholds is nowhere in the page."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from html import unescape
from typing import Any

from shared.kit.decisions.decider import Document
from tests.harness.platform import Platform
from tests.harness.portal import Portal
from tests.harness.town import Town, subject
from tests.savings.test_published import kept, opened, september

FIGURE = re.compile(r'<span class="figure">([^<]+)</span>\s*<small>([^<]+)</small>')
MONTH = "2026-09"
HIDDEN_SEN = 987_654_300
"""What few people have saved, in sen: ten million rupiah as it is rounded."""


def worth(part: dict[str, list[Document]], sen: int) -> dict[str, list[Document]]:
    """A unit's month with figures that are known again wherever they stand."""
    for number, one in enumerate(part["unit_months"]):
        one["amounts"] = {"sen": {"low": sen - 100 * number, "central": sen, "high": sen + 4_000_000 * (number + 1)}}
    return part


def money(rupiah: str) -> str:
    number = Decimal(rupiah)
    return ("\N{MINUS SIGN}" if number < 0 else "") + f"Rp{abs(number):,}".replace(",", ".")


def told(figures: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """The figures of an answer, as a reader of Indonesian sees them."""
    for one in figures:
        if amounts := one["amounts"]:
            of = amounts["sen"]
            low, central, high = (money(of[f"read_{bound}"]) for bound in ("low", "central", "high"))
            yield central, "tanpa rentang" if one["range"] == "none" else f"{low} sampai {high}"


def shown(html: str) -> Counter[tuple[str, str]]:
    return Counter((unescape(figure), unescape(range_)) for figure, range_ in FIGURE.findall(html))


async def test_pages_show_the_apis_figures_and_nothing_that_is_withheld(memory: Platform, portal: Portal) -> None:
    town, unit_id = await opened(memory)
    town.at(date(2026, 10, 2))
    await kept(
        town,
        worth(september(unit_id), 123_456_700),
        worth(september("unit-of-few", people=range(20, 23)), HIDDEN_SEN),
        worth(september("unit-of-many", people=range(30, 42)), 765_432_100),
    )
    for name in ("citra", "hana"):
        browser = await portal.signed_in(subject(name))
        whole, units, parts, series = [await _figures(town, name, *asked) for asked in _asked(unit_id)]
        pages = {
            f"/dashboard?month={MONTH}": [*whole, *units],
            f"/dashboard/parts?month={MONTH}": parts,
            f"/series?from={MONTH}&to={MONTH}&unit={unit_id}": series,
        }
        for path, figures in pages.items():
            html = (await browser.page(path)).html
            assert shown(html) == Counter(told(figures)) != Counter(), (name, path)
            withheld = sum(one["amounts"] is None for one in figures)
            assert html.count('withheld">ditahan<') == 3 * withheld, (name, path)
            files = [(await browser.open(path.replace("?", f".{form}?"))).content for form in ("csv", "xlsx")]
            if name == "hana":
                for text in (html, files[0].decode()):
                    assert not re.search(r"9\.9\d\d\.\d|98[67][.\d]?\d|9900000", text), path
    assert any(one["amounts"] is None for one in units), "the analyst is refused something"


def _asked(unit_id: str) -> list[tuple[str, dict[str, str]]]:
    span = {"from": MONTH, "to": MONTH, "category": "fuel"}
    return [
        (f"/v1/instance-months/{MONTH}", {}),
        ("/v1/unit-months", {"month": MONTH, "category": "fuel"}),
        ("/v1/branches", span),
        ("/v1/series", span | {"unit_id": unit_id}),
    ]


async def _figures(town: Town, name: str, path: str, params: dict[str, str]) -> list[dict[str, Any]]:
    answer = (await town.get(name, "savings", path, **params)).json()
    found = answer.get("figures") or answer.get("items") or []
    for month in answer.get("months", []):
        found = [*found, *month.get("parts", []), *month.get("units", [])]
    return list(found)
