"""Programs that read figures with tokens of their own: which operations answer them, within what scope, until when."""

from datetime import date
from typing import Any

import httpx

from shared.kit.decisions.decider import Document
from shared.people.accounts import OPEN_TO
from tests.harness.platform import Platform
from tests.harness.town import Town, open_town
from tests.savings.test_published import MONTH, kept, september

PROGRAM = "dasbor"
WORDS = {"month": "2026-09", "unit_id": "unit-0001", "kind": "units", "iso_week": "2026-W36", "day": "2026-09-07"}
"""What stands in addresses, where a part has a form of its own."""
FIGURES = {
    "/v1/unit-months": MONTH,
    "/v1/unit-months/{unit_id}/{month}": {},
    "/v1/instance-months/{month}": {},
    "/v1/completeness": MONTH,
    "/v1/series": {"from": "2026-09", "to": "2026-09"},
    "/v1/branches": {"from": "2026-09", "to": "2026-09"},
    "/v1/factor-sets": {},
    "/v1/results/unit-months": MONTH,
    "/v1/results/series": {"from": "2026-09", "to": "2026-09"},
}
"""All operations that answer service accounts, and what they are asked."""


async def record(town: Town, **changed: Any) -> httpx.Response:
    """The personnel agency records a program, of which all have heard then."""
    body = {"name": "Dasbor", "subject": PROGRAM, "figures": ["savings", "performance"], "ends_on": "2026-12-31"}
    answer = await town.post("citra", "organisation", "/v1/accounts", body | changed)
    await town.platform.settle()
    return answer


async def recorded(town: Town, **changed: Any) -> dict[str, Any]:
    answer = await record(town, **changed)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def asked(town: Town, service: str, path: str, **params: Any) -> httpx.Response:
    return await town.platform.apis.get(PROGRAM, service, path, **params)


def refused(answer: httpx.Response) -> str:
    assert answer.status_code == 403, f"{answer.status_code} {answer.text}"
    return str(answer.json()["errors"][0]["rule"])


async def test_every_operation_refuses_a_service_account_but_those_that_tell_figures(memory: Platform) -> None:
    town = await open_town(memory)
    await recorded(town)
    told = {}
    for service, app in memory.apps.items():
        for path, operations in app.openapi()["paths"].items():
            if path.startswith("/v1/open/"):
                continue
            for method, operation in operations.items():
                token = memory.token(PROGRAM)
                headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "x", "If-Match": '"1"'}
                address = path
                for name in (one["name"] for one in operation.get("parameters", []) if one["in"] == "path"):
                    address = address.replace(f"{{{name}}}", WORDS.get(name, "x-0001"))
                params = FIGURES.get(path, {})
                answer = await memory.apis.clients[service].request(method, address, headers=headers, params=params)
                where = f"{method} {service}{path}: {answer.status_code} {answer.text}"
                if OPEN_TO in operation:
                    assert answer.status_code in (200, 404), where
                    told[path] = service
                else:
                    rule = "operators-only" if "operation" in operation["tags"] else "account-reads-figures"
                    assert refused(answer) == rule, where
    assert told.keys() == FIGURES.keys()


async def test_an_account_reads_the_kinds_of_figures_that_it_is_allowed(memory: Platform) -> None:
    town = await open_town(memory)
    await recorded(town, figures=["performance"])
    assert (await asked(town, "performance", "/v1/results/unit-months", **MONTH)).status_code == 200
    assert refused(await asked(town, "savings", "/v1/unit-months", **MONTH)) == "account-reads-figures"


async def tree(town: Town) -> dict[str, str]:
    """Two more units, of which one is a part of the other: all units by code."""
    sheet = "unit_code,name,kind,parent_code,effective_from\n"
    rows = ["utama,Dinas Utama,agency_unit,,2025-01-01", "bidang,Bidang,org_unit,utama,2025-01-01"]
    rows += ["lainnya,Dinas Lain,agency_unit,,2025-01-01"]
    await town.load("units", sheet + "\n".join(rows) + "\n")
    await town.platform.settle()
    found = await town.get("citra", "organisation", "/v1/units")
    return {unit["code"]: unit["unit_id"] for unit in found.json()["items"]}


async def published(town: Town, *parts: dict[str, list[Document]]) -> None:
    """September is over, and published."""
    town.at(date(2026, 10, 2))
    await kept(town, *parts)


def units_in(answer: httpx.Response) -> set[str]:
    assert answer.status_code == 200, answer.text
    return {one["unit_id"] for one in answer.json()["items"]}


