"""A further version of a policy or a factor set: a form of the one before, what differs, and its publication."""

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.portal.version.model import Document, Json, Typed
from services.portal.version.value import drafted, parts
from services.requests.policy.commands import shipped
from tests.harness.factors import IN_FORCE, command
from tests.harness.platform import Platform
from tests.harness.portal import Page, Portal
from tests.harness.town import Town, open_town, subject
from tests.portal.test_pages import XSS, holds_no_script

POLICY = shipped()[-1]
BASES: tuple[Document, ...] = (POLICY.model_dump(mode="json"), command().model_dump(mode="json"))


def shown(document: Document, but: tuple[str, ...] = ()) -> dict[str, str]:
    """The fields of a form as it is shown."""
    return {leaf.path: leaf.shown for part in parts(document, but) for group in part.groups for leaf in group.leaves}


def test_a_form_that_is_sent_as_it_is_shown_comes_to_the_same_document() -> None:
    for base in BASES:
        draft = drafted(base, Typed(shown(base)))
        assert (draft.document, draft.wrong) == (base, ())


def test_every_value_of_a_document_has_a_field_but_for_what_it_does_not_say() -> None:
    def leaves(value: Json, path: str = "") -> set[str]:
        if isinstance(value, dict):
            return {one for name, of in value.items() for one in leaves(of, f"{path}.{name}".lstrip("."))}
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return {one for at, of in enumerate(value) for one in leaves(of, f"{path}.{at}")}
        return set() if value in (None, []) else {path}

    for base in BASES:
        assert leaves(base) - shown(base).keys() == set()


@given(st.decimals(0, 10**6, places=2))
def test_rupiahs_and_shares_are_typed_as_they_are_said(amount: Decimal) -> None:
    base = BASES[1]
    typed = Typed({"prices.0.sen_per_litre": f"{amount:f}".replace(".", ","), "zone_off_ppm.low": f"{amount:f}"})
    document: Any = drafted(base, typed).document
    assert document["prices"][0]["sen_per_litre"] == amount * 100
    assert document["zone_off_ppm"]["low"] == amount * 10_000


def test_rows_are_added_and_taken_out() -> None:
    base: Any = BASES[0]
    off = {"calendar.extra_days_off.0.day": "2026-08-18", "calendar.extra_days_off.0.name": "Cuti daerah"}
    typed = Typed(shown(base) | off, frozenset({"hours.seasons.0"}))
    document: Any = drafted(base, typed).document
    assert document["calendar"]["extra_days_off"] == [{"day": "2026-08-18", "name": "Cuti daerah"}]
    assert document["hours"]["seasons"] == base["hours"]["seasons"][1:]


def test_what_is_no_value_of_its_kind_is_said_by_its_field() -> None:
    for path, text in (
        ("away_days_per_week_max.value", "dua"),
        ("away_days_per_week_max.value", "1.5"),
        ("away_days_per_week_max.value", "NaN"),
        ("away_days_per_week_max.value", "1e99999"),
        ("calendar.weekdays", "1, Senin"),
        ("calendar.worked_anyway", "kemarin"),
        ("hours.seasons.0.first_day", "19/02/2026"),
    ):
        assert [one for one, _ in drafted(BASES[0], Typed({path: text})).wrong] == [path], text


async def begun(town: Town, portal: Portal, address: str) -> tuple[Any, Page]:
    citra = await portal.signed_in(subject("citra"))
    return citra, await citra.page(address)


