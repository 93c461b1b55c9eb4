"""Reference data that contradict each other: two people with one identity stop nobody else."""

from shared.contracts import organisation
from shared.contracts.organisation import EmployeeRecorded
from shared.kit import cloudevents
from tests.harness.made import NOON, employee
from tests.harness.platform import Platform
from tests.harness.town import open_town


async def test_a_person_with_anothers_identity_is_put_aside_and_the_next_is_known(memory: Platform) -> None:
    town = await open_town(memory)
    known = await memory.databases["approvals"].employees.find_one({"_id": town.ids["ani"]})
    assert known
    impostor = employee("emp-impostor").model_copy(
        update={"identity": EmployeeRecorded.model_validate(known, strict=False).identity}
    )
    for person in (impostor, employee("emp-newcomer")):
        _tell(memory, person)
    await memory.settle()
    group = f"{memory.settings['approvals'].topic_prefix}approvals.directory"
    (letter,) = await memory.databases["approvals"].dead_letters.find({"consumer": group}).to_list()
    assert (letter["rule"], letter["status"]) == ("handler-failed", "open")
    assert await memory.databases["approvals"].employees.find_one({"_id": "emp-newcomer"})
    assert (await town.get("ani", "approvals", "/v1/me")).json()["employee_id"] == town.ids["ani"]


def _tell(memory: Platform, person: EmployeeRecorded) -> None:
    assert memory.bus
    its = memory.settings["organisation"]
    headers = cloudevents.headers(
        organisation.PUBLISHER.type_of(person),
        id_=f"0199-{person.employee_id}",
        source=f"/{its.instance}/organisation",
        subject=person.subject,
        n=1,
        time=NOON,
        trace="",
    )
    topic = f"{its.topic_prefix}{organisation.PUBLISHER.topic}"
    memory.bus.append(topic, person.key.encode(), person.model_dump_json().encode(), headers)