async def test_an_account_reads_its_units_and_their_parts_and_no_sum_of_all(memory: Platform) -> None:
    town = await open_town(memory)
    units = await tree(town)
    await published(town, *(september(units[code], people=range(n * 12, n * 12 + 12)) for n, code in enumerate(WITH)))
    await recorded(town, unit_ids=[units["utama"]])
    mine = {units["utama"], units["bidang"]}
    span = {"from": "2026-09", "to": "2026-09"}
    assert units_in(await asked(town, "savings", "/v1/unit-months", **MONTH)) == mine
    assert units_in(await asked(town, "savings", "/v1/unit-months", **MONTH, unit_id=units["bidang"])) == {
        units["bidang"]
    }
    series = await asked(town, "savings", "/v1/series", **span, unit_id=units["bidang"])
    assert {one["unit_id"] for one in series.json()["months"][0]["units"]} == {units["bidang"]}
    parts = await asked(town, "savings", "/v1/branches", **span, unit_id=units["utama"])
    assert {one["unit_id"] for one in parts.json()["months"][0]["parts"]} == mine
    other = {"unit_id": units["lainnya"]}
    for service, path, params in (
        ("savings", "/v1/unit-months", MONTH | other),
        ("savings", f"/v1/unit-months/{units['lainnya']}/2026-09", {}),
        ("savings", "/v1/completeness", MONTH | other),
        ("savings", "/v1/series", span | other),
        ("savings", "/v1/series", span),
        ("savings", "/v1/branches", span | other),
        ("savings", "/v1/branches", span),
        ("savings", "/v1/instance-months/2026-09", {}),
        ("performance", "/v1/results/unit-months", MONTH | other),
        ("performance", "/v1/results/series", span),
    ):
        assert refused(await asked(town, service, path, **params)) == "account-units-only", path


WITH = ("utama", "bidang", "lainnya")


async def test_a_unit_without_its_parts_is_that_unit_alone(memory: Platform) -> None:
    town = await open_town(memory)
    units = await tree(town)
    await published(town, *(september(units[code], people=range(n * 12, n * 12 + 12)) for n, code in enumerate(WITH)))
    await recorded(town, unit_ids=[units["utama"]], with_parts=False)
    assert units_in(await asked(town, "savings", "/v1/unit-months", **MONTH)) == {units["utama"]}


async def test_an_account_reads_what_everybody_on_record_may(memory: Platform) -> None:
    """Who looks at its dashboards is not known: it may be somebody of whom a figure tells."""
    town = await open_town(memory)
    await recorded(town)
    await published(town, september("unit-0001", people=range(5)))
    analyst = (await town.get("hana", "savings", "/v1/unit-months", **MONTH)).json()["items"]
    program = (await asked(town, "savings", "/v1/unit-months", **MONTH)).json()["items"]
    withheld = [[one["withheld"] for one in items] for items in (analyst, program)]
    assert withheld == [[False] * 3, [True] * 3]


async def test_an_account_ends_by_its_date_and_at_once(memory: Platform) -> None:
    town = await open_town(memory)
    account = await recorded(town, ends_on="2026-09-03")
    assert (account["in_force"], account["version"]) == (True, 1)
    town.at(date(2026, 9, 3), 23)
    assert (await asked(town, "savings", "/v1/factor-sets")).status_code == 200
    town.at(date(2026, 9, 4), 0)
    assert refused(await asked(town, "savings", "/v1/factor-sets")) == "account-not-in-force"
    again = await recorded(town)
    assert (await asked(town, "savings", "/v1/factor-sets")).status_code == 200
    path = f"/v1/accounts/{again['account_id']}"
    ended = await town.post("citra", "organisation", f"{path}:end", seen=1)
    assert (ended.status_code, ended.json()["in_force"]) == (200, False), ended.text
    await memory.settle()
    assert refused(await asked(town, "savings", "/v1/factor-sets")) == "account-not-in-force"
    twice = await town.post("citra", "organisation", f"{path}:end", seen=2)
    assert (twice.status_code, twice.json()["errors"][0]["rule"]) == (409, "account-ended")
    assert [one["in_force"] for one in (await town.get("citra", "organisation", "/v1/accounts")).json()["items"]] == [
        False,
        False,
    ]


async def test_a_subject_speaks_for_one_program_or_one_person(memory: Platform) -> None:
    town = await open_town(memory)
    await recorded(town)
    for subject in (PROGRAM, "subject-of-ani"):
        answer = await record(town, subject=subject)
        assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (422, "account-subject-taken"), subject


async def test_a_program_whose_subject_is_a_persons_reads_nothing(memory: Platform) -> None:
    """Organisation lets neither in; another service that has heard of both trusts neither."""
    town = await open_town(memory)
    await recorded(town)
    db = memory.databases["savings"]
    left = {"identity.sub": PROGRAM, "history.0.active": False}
    await db.employees.update_one({"_id": town.ids["dedi"]}, {"$set": left})
    answer = await asked(town, "savings", "/v1/factor-sets")
    assert refused(answer) == "unknown-person"


async def test_what_is_recorded_is_checked_and_recorded_once(memory: Platform) -> None:
    town = await open_town(memory)
    for changed, rule in (
        ({"ends_on": "2026-09-01"}, "account-over"),
        ({"ends_on": "2028-09-02"}, "account-too-long"),
        ({"unit_ids": ["unit-9999"]}, "account-unit-unknown"),
        ({"figures": []}, "field-invalid"),
        ({"unit_ids": ["x"]}, "field-invalid"),
        ({"subject": "199001012015031011"}, "field-invalid"),
    ):
        answer = await record(town, **changed)
        assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (422, rule), answer.text
    assert refused(await town.post("ani", "organisation", "/v1/accounts", {})) == "role-missing"
    assert refused(await town.get("hana", "organisation", "/v1/accounts")) == "role-missing"
    body = {"name": "Dasbor", "subject": PROGRAM, "figures": ["savings"], "ends_on": "2026-12-31"}
    key = {"headers": {"Idempotency-Key": "one"}}
    first, second = [await town.post("citra", "organisation", "/v1/accounts", body, **key) for _ in range(2)]
    assert first.json() == second.json()
    assert second.headers["Idempotency-Replayed"] == "true"
