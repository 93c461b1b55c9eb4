"""Worked examples with real figures: events in through the APIs, figures out to the sen.

The factors are those of each example, published as a set of their own; the rules let everybody be away all week.
"""

import asyncio
import json
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from demo.factors import SHIPPED, Factors, band, body
from deploy.base.home import ROOT
from tests.harness.platform import Platform
from tests.harness.town import Town, open_town, subject

MONDAY = date(2026, 9, 7)
WEEK = [MONDAY + timedelta(n) for n in range(5)]
SINCE = "2025-01-01"
LINE = {"budget_line": "5.1.02.02.01.0061", "source": "contoh"}
RULES = ROOT / "services" / "requests" / "policies" / "jabar-2025.json"
HEADING = (
    "nip,name,subject,unit_code,position_code,superior_nip,round_trip_km,vehicle,fuel,km_per_litre,grade,effective_from"
)


def factors(**changed: Any) -> dict[str, Any]:
    """The shipped factors with those of an example, in force from September; with CO2 alone, as the examples count."""
    told = body(Factors(**{**vars(SHIPPED), "id": "fac-contoh", "starts": date(2026, 9, 1), **changed}))
    for name in ("methane", "nitrous_oxide"):
        told["carbon"].pop(name, None)
    return told | {"budget_lines": [{"category": name, **LINE} for name in ("office_electricity", "meals")]}


async def opened(platform: Platform, told: dict[str, Any]) -> Town:
    """The town with the factors of an example, and no quota."""
    town = await open_town(platform)
    five = json.loads(RULES.read_text()) | {"policy_id": "pol-contoh", "effective_from": "2026-09-01"}
    five["away_days_per_week_max"] = {"value": 5, "source": "contoh"}
    assert (await town.post("citra", "requests", "/v1/policies", five)).status_code == 201
    answer = await town.post("citra", "savings", "/v1/factor-sets", told)
    assert answer.status_code == 201, answer.text
    return town


async def load_people(town: Town, rows: list[str]) -> None:
    """More people, who are led by Budi."""
    await town.load("employees", "\n".join([HEADING, *rows]) + "\n")
    await town.platform.settle()


def person(name: str, number: int, commute: str = ",,,", grade: str = "", unit: str = "bkd") -> str:
    """A row of the sheet: distance, vehicle, fuel, km per litre."""
    budi = "199001012015031011"
    return f"1985010120100310{number:02},{name},{subject(name)},{unit},analis,{budi},{commute},{grade},{SINCE}"


async def away(town: Town, name: str, days: list[date]) -> None:
    """Somebody asks for days at home, works them as agreed, and the last is over."""
    asked = await town.submit(name, days)
    await town.platform.settle()
    await town.approve("budi", asked)
    await town.platform.settle()
    town.at(days[-1], 15)
    await town.log(name, asked)
    await town.verify("budi", asked)
    town.at(days[-1] + timedelta(1))
    await town.platform.settle()
    town.at(date(2026, 9, 2))


async def at_once(town: Town, name: str, service: str, path: str, items: list[dict[str, Any]]) -> None:
    """Somebody does much in one call, and all of it is accepted."""
    answer = await town.post(name, service, path, {"items": items})
    assert [one["status"] for one in answer.json()["items"]] == [200] * len(items), answer.text


def outputs_of(asked: dict[str, Any]) -> list[dict[str, Any]]:
    """What a request's outputs are called where several are named at once."""
    return [{"request_id": asked["request_id"], "output_id": one["output_id"]} for one in asked["outputs"]]


async def months(town: Town, name: str, category: str, beneficiary: str = "employee") -> list[dict[str, Any]]:
    """Somebody's own figures of September in a category."""
    answer = await town.get(name, "savings", "/v1/employee-months", month="2026-09", limit=200)
    figures = [item["figures"] for item in answer.json()["items"]]
    return [one for one in figures if (one["category"], one["beneficiary"]) == (category, beneficiary)]