async def test_a_policy_is_written_looked_at_and_published(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    address = f"/policies/{POLICY.policy_id}/next"
    citra, form = await begun(town, portal, address)
    assert f'href="{address}"' in (await citra.page(f"/policies/{POLICY.policy_id}")).html
    typed: dict[str, Any] = {"title": XSS[0], "policy_id": "pol-jabar-2027", "effective_from": "2026-10-01"}
    typed |= {"away_days_per_week_max.value": "3", "away_days_per_week_max.source": "SE 1/2026"}
    page = Page((await citra.send(form.form(address), **typed)).text)
    holds_no_script(page)
    assert "SE 1/2026" in page.text
    unsure = await citra.send(page.form(address), step="publish")
    assert (unsure.status_code, "Tandai bahwa Anda yakin." in unsure.text) == (422, True)
    again = Page((await citra.send(page.form(address), step="form")).text)
    assert ("away_days_per_week_max.value", "3") in again.form(address).fields
    done = Page((await citra.send(page.form(address), step="publish", sure="1")).text)
    holds_no_script(done)
    published = (await town.get("citra", "requests", "/v1/policies")).json()["items"][-1]
    assert (published["policy_id"], published["corrects"]) == ("pol-jabar-2027", None)
    assert published["away_days_per_week_max"] == {"value": 3, "source": "SE 1/2026"}
    same = ("title", "policy_id", "effective_from", "corrects", "away_days_per_week_max")
    before = POLICY.model_dump(mode="json")
    assert {name: value for name, value in published.items() if name not in same} == {
        name: value for name, value in before.items() if name not in same
    }


async def test_a_factor_set_of_a_day_that_has_one_takes_its_place(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    address = f"/factor-sets/{IN_FORCE}/next"
    citra, form = await begun(town, portal, address)
    typed: dict[str, Any] = {"title": "Koreksi 2", "factor_set_id": "fac-jabar-2026-koreksi-2"}
    typed |= {"effective_from": "2026-01-01", "prices.0.sen_per_litre": "10500"}
    preview = Page((await citra.send(form.form(address), **typed)).text)
    assert f"Menggantikan versi {IN_FORCE}" in preview.text
    assert "Rp10.000" in preview.text
    assert "Rp10.500" in preview.text
    await citra.send(preview.form(address), step="publish", sure="1")
    published = (await town.get("citra", "savings", "/v1/factor-sets")).json()["items"]
    (mine,) = [one for one in published if one["factor_set_id"] == "fac-jabar-2026-koreksi-2"]
    assert (mine["corrects"], mine["prices"][0]["sen_per_litre"]) == (IN_FORCE, 1050000)
    twice = await citra.send(preview.form(address), step="publish", sure="1", key="another")
    assert (twice.status_code, "sudah" in twice.text) == (422, True)


async def test_what_is_wrong_is_said_and_nothing_is_published(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    address = f"/policies/{POLICY.policy_id}/next"
    citra, form = await begun(town, portal, address)
    typed = {"title": "Baru", "policy_id": "pol-jabar-2027", "effective_from": "2026-10-01"}
    for changed, text in (
        ({"policy_id": ""}, "Judul dan kode harus diisi."),
        ({"notice_days_min.value": "satu"}, "Tulis bilangan"),
        ({"effective_from": "besok"}, "Tulis tanggalnya."),
    ):
        answer = await citra.send(form.form(address), **typed | changed)
        assert (answer.status_code, text in Page(answer.text).text) == (422, True), changed
        assert ("title", "Baru") in Page(answer.text).form(address).fields
    preview = Page((await citra.send(form.form(address), **typed, **{"calendar.country": "XX"})).text)
    refused = await citra.send(preview.form(address), step="publish", sure="1")
    assert refused.status_code == 422
    assert ("calendar.country", "XX") in Page(refused.text).form(address).fields
    assert len((await town.get("citra", "requests", "/v1/policies")).json()["items"]) == len(shipped())
    ani = await portal.signed_in(subject("ani"))
    assert (await ani.open(address)).status_code == 403
    assert "/next" not in (await ani.page(f"/policies/{POLICY.policy_id}")).html
    assert (await citra.open("/policies/pol-none/next")).status_code == 404
    bare = form.form(address)
    bare.fields = [(name, value) for name, value in bare.fields if name in ("csrf", "key")]
    assert (await citra.send(bare)).status_code == 422
