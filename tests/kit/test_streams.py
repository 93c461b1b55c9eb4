"""Whose events are accepted: those of stated sources and no others; and no two instances ever share a stream."""

from collections.abc import Collection
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from deploy.base.failure import Failure
from deploy.provision import resources as provision
from services.savings.app import SERVICE as SAVINGS
from shared.contracts import requests
from shared.contracts.event import SOURCE
from shared.kit.base.settings import Settings
from shared.kit.messaging.admission import Verdict, admit, item
from shared.kit.messaging.cloudevents import Record
from shared.kit.messaging.streams import Stream, accepted
from tests.harness.made import REQUEST, message, submitted
from tests.harness.platform import Platform

PUBLISHER = requests.PUBLISHER
USUAL: dict[str, Any] = {
    "instance": "jabar",
    "mongo_url": "mongodb://db.example/?replicaSet=rs0",
    "kafka_bootstrap": "kafka.example:9092",
    "issuer": "https://sso.example/realms/mkd",
    "audience": "mkd-jabar",
}
sources = st.from_regex(SOURCE, fullmatch=True)
streams = st.builds(Stream, sources, st.text(min_size=1, max_size=20))
named = st.sampled_from(["jabar", "garut", "bekasi"]).map(PUBLISHER.source)
said = named | sources | st.text(st.characters(codec="utf-8"), max_size=20)


def record(source: str, n: int = 1) -> Record:
    """A good event of a request, which says that it is from there."""
    sent = message(PUBLISHER, submitted(), n)
    headers = [(name, source.encode() if name == "ce_source" else value) for name, value in sent.headers]
    return Record(sent.topic, 0, n, sent.key, sent.value, headers)


@given(streams, streams)
def test_an_id_is_of_one_stream_alone(one: Stream, other: Stream) -> None:
    assert Stream.of(one.id) == one
    assert (one.id == other.id) == (one == other)


@given(st.text(max_size=40))
def test_what_is_no_id_of_a_stream_names_none(text: str) -> None:
    found = Stream.of(text)
    assert found is None or found.id == text


@given(said, st.sets(named))
def test_a_source_is_accepted_where_it_is_stated_and_nowhere_else(source: str, besides: Collection[str]) -> None:
    """Whatever a record says of its source: what is not accepted is put aside, and moves no stream."""
    sources_ = accepted(PUBLISHER, "jabar", besides)
    found = item(record(source), PUBLISHER, sources_)
    admission = admit([found], {})
    if source in {"/jabar/requests", *besides}:
        assert admission.positions == {f"{source}/{REQUEST}": 1}
        return
    assert found.fault
    assert found.fault.rule == ("foreign-source" if source else "not-a-cloudevent")
    assert (admission.verdicts, admission.positions, admission.apply) == ([Verdict.FAULT], {}, [])
    assert found.stream not in {f"{one}/{REQUEST}" for one in sources_}


def test_another_service_of_the_same_instance_does_not_publish_on_the_topic() -> None:
    assert accepted(PUBLISHER, "jabar", {"/garut/approvals"}) == {"/jabar/requests"}
    found = item(record("/jabar/approvals"), PUBLISHER, accepted(PUBLISHER, "jabar"))
    assert found.fault
    assert (found.fault.rule, found.stream) == ("foreign-source", None), "not the stream that approvals publishes"


def test_a_number_that_is_known_of_one_instance_is_not_known_of_another() -> None:
    both = accepted(PUBLISHER, "jabar", {"/garut/requests"})
    items = [item(record(f"/{name}/requests", n), PUBLISHER, both) for n in (1, 2) for name in ("jabar", "garut")]
    admission = admit(items, {f"/jabar/requests/{REQUEST}": 1})
    assert admission.verdicts == [Verdict.DUPLICATE, Verdict.APPLY, Verdict.APPLY, Verdict.APPLY]


def test_the_environment_states_what_a_consumer_accepts() -> None:
    stated = "savings.days=/garut/approvals,savings.days=/garut/requests,approvals.cases=/bekasi/requests"
    assert Settings(**USUAL, accepted_sources=stated).accepted() == {
        "savings.days": {"/garut/approvals", "/garut/requests"},
        "approvals.cases": {"/bekasi/requests"},
    }
    assert Settings(**USUAL).accepted() == {}


@pytest.mark.parametrize("stated", ["/garut/requests", "savings.days=garut", "savings.days=/garut/", "a.b=/c1/d,", "*"])
def test_what_states_no_source_is_refused(stated: str) -> None:
    with pytest.raises(ValidationError, match="accepted_sources"):
        Settings(**USUAL, accepted_sources=stated)


@pytest.mark.parametrize("stated", ["savings.dayz=/garut/requests", "savings.days=/garut/savings"])
def test_a_consumer_that_there_is_none_of_or_that_does_not_subscribe_is_refused(stated: str) -> None:
    its = Settings(**USUAL, accepted_sources=stated)
    with pytest.raises(ValueError, match=r"MKD_ACCEPTED_SOURCES: savings\.day. does not subscribe to /garut/"):
        SAVINGS.check_accepted(its)


@pytest.mark.parametrize("stated", ["savings.days=/garut/savings", "saving.days=/garut/requests"])
async def test_nothing_is_set_up_for_a_source_that_nobody_could_accept(stated: str) -> None:
    with pytest.raises(Failure, match="MKD_ACCEPTED_SOURCES"):
        await provision.databases([SAVINGS], [Settings(**USUAL, accepted_sources=stated)])


async def test_a_service_at_work_accepts_what_is_stated(memory: Platform) -> None:
    its = memory.settings["savings"].model_copy(update={"accepted_sources": "savings.days=/garut/requests"})
    runners = {one.consumer.name: one for one in SAVINGS.runners(memory.databases["savings"], its)}
    assert runners.keys() == {one.name for one in SAVINGS.consumers}
    topic = f"{its.topic_prefix}{PUBLISHER.topic}"
    foreign = record("/garut/requests")._replace(topic=topic)
    assert runners["savings.days"].item(foreign).heard
    assert memory.runners["savings.days"].item(foreign).heard is None
