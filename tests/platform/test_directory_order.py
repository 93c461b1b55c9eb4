"""Whatever order partitions come in, every directory ends the same: a subject is one person's only in the end."""

import random
from collections.abc import Iterator

from shared.contracts import organisation
from shared.contracts.organisation import EmployeeRecorded, Identity
from shared.kit.messaging import cloudevents
from tests.harness.made import NOON, employee
from tests.harness.platform import Platform

PEOPLE = 8
DIRECTORIES = ("requests", "approvals", "performance", "savings")


def called(person: EmployeeRecorded, issuer: str, subject: str) -> EmployeeRecorded:
    return person.model_copy(update={"identity": Identity(iss=issuer, sub=subject)})


def histories(issuer: str) -> dict[str, list[EmployeeRecorded]]:
    """Eight people pass their subjects round, two exchange theirs, and eight newcomers take what others had before."""
    told: dict[str, list[EmployeeRecorded]] = {}
    for number in range(PEOPLE):
        person = employee(f"emp-old{number:05}")
        was, is_ = f"s{number}", f"s{(number + 1) % PEOPLE}" if number % 2 else f"new{number}"
        told[person.employee_id] = [called(person, issuer, was), called(person, issuer, is_)]
        newcomer = employee(f"emp-young{number:03}")
        taken = f"s{number}" if number % 2 else f"fresh{number}"
        told[newcomer.employee_id] = [called(newcomer, issuer, taken)]
    return told


def mixed(told: dict[str, list[EmployeeRecorded]], chance: random.Random) -> Iterator[tuple[EmployeeRecorded, int]]:
    """The events of each person in order, those of different people in any."""
    left = {id_: list(enumerate(events, 1)) for id_, events in told.items()}
    while left:
        id_ = chance.choice(sorted(left))
        n, event = left[id_].pop(0)
        yield event, n
        if not left[id_]:
            del left[id_]


async def test_any_order_of_partitions_ends_in_the_same_directory(memory: Platform, seed: int) -> None:
    its = memory.settings["organisation"]
    told = unique(histories(its.issuer))
    for trial in range(3):
        for event, n in mixed(told, random.Random(f"{seed} {trial}")):
            tell(memory, event, n + 2 * trial)
        await memory.settle()
    for name in DIRECTORIES:
        db = memory.databases[name]
        assert await db.dead_letters.count_documents({}) == 0
        for id_, events in told.items():
            found = await db.employees.find({"identity.sub": events[-1].identity.sub}).to_list()
            assert [one["_id"] for one in found] == [id_], f"{name}: {events[-1].identity.sub}"


def unique(told: dict[str, list[EmployeeRecorded]]) -> dict[str, list[EmployeeRecorded]]:
    """In the end a subject is one person's: whoever comes later in the list gets another where it is taken."""
    taken: set[str] = set()
    for events in told.values():
        last = events[-1].identity
        sub = last.sub if last.sub not in taken else f"{last.sub}-2"
        taken.add(sub)
        events[-1] = called(events[-1], last.iss, sub)
    return told


def tell(memory: Platform, person: EmployeeRecorded, n: int) -> None:
    assert memory.bus
    its = memory.settings["organisation"]
    headers = cloudevents.headers(
        organisation.PUBLISHER.type_of(person),
        id_=f"0199-{person.employee_id}-{n}",
        source=f"/{its.instance}/organisation",
        subject=person.subject,
        n=n,
        time=NOON,
        trace="",
    )
    topic = f"{its.topic_prefix}{organisation.PUBLISHER.topic}"
    memory.bus.append(topic, person.key.encode(), person.model_dump_json().encode(), headers)
