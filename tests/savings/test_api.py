"""What savings answers: figures with their range, their making, and nobody's secrets."""

import csv
import io
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from tests.harness.factors import FIRST, IN_FORCE
from tests.harness.platform import Platform
from tests.harness.town import HEADING, Town, open_town, row

MONDAY, WEDNESDAY = date(2026, 9, 7), date(2026, 9, 9)
MONTH = {"month": "2026-09"}


async def played(platform: Platform) -> Town:
    town = await open_town(platform)
    await town.play_to_verified("ani", MONDAY)
    return town


def entry(day: dict[str, Any], category: str = "fuel") -> dict[str, Any]:
    """What a day is worth in a category."""
    return next(one for one in day["entries"] if one["category"] == category)


async def months(town: Town, name: str, category: str = "fuel") -> list[dict[str, Any]]:
    """Unit-months of a category, as somebody sees them."""
    answer = await town.get(name, "savings", "/v1/unit-months", category=category, **MONTH)
    return list(answer.json()["items"])


async def test_a_day_is_explained_down_to_its_events_factors_and_rows(memory: Platform) -> None:
    town = await played(memory)
    day = await town.day("ani", MONDAY)
    fuel = entry(day)
    assert fuel["inputs"] == {
        "vehicle": "motorcycle",
        "spared_km": "20",
        "occupants": 1,
        "km_per_litre": "40",
        "km_per_litre_stated": True,
        "rebound_ppm": 150_000,
        "fuel": "pertalite",
        "sen_per_litre": 1_000_000,
    }
    inputs, amounts = fuel["inputs"], fuel["amounts"]
    litres = float(inputs["spared_km"]) / float(inputs["km_per_litre"]) * (1 - inputs["rebound_ppm"] / 10**6)
    assert litres * 10**6 == amounts["microlitres"]["central"]
    assert litres * inputs["sen_per_litre"] == amounts["sen"]["central"]
    assert amounts["microlitres"]["low"] < amounts["microlitres"]["central"] < amounts["microlitres"]["high"]
    assert day["factors"]["factor_set_id"] == day["factor_set_id"] == IN_FORCE
    assert day["factors"]["simulation"]["draws"] == 20_000
    assert [(told["type"].split(".")[2], told["n"]) for told in day["events"]] == [
        ("request-approved", 2),
        ("output-verified", 3),
    ]
    assert sum(row["amounts"]["sen"]["central"] for row in day["postings"] if row["category"] == "fuel") == 425_000
    assert {one["category"] for one in day["entries"]} == {"fuel", "home_electricity", "co2e"} <= day["formulas"].keys()


async def test_a_day_at_home_draws_electricity_there_and_its_gas_is_net(memory: Platform) -> None:
    """1.125 kWh of workstation and 1.05 kWh of cooling, at Rp1,444.70 and 3 % tax; 0.425 l less 2.175 kWh."""
    day = await (await played(memory)).day("ani", MONDAY)
    home, gas = entry(day, "home_electricity"), entry(day, "co2e")
    assert (home["amounts"]["watt_hours"]["central"], home["beneficiary"]) == (-2175, "employee")
    assert home["amounts"]["sen"]["central"] == round(Fraction(-2175, 1000) * 144_470 * Fraction(103, 100))
    assert gas["amounts"]["grams_co2e"]["central"] == round(
        Fraction("0.425") * Fraction("2362.39") - Fraction("2.175") * 870
    )
    assert gas["amounts"]["grams_co2e"]["low"] < 0 < gas["amounts"]["grams_co2e"]["high"], "a rider's day may cost more"