@pytest.mark.parametrize(
    ("km_per_litre", "vehicle", "rupiah", "a_day", "in_22_days"),
    [
        ("36", "motorcycle", 10_000, 27_778, 611_111),
        ("36", "motorcycle", 12_200, 33_889, 745_556),
        ("10", "car", 10_000, 100_000, 2_200_000),
        ("10", "car", 12_200, 122_000, 2_684_000),
    ],
)
async def test_a_hundred_kilometres_a_day_for_a_month(
    km_per_litre: str, vehicle: str, rupiah: int, a_day: int, in_22_days: int, memory: Platform
) -> None:
    """E4 (otomotifo, GridOto): without rebound."""
    prices = {"pertalite": ((date(2022, 9, 3), rupiah * 100),), "pertamax": ((date(2026, 1, 1), 1),)}
    town = await opened(memory, factors(rebound=band(0, 0, 0), fuel_sen=prices))
    await load_people(town, [person("joko", 1, f"100,{vehicle},pertalite,{km_per_litre}")])
    await away(town, "joko", WEEK)
    (month,) = await months(town, "joko", "fuel")
    sen = Fraction(rupiah * 100) * 100 / Fraction(Decimal(km_per_litre))
    assert (month["days"], month["amounts"]["sen"]["central"]) == (5, round(sen) * 5)
    assert (round(sen / 100), round(sen * 22 / 100)) == (a_day, in_22_days)


@pytest.mark.parametrize(("grade", "in_22_days"), [("I", 770_000), ("II", 770_000), ("III", 814_000), ("IV", 902_000)])
async def test_meal_allowances_of_a_month(grade: str, in_22_days: int, memory: Platform) -> None:
    """E3 (PMK 39/2024): paid for presence, so kept by the budget and missed by the employee."""
    town = await opened(memory, factors())
    await town.load(
        "units", f"unit_code,name,meal_allowance_by_attendance,effective_from\nmakan,Unit Makan,ya,{SINCE}\n"
    )
    await load_people(town, [person("joko", 1, grade=grade, unit="makan")])
    await away(town, "joko", WEEK)
    (missed,) = await months(town, "joko", "meals")
    (kept,) = await months(town, "joko", "meals", "regional_budget")
    in_5_days = in_22_days * 100 * 5 // 22
    assert (missed["amounts"]["sen"]["central"], kept["amounts"]["sen"]["central"]) == (-in_5_days, in_5_days)
    assert (kept["cashable"], missed["cashable"], kept["days"]) == (True, False, 5)


async def test_a_day_at_home_costs_there(memory: Platform) -> None:
    """E6: 7.5 h at 150 W = 1.125 kWh = Rp1,625 at R-1 = 0.979 kg at 0.87, without cooling and tax."""
    town = await opened(memory, factors(cooling_wh=band(0, 0, 0), tax=band(0, 0, 0)))
    await load_people(town, [person("joko", 1, "0,active,,")])
    await away(town, "joko", [MONDAY])
    (home,) = await months(town, "joko", "home_electricity")
    (gas,) = await months(town, "joko", "co2e", "society")
    assert home["amounts"]["watt_hours"]["central"] == -1125
    assert home["amounts"]["sen"]["central"] == -162_529
    assert gas["amounts"]["grams_co2e"]["central"] == -979


async def test_a_province_on_thursdays(memory: Platform) -> None:
    """E8: 5,323 people for 48 Thursdays, 20 km: 184,620.0 l, Rp1,846,200,000 of the employees', 419.09 t CO2."""
    town = await opened(memory, factors(workstation_watts=band(0, 0, 0), cooling_wh=band(0, 0, 0)))
    kinds = {"joko": (3726, "motorcycle,pertalite,"), "kiki": (1331, "car,pertalite,"), "lina": (266, "active,,")}
    await load_people(town, [person(name, n, f"20,{way}") for n, (name, (_, way)) in enumerate(kinds.items(), 1)])
    microlitres = sen = 0
    grams = Fraction(0)
    for name, (people, _) in kinds.items():
        await away(town, name, [date(2026, 9, 10)])
        (fuel,), (gas,) = await months(town, name, "fuel"), await months(town, name, "co2e", "society")
        microlitres += fuel["amounts"]["microlitres"]["central"] * people * 48
        sen += fuel["amounts"]["sen"]["central"] * people * 48
        grams += Fraction(fuel["amounts"]["microlitres"]["central"] * 2270 * people * 48, 10**6)
        assert (
            abs(gas["amounts"]["grams_co2e"]["central"] - fuel["amounts"]["microlitres"]["central"] * 2270 / 10**6) < 1
        )
    assert Fraction(microlitres, 10**6) == Fraction("184620.0")
    assert sen == 1_846_200_000 * 100
    assert round(grams / 10**6, 2) == Fraction("419.09")


