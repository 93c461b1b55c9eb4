"""What an earlier version has written is brought over: indexes, documents beside the log, read models."""

from datetime import date

import pytest
from pymongo import IndexModel

from shared.kit.base import generations
from shared.kit.base.generations import OlderModels
from shared.kit.base.mongo import SCHEMA_VERSION, make_indexes
from shared.kit.process import upgrade
from shared.people import directory
from tests.harness.platform import Platform
from tests.harness.town import open_town

MONDAY = date(2026, 9, 7)


async def test_an_index_that_was_made_otherwise_is_made_anew(memory: Platform) -> None:
    employees = memory.databases["approvals"].upgraded
    keys = [("identity.iss", 1), ("identity.sub", 1)]
    await employees.create_index(keys, unique=True)
    await make_indexes(employees, directory.INDEXES["employees"])
    assert not (await employees.index_information())["identity.iss_1_identity.sub_1"].get("unique")
    await make_indexes(employees, [IndexModel(keys, unique=True)])
    assert (await employees.index_information())["identity.iss_1_identity.sub_1"]["unique"]
    await employees.drop()


async def test_documents_of_an_earlier_version_are_made_again_from_the_log(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    db, service = memory.databases["requests"], memory.services["requests"]
    today = await db.requests.find_one({"_id": asked["request_id"]})
    await db.requests.replace_one({"_id": asked["request_id"]}, {"n": 1, "status": "submitted", "of_before": True})
    assert await upgrade.bring_over(db, service, "tests") == 0, "of this version already"
    await db.about.update_one({"_id": "schema"}, {"$set": {"version": SCHEMA_VERSION - 1}})
    assert await upgrade.bring_over(db, service, "tests") > 0
    assert await db.requests.find_one({"_id": asked["request_id"]}) == today
    about = await db.about.find_one({"_id": "schema"})
    assert about
    assert about["version"] == SCHEMA_VERSION


async def test_what_is_held_by_todays_rules_is_taken(memory: Platform) -> None:
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    db, service = memory.databases["requests"], memory.services["requests"]
    day = f"day:{town.ids['ani']}:{MONDAY}"
    assert await db.claims.find_one({"_id": day})
    await db.claims.delete_many({"_id": day})
    await db.about.update_one({"_id": "schema"}, {"$set": {"version": SCHEMA_VERSION - 1}})
    await upgrade.bring_over(db, service, "tests")
    held = await db.claims.find_one({"_id": day})
    assert held
    assert (held["units"], held["holders"]) == (1, {asked["request_id"]: 1})
    assert (await town.ask("ani", [MONDAY])).json()["errors"][0]["rule"] == "overlap"


async def test_read_models_of_an_earlier_version_are_not_gone_on_with(memory: Platform) -> None:
    db = memory.databases["savings"]
    version = memory.services["savings"].models_version
    assert await generations.version(db) == version, "what is new is of this version"
    await generations.check_models(db, version)
    with pytest.raises(OlderModels, match=r"rebuild them first \(\./mkd rebuild savings\)"):
        await generations.check_models(db, version + 1)
    await db.about.delete_one({"_id": "generation"})
    assert await generations.version(db) == 1, "of before it was noted"
