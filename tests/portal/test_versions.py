"""Policies and factor sets are read in words and numbers, version by version."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from services.portal.fact.model import Fact
from services.portal.fact.value import differences, versions
from services.portal.policy.model import Policy
from services.portal.policy.value import facts
from services.requests.policy.commands import shipped
from tests.harness.platform import Platform
from tests.harness.portal import Portal
from tests.harness.town import open_town, subject

DAY = date(2026, 9, 2)


async def test_policies_are_for_everybody_to_read(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    newest = (await town.get("ani", "requests", "/v1/policies")).json()["items"][-1]
    later = newest | {"policy_id": "lebih-longgar", "title": "Lebih <b>longgar</b>", "effective_from": "2027-01-01"}
    later["away_days_per_week_max"] = {"value": 3, "source": "Keputusan baru"}
    answer = await town.post("citra", "requests", "/v1/policies", later | {"corrects": None})
    assert answer.status_code == 201, answer.text
    ani, citra = await portal.signed_in(subject("ani")), await portal.signed_in(subject("citra"))
    listed = await ani.page("/policies")
    assert "Lebih <b>longgar</b>" in listed.text
    assert "akan datang" in listed.text
    assert "sebelum 1 Januari 2027" in listed.text
    assert 'href="/imports"' not in listed.html
    assert 'href="/imports"' in (await citra.page("/policies")).html
    one = await ani.page("/policies/lebih-longgar")
    assert "Hari di luar kantor dalam sepekan, paling banyak 3 hari Keputusan baru" in one.text
    assert "Senin, Selasa, Rabu, Kamis, Jumat" in one.text
    compared = await ani.page(f"/policies/lebih-longgar?with={newest['policy_id']}")
    quota = compared.text[compared.text.index("Perbedaan dengan") :]
    assert quota.index("paling banyak 2 hari Dasar: ") < quota.index("3 hari Dasar: Keputusan baru")
    assert compared.text.count("Diajukan sebelum hari pertama") == 1, "what is the same is no difference"
    for path in ("/policies/none", "/policies/lebih-longgar?with=none", "/factor-sets/none"):
        assert (await ani.open(path)).status_code == 404


async def test_factor_sets_are_for_everybody_to_read(memory: Platform, portal: Portal) -> None:
    town = await open_town(memory)
    sets = (await town.get("ani", "savings", "/v1/factor-sets")).json()["items"]
    ani = await portal.signed_in(subject("ani"))
    listed = await ani.page("/factor-sets")
    assert all(one["title"] in listed.text for one in sets)
    assert "dibetulkan oleh fac-jabar-2026-koreksi-1" in listed.text
    one = await ani.page("/factor-sets/fac-jabar-2026-koreksi-1?with=fac-jabar-2026")
    for said in (
        "Konsumsi kendaraan, bila tidak dinyatakan pegawai sepeda motor 40 km per liter 30 km per liter sampai",
        "Rp10.000 per liter",
        "Rp1.444,70 tiap kWh",
        "tarikan acak",
        "Perbedaan dengan",
    ):
        assert said in one.text, said


def test_a_version_holds_until_the_next_that_is_not_corrected() -> None:
    first = Policy.model_validate(shipped()[0].model_dump(mode="json") | {"policy_id": "a", "corrects": None})

    def version(key: str, since: date, corrects: str | None = None) -> Policy:
        return first.model_copy(update={"policy_id": key, "effective_from": since, "corrects": corrects})

    old, wrong = version("old", date(2025, 1, 1)), version("wrong", date(2026, 1, 1))
    right, later = version("right", date(2026, 1, 1), "wrong"), version("later", date(2027, 1, 1))
    found = {one.key: (one.state, one.until) for one in versions([old, wrong, right, later], DAY)}
    assert found == {
        "old": ("over", date(2026, 1, 1)),
        "wrong": ("corrected", None),
        "right": ("in-force", date(2027, 1, 1)),
        "later": ("to-come", None),
    }
    assert [one.key for one in versions([old, wrong, right, later], DAY)] == ["later", "right", "wrong", "old"]


def test_two_versions_differ_by_what_they_say_otherwise() -> None:
    same = Fact("policy-notice", "days", (Decimal(1),))
    quota = Fact("policy-quota", "days", (Decimal(2),))
    price = Fact("factor-fuel-price", "rupiah-per-litre", (Decimal(10000),), about=(("fuel", "pertalite"),))
    dearer, gone = replace(price, amounts=(Decimal(11000),)), replace(quota, word="policy-horizon")
    found = differences([same, price, gone], [same, quota, dearer])
    assert [(one.before, one.after) for one in found] == [(None, quota), (price, dearer), (gone, None)]
    assert differences([same], [same]) == []


def test_every_part_of_a_policy_is_told() -> None:
    for published in shipped():
        said = {fact.word for fact in facts(Policy.model_validate(published.model_dump(mode="json")))}
        assert {"policy-quota", "policy-weekdays", "policy-shifts", "policy-share"} <= said