async def test_a_building_of_three_hundred_is_half_empty_packed_and_closed(memory: Platform) -> None:
    """900 kWh base, 6 zones of 120 kWh, 1.2 kWh a head, 300 people: 1,980 kWh as usual, so that 1,800 with half away
    everywhere saves 180, 1,440 with half away zone by zone 540, and 900 with all away 1,080."""
    town = await opened(memory, factors(zone_off=band(1, 1, 1)))
    rows = "".join(f"gedung,Gedung contoh,900,1.2,P-1/TR,z{zone},120,{SINCE}\n" for zone in range(6))
    heading = "building_code,name,base_kwh,per_head_kwh,tariff_class,zone,zone_load_kwh,effective_from\n"
    await town.load("buildings", heading + rows)
    units = "".join(f"u{zone},Unit {zone},gedung,z{zone},{SINCE}\n" for zone in range(6))
    await town.load("units", "unit_code,name,building_code,zone,effective_from\n" + units)
    budi, ends = "199001012015031011", f",,,,,,{SINCE}"
    people = [
        f"19850101201003{1 + n // 999}{n % 999 + 1:03},orang-{n},{subject(f'orang-{n}')},u{n // 50},analis,{budi}{ends}"
        for n in range(300)
    ]
    await load_people(town, people)
    tuesday, wednesday = MONDAY + timedelta(1), MONDAY + timedelta(2)
    half = {MONDAY: [n for n in range(300) if n % 2], tuesday: list(range(150)), wednesday: list(range(300))}
    gate = asyncio.Semaphore(8)

    async def plays(number: int) -> tuple[str, dict[str, Any]]:
        async with gate:
            name = f"orang-{number}"
            days = [day for day, who in half.items() if number in who]
            return name, await town.submit(name, days)

    asked = await asyncio.gather(*(plays(n) for n in range(300)))
    await memory.settle()
    some = [asked[first : first + 30] for first in range(0, 300, 30)]
    for of in some:
        decided = [{"request_id": one["request_id"], "version": 1, "decision": "approve"} for _, one in of]
        await at_once(town, "budi", "approvals", "/v1/cases:decide", decided)
    await memory.settle()
    town.at(wednesday, 15)
    for name, one in asked:
        said = {"version": 1, "quantity": 1, "note": "Selesai."}
        await at_once(town, name, "performance", "/v1/plans:log", [output | said for output in outputs_of(one)])
    for of in some:
        judged = [
            output | {"version": 1 + len(one["outputs"]), "verdict": "verify"}
            for _, one in of
            for output in outputs_of(one)
        ]
        await at_once(town, "budi", "performance", "/v1/plans:judge", judged)
    town.at(wednesday + timedelta(1))
    await memory.settle()
    building = (await town.get("citra", "savings", "/v1/unit-days", month="2026-09")).json()["items"][0]["building_id"]
    days = (await town.get("citra", "savings", "/v1/building-days", building_id=building, month="2026-09")).json()
    found = [
        (
            one["day"],
            one["away"],
            [zone["zone"] for zone in one["zones"] if zone["closed"]],
            one["saved"]["watt_hours"]["central"],
            one["saved"]["sen"]["central"],
        )
        for one in days["items"]
    ]
    zones = [f"z{n}" for n in range(6)]

    def sen(kwh: int) -> int:
        """Of one unit: at Rp1,699.53, which a government body pays no tax on (UU 1/2022 Ps. 52(2)), rounded once."""
        return kwh * 169_953

    assert found == [
        (str(MONDAY), 150, [], 180_000, 6 * sen(30)),
        (str(tuesday), 150, zones[:3], 540_000, 3 * sen(180)),
        (str(wednesday), 300, zones, 1_080_000, 6 * sen(180)),
    ]
    assert {one["base_watt_hours"] for one in days["items"]} == {900_000}
    hana = await town.get("hana", "savings", "/v1/building-days", building_id=building, month="2026-09")
    assert hana.status_code in (403, 404)