async def test_a_unit_month_is_explained_by_formula_factors_and_its_days(memory: Platform) -> None:
    town = await played(memory)
    (unit_month,) = await months(town, "citra")
    assert unit_month["unit_name"] == "Badan Kepegawaian Daerah"
    assert unit_month["amounts"]["sen"]["read_central"] == "4200"
    path = f"/v1/unit-months/{unit_month['unit_id']}/2026-09"
    explained = (await town.get("citra", "savings", path)).json()
    assert explained["by_vehicle"] == [
        {
            "vehicle": "motorcycle",
            "days": 1,
            "people": 1,
            "spared_km": "20",
            "microlitres_central": 425_000,
            "sen_central": 425_000,
        }
    ]
    assert explained["factor_sets"][0]["title"] == "Faktor baku Jawa Barat 2026, koreksi 1"
    days = await memory.apis.clients["savings"].get(
        explained["days"], headers={"Authorization": f"Bearer {memory.token('subject-of-citra')}"}
    )
    assert [day["day"] for day in days.json()["items"]] == ["2026-09-07"]


async def test_figures_about_one_person_are_withheld_from_all_but_the_agency_and_that_person(memory: Platform) -> None:
    """While the month runs there is nothing to read; when it is over, that something is withheld is said."""
    town = await played(memory)
    for over in (False, True):
        if over:
            town.at(date(2026, 10, 2))
            await memory.settle()
        for name, shown in (("citra", True), ("hana", False), ("ani", False), ("budi", False)):
            found = await months(town, name)
            assert len(found) == (shown or over)
            for unit_month in found:
                said = (unit_month["withheld"], unit_month["amounts"] is None, unit_month["people"] is None)
                assert said == (not shown,) * 3
            explained = await town.get(name, "savings", f"/v1/unit-months/{await unit_of(town)}/2026-09")
            assert explained.status_code == (200 if shown else 404)
            instance = (await town.get(name, "savings", "/v1/instance-months/2026-09")).json()
            assert (bool(instance["figures"]), bool(instance["left_out"])) == (shown, over and not shown)
            assert bool(instance["as_of"]) == (over and not shown)
            counted = (await town.get(name, "savings", "/v1/completeness", **MONTH)).json()["items"]
            assert bool(counted) == shown
    own = (await town.get("ani", "savings", "/v1/employee-months", **MONTH)).json()["items"]
    fuel = next(one["figures"] for one in own if one["figures"]["category"] == "fuel")
    assert fuel["amounts"]["sen"]["central"] == 425_000
    assert (await town.get("dedi", "savings", "/v1/employee-months", **MONTH)).json()["items"] == []


async def unit_of(town: Town) -> str:
    """The unit that everybody is in."""
    return str((await town.get("citra", "savings", "/v1/me")).json()["unit_id"])


