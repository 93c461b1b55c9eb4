"""What an earlier version has written is brought over: indexes, documents beside the log, read models."""

from datetime import date

import pytest
from pymongo import IndexModel

from shared.contracts import requests
from shared.contracts.requests import RequestWithdrawn
from shared.kit.base import generations
from shared.kit.base.generations import OlderModels
from shared.kit.base.mongo import SCHEMA_VERSION, Database, make_indexes
from shared.kit.decisions.decider import Document
from shared.kit.messaging import redrive
from shared.kit.process import upgrade
from shared.people import directory
from tests.harness.made import message
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
    assert await db.reservations.find_one({"_id": day})
    await db.reservations.delete_many({"_id": day})
    await db.about.update_one({"_id": "schema"}, {"$set": {"version": SCHEMA_VERSION - 1}})
    await upgrade.bring_over(db, service, "tests")
    held = await db.reservations.find_one({"_id": day})
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


async def of_version_2(db: Database) -> None:
    """What consumers keep of streams, as the version before kept it."""
    for collection, name in (("inbox", "_id"), ("dead_letters", "stream")):
        for one in await db[collection].find({}).to_list():
            await db[collection].delete_one({"_id": one["_id"]})
            await db[collection].insert_one(one | {name: one[name].replace("/tests/", "")})
    await db.about.update_one({"_id": "schema"}, {"$set": {"version": 2}})


async def kept(db: Database) -> list[Document]:
    """Also of letters that the relay has not told of yet, which it does every few seconds."""
    letters = await db.dead_letters.find({}, {"mirrored": 0}).sort("_id", 1).to_list()
    return [*await db.inbox.find({}).sort("_id", 1).to_list(), *letters]


async def test_streams_that_were_heard_are_named_as_they_are_today(memory: Platform) -> None:
    """The inbox and the letters of version 2 become today's, also after half of it: what comes again changes nothing,
    and what waited is released."""
    town = await open_town(memory)
    asked = await town.submit("ani", [MONDAY])
    await memory.settle()
    assert memory.bus
    withdrawn = RequestWithdrawn(request_id=asked["request_id"], employee_id=town.ids["ani"], days=(MONDAY,))
    prefix = memory.settings["requests"].topic_prefix
    broken, waits = (message(requests.PUBLISHER, withdrawn, n, prefix) for n in (2, 3))
    memory.bus.append(broken.topic, broken.key, b"{", broken.headers)
    await memory.bus.send([waits, message(requests.PUBLISHER, withdrawn, 2, prefix, instance="garut")])
    await memory.settle()
    db, service = memory.databases["approvals"], memory.services["approvals"]
    today = await kept(db)
    assert len([one for one in today if "rule" in one]) == 3
    await of_version_2(db)
    assert await kept(db) != today
    half = next(one for one in today if one["_id"].endswith(asked["request_id"]))
    await db.inbox.insert_one(half)
    await upgrade.bring_over(db, service, "tests")
    assert await kept(db) == today
    for one in memory.databases.values():
        await one.commits.update_many({}, {"$set": {"sent": False}})
    await memory.settle()
    assert await kept(db) == today, "all of it is known"
    letter = await db.dead_letters.find_one({"rule": "not-json"})
    assert letter
    await redrive.discard(memory.runners["approvals.cases"], letter, "test", "garbage of a test")
    assert (await town.get("ani", "approvals", f"/v1/cases/{asked['request_id']}")).json()["status"] == "closed"


async def test_collections_have_todays_names(memory: Platform) -> None:
    """Also where a start has made today's already, empty, and where it was broken off in between."""
    town = await open_town(memory)
    await town.submit("ani", [MONDAY])
    await memory.settle()
    db, service = memory.databases["requests"], memory.services["requests"]
    before = {name: await db[name].find({}).sort("_id", 1).to_list() for name in upgrade.RENAMED.values()}
    assert before["inbox"]
    assert before["checkpoints"]
    assert before["reservations"]
    for old, new in upgrade.RENAMED.items():
        if new != "checkpoints" and before[new]:
            await db[new].rename(old)
    await db["g1"]["unsettled"].insert_one({"_id": "mark"})
    await db.create_collection("inbox")
    await db.about.update_one({"_id": "schema"}, {"$set": {"version": 2}})
    await upgrade.bring_over(db, service, "tests")
    assert {name: await db[name].find({}).sort("_id", 1).to_list() for name in upgrade.RENAMED.values()} == before
    assert await db["g1"]["invalidations"].find_one({"_id": "mark"})
    names = {name.rpartition(".")[2] for name in await db.list_collection_names()}
    assert not names & upgrade.RENAMED.keys()
    await db["g1"]["invalidations"].drop()


async def test_nothing_is_brought_over_while_a_worker_runs(memory: Platform) -> None:
    await open_town(memory)
    await memory.settle()
    db, service = memory.databases["approvals"], memory.services["approvals"]
    await of_version_2(db)
    before, at_work = await kept(db), memory.relays["approvals"]._lease
    assert await at_work.hold()
    with pytest.raises(upgrade.AtWork, match="mkd_approvals"):
        await upgrade.bring_over(db, service, "tests", patience_s=0)
    assert await kept(db) == before
    await at_work.give_up()
    await upgrade.bring_over(db, service, "tests")
    assert await kept(db) != before