async def test_a_reader_who_has_the_answer_is_told_so(memory: Platform) -> None:
    town = await played(memory)
    first = await town.get("ani", "savings", "/v1/employee-months", **MONTH)
    token = {"Authorization": f"Bearer {memory.token('subject-of-ani')}"}
    client, path = memory.apis.clients["savings"], "/v1/employee-months?month=2026-09"
    again = await client.get(path, headers=token | {"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    other = await client.get(path, headers=token | {"If-None-Match": '"another"'})
    assert other.status_code == 200


@pytest.mark.parametrize("path", ["unit-months", "employee-months", "days", "postings"])
async def test_every_list_is_a_table_too(path: str, memory: Platform) -> None:
    town = await played(memory)
    headers = {"Authorization": f"Bearer {memory.token('subject-of-citra')}", "Accept": "text/csv"}
    answer = await memory.apis.clients["savings"].get(f"/v1/{path}?month=2026-09", headers=headers)
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    column = "fuel_sen_central" if path == "days" else "sen_central"
    assert "425000" in {row[column] for row in rows}
    assert {row["factor_set_id"] for row in rows} == {IN_FORCE}
    empty = await memory.apis.clients["savings"].get(f"/v1/{path}?month=2031-01", headers=headers)
    assert (empty.status_code, empty.text.splitlines()) == (200, answer.text.splitlines()[:1]), "its heading"
    assert town.ids


async def test_pages_name_the_next_one(memory: Platform) -> None:
    town = await open_town(memory)
    await town.play_to_verified("ani", MONDAY)
    await town.play_to_verified("dedi", WEDNESDAY)
    first = await town.get("citra", "savings", "/v1/days", limit=1, **MONTH)
    assert 'rel="next"' in first.headers["link"]
    address = first.headers["link"].partition(">")[0].lstrip("<")
    token = {"Authorization": f"Bearer {memory.token('subject-of-citra')}"}
    second = (await memory.apis.clients["savings"].get(address, headers=token)).json()
    days = [first.json()["items"][0]["day"], second["items"][0]["day"]]
    assert sorted(days) == ["2026-09-07", "2026-09-09"]


PRICE = {"fuel": "pertalite", "effective_from": "2026-01-01", "sen_per_litre": 2_000_000, "source": "uji"}
LINE = {"category": "meals", "budget_line": "5.1.02.02.01.0061", "source": "uji"}


def factor_set(**changed: Any) -> dict[str, Any]:
    economy = {"vehicle": "motorcycle", "source": "uji"}
    economy |= {f"{bound}_km_per_litre": km for bound, km in (("low", "30"), ("central", "40"), ("high", "50"))}
    rebound = {"low_ppm": 0, "central_ppm": 0, "high_ppm": 0, "source": "uji"}
    body = {"factor_set_id": "fac-uji-2", "title": "Faktor uji", "effective_from": "2026-09-07"}
    return body | {
        "rebound": rebound,
        "fuel_economy": [economy],
        "default_fuel": "pertalite",
        "prices": [PRICE],
        "seed": 1,
        **changed,
    }


async def test_a_new_factor_set_restates_the_days_from_its_own_on(memory: Platform) -> None:
    town = await played(memory)
    published = await town.post("citra", "savings", "/v1/factor-sets", factor_set())
    assert published.status_code == 201, published.text
    await memory.settle()
    day = await town.day("ani", MONDAY)
    assert (day["factor_set_id"], entry(day)["amounts"]["sen"]["central"]) == ("fac-uji-2", 1_000_000)
    fuel = [row for row in day["postings"] if row["category"] == "fuel"]
    assert [row["kind"] for row in fuel] == ["posting", "reversal", "posting"]
    listed = (await town.get("ani", "savings", "/v1/factor-sets")).json()["items"]
    assert [factors["factor_set_id"] for factors in listed] == [FIRST, IN_FORCE, "fac-uji-2"]
    (unit_month,) = await months(town, "citra")
    assert unit_month["factor_set_id"] == "fac-uji-2", "the emptied total of the old set is not shown"
    assert await months(town, "citra", "home_electricity") == [], "what the new set does not have is not counted"


async def test_a_correction_takes_the_place_of_the_set_of_the_same_day(memory: Platform) -> None:
    """Published late, all its days are computed anew, and the restatement reconciles; a second one is refused."""
    town = await played(memory)
    since = memory.settings["savings"].clock().now() + timedelta(hours=1)
    town.at(date(2026, 10, 5))
    same_day = {"corrects": IN_FORCE, "effective_from": "2026-01-01"}
    published = await town.post("citra", "savings", "/v1/factor-sets", factor_set(**same_day))
    assert published.status_code == 201, published.text
    await memory.settle()
    day = await town.day("ani", MONDAY)
    assert (day["factor_set_id"], entry(day)["amounts"]["sen"]["central"]) == ("fac-uji-2", 1_000_000)
    told = (await town.get("citra", "savings", "/v1/restatements", since=since.isoformat(), **MONTH)).json()["items"]
    fuel = {one["factor_set_id"]: one for one in told if one["category"] == "fuel"}
    assert fuel.keys() == {IN_FORCE, "fac-uji-2"}
    assert [fuel[IN_FORCE][side]["sen"]["central"] for side in ("before", "by_bound", "after")] == [
        425_000,
        -425_000,
        0,
    ]
    reversed_ = fuel[IN_FORCE]["difference"]["sen"]
    assert reversed_["low"] < reversed_["central"] < reversed_["high"] < 0
    again = await town.post("citra", "savings", "/v1/factor-sets", factor_set(factor_set_id="fac-uji-3", **same_day))
    assert again.json()["errors"][0]["rule"] == "corrects-corrected"


async def test_every_figure_says_how_its_range_was_made(memory: Platform) -> None:
    town = await played(memory)
    day = await town.day("ani", MONDAY)
    made = {one["category"]: one["range"] for one in day["entries"]}
    assert made == {"fuel": "p10-p90", "home_electricity": "worst-with-worst", "co2e": "worst-with-worst"}
    assert {one["category"]: one["range"] for one in await months(town, "citra")} == {"fuel": "p10-p90"}
    assert day["ranges"].keys() == day["formulas"].keys()
    assert "median" in day["ranges"]["fuel"]
    assert day["factors"]["simulation"]["kept_share_ppm"].keys() >= {"central", "median", "mean"}
    assert all(one["amounts"]["sen"]["low"] <= one["amounts"]["sen"]["high"] for one in day["postings"])


@pytest.mark.parametrize(
    ("changed", "status", "rule"),
    [
        ({"factor_set_id": "fac-jabar-2026"}, 409, "factor-set-published"),
        ({"rebound": {"low_ppm": 5, "central_ppm": 1, "high_ppm": 9, "source": "x"}}, 422, "range-order"),
        ({"prices": []}, 422, "field-invalid"),
        ({"draws": 10**9}, 422, "field-invalid"),
        ({"zone_off_ppm": {"low": 2, "central": 1, "high": 3, "source": "x"}}, 422, "range-order"),
        ({"budget_lines": [LINE, LINE]}, 422, "budget-line-twice"),
        ({"zone_off_ppm": {"low": 1, "central": 2, "high": 3, "source": "x"}}, 422, "budget-line-missing"),
        ({"effective_from": "2026-01-01"}, 422, "same-day"),
        ({"effective_from": "2026-01-01", "corrects": FIRST}, 422, "corrects-corrected"),
        ({"corrects": IN_FORCE}, 422, "corrects-other-day"),
        ({"corrects": "fac-lain"}, 422, "corrects-unknown"),
        ({"prices": [PRICE, PRICE]}, 422, "price-twice"),
        ({"unknown": 1}, 422, "field-invalid"),
    ],
)
async def test_a_factor_set_that_cannot_be_is_refused(
    changed: dict[str, Any], status: int, rule: str, memory: Platform
) -> None:
    town = await open_town(memory)
    answer = await town.post("citra", "savings", "/v1/factor-sets", factor_set(**changed))
    assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (status, rule)


async def test_only_the_personnel_agency_publishes_factors(memory: Platform) -> None:
    town = await open_town(memory)
    for name in ("ani", "hana"):
        answer = await town.post(name, "savings", "/v1/factor-sets", factor_set())
        assert answer.json()["errors"][0]["rule"] == "role-missing"


async def test_what_comes_again_is_told_once(memory: Platform) -> None:
    """Everything is sent again, as after a loss: the day has heard each event once."""
    town = await open_town(memory)
    await town.play_to_verified("ani", MONDAY)
    path = f"/v1/days/{town.ids['ani']}/{MONDAY}"
    before = (await town.get("ani", "savings", path)).json()
    for db in memory.databases.values():
        await db.commits.update_many({}, {"$set": {"sent": False}})
    await memory.settle()
    assert (await town.get("ani", "savings", path)).json() == before
    assert len({event["id"] for event in before["events"]}) == len(before["events"]) > 1


async def test_the_digest_is_that_of_a_fold_over_the_bus(memory: Platform) -> None:
    """The live read model equals what a fold in memory makes of everything that was published."""
    from shared.contracts import approvals, organisation, performance, requests
    from shared.kit.messaging import cloudevents
    from shared.kit.messaging.cloudevents import ReceivedEvent
    from tests.harness.factors import factors
    from tests.harness.fold import ReadModels

    town = await open_town(memory)
    await town.play_to_verified("ani", MONDAY)
    await town.play_to_verified("dedi", WEDNESDAY)
    assert memory.bus
    publishers = {p.topic: p for m in (organisation, requests, approvals, performance) for p in [m.PUBLISHER]}
    events: list[ReceivedEvent] = []
    for (topic, _), records in memory.bus.partitions.items():
        publisher = publishers.get(topic.partition(".")[2])
        events += [cloudevents.read(record, publisher, {publisher.source("tests")}) for record in records if publisher]
    models = ReadModels(factors())
    models.hear(events, memory.settings["savings"].clock().now())
    models.settle_all(memory.settings["savings"].clock().now())
    live = (await town.get("citra", "savings", "/v1/digest")).json()
    assert live == {"digest": models.digest(), "positions": 4, "generation": "g1"}


async def test_what_was_restated_reconciles(memory: Platform) -> None:
    """A survey that was wrong all along, found when the month is over: before + difference = after, in every unit."""
    town = await played(memory)
    since = memory.settings["savings"].clock().now()
    town.at(date(2026, 10, 5))
    way = "40,motorcycle,pertalite,40"
    await town.load("employees", f"{HEADING}\n{row('ani', commute=way)}\n")
    await memory.settle()
    moment = (since + timedelta(hours=1)).isoformat()
    answer = await town.get("citra", "savings", "/v1/restatements", since=moment, **MONTH)
    told = {one["category"]: one for one in answer.json()["items"]}
    assert told.keys() == {"fuel", "co2e"}
    for one in told.values():
        for measure, after in one["after"].items():
            for bound in ("low", "central", "high") if after else ():
                assert one["before"][measure][bound] + one["by_bound"][measure][bound] == after[bound]
        assert (
            one["difference"]["sen"]["low"] <= one["difference"]["sen"]["central"] <= one["difference"]["sen"]["high"]
        )
    fuel = told["fuel"]
    assert (fuel["before"]["sen"]["central"], fuel["difference"]["sen"]["central"]) == (425_000, 425_000)
    assert fuel["rows"] == 2, "the reversal and the new posting"
    for since_ in (moment, "2026-09-30T17:00:00Z", "2026-10-05T00:00:00Z"):
        october = await town.get("hana", "savings", "/v1/restatements", since=since_, **MONTH)
        assert (october.status_code, october.json()["items"]) == (200, []), "it is about one person"
    assert (await town.get("ani", "savings", "/v1/restatements", since=moment, **MONTH)).status_code == 403


async def test_a_day_that_lacks_its_approval_yet_is_completed_when_everything_has_come(memory: Platform) -> None:
    """The employee is known last: until then the day waits, and says for what."""
    town = await open_town(memory)
    assert memory.bus
    runner = memory.runners["savings.days"]
    held = {at: records for at, records in memory.bus.partitions.items() if at[0].endswith("mkd.organisation")}
    await memory.databases["savings"]["g1"]["employees"].delete_many({})
    await town.play_to_verified("ani", MONDAY)
    found = await memory.databases["savings"]["g1"]["employee_months"].find_one({"employee_id": town.ids["ani"]})
    assert found
    assert [day["lacks"] for day in found["days"].values()] == [["employee"]]
    await memory.databases["savings"].inbox.delete_many({"_id": {"$regex": r"^.*savings\.days\|/tests/organisation/"}})
    await memory.databases["savings"].checkpoints.delete_many({"_id": {"$regex": r"savings\.days\|.*organisation"}})
    for at in held:
        await runner.claim(at)
    await memory.settle()
    assert entry(await town.day("ani", MONDAY))["amounts"]["sen"]["central"] == 425_000
