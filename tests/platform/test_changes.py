"""Who is told of changes, and when: nobody of what they may not read, nobody twice, and nobody too late."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pymongo.errors import AutoReconnect, OperationFailure

from shared.contracts.organisation import Role
from shared.kit.base import following, generations, tasks
from shared.kit.base.following import Changed, Follower
from shared.kit.projections import projector
from shared.kit.web import eventstream
from shared.kit.web.eventstream import Mailbox
from shared.people import live
from shared.people.live import Item, Listener, Wanted, Whose, hears
from shared.people.lookup import Actor
from tests.harness.platform import Platform
from tests.harness.streams import Events, Streaming, opened
from tests.harness.town import HEADING, NIPS, Town, open_town, row, subject
from tests.platform.test_commands import counted
from tests.portal.test_journey import FIRST_OF_OCTOBER, MONDAY

CHANGES = "/v1/changes"


class Followers:
    """Those who follow a town's services."""

    def __init__(self, town: Town, stack: AsyncExitStack) -> None:
        self.town = town
        self._stack = stack
        self.transports = {name: Streaming(app) for name, app in town.platform.apps.items()}

    async def follow(self, name: str, service: str, *, token: str = "", last: str = "", **asked: Any) -> Events:
        """Somebody opens a stream."""
        headers = {"Authorization": f"Bearer {token or self.town.platform.token(subject(name))}"}
        headers |= {"Last-Event-ID": last} if last else {}
        client = httpx.AsyncClient(transport=self.transports[service], base_url=f"http://{service}")
        return await self._stack.enter_async_context(opened(client, CHANGES, params=asked, headers=headers))


@asynccontextmanager
async def followers(town: Town) -> AsyncIterator[Followers]:
    async with AsyncExitStack() as stack:
        yield Followers(town, stack)


def actor(employee_id: str, *roles: Role) -> Actor:
    terms: Any = type("Terms", (), {"roles": roles})()
    return Actor(employee_id, terms)


def listener(employee_id: str, *roles: Role, **wanted: Any) -> Listener:
    return Listener("iss", employee_id, actor(employee_id, *roles), Wanted(**wanted))


OF_ANI = Item("request", "req-1", "2", "ani")
OWN_OF_ANI = Item("own-month", "2026-09", "", "ani", led=False)
LIVE_MONTH = Item("month", "2026-09", roles=frozenset({Role.PERSONNEL_AGENCY}))
AGENCY = Role.PERSONNEL_AGENCY


@pytest.mark.parametrize(
    ("who", "item", "told"),
    [
        (listener("ani"), OF_ANI, True),
        (listener("budi"), OF_ANI, True),
        (listener("dedi"), OF_ANI, False),
        (listener("citra", AGENCY), OF_ANI, True),
        (listener("budi"), OWN_OF_ANI, False),
        (listener("citra", AGENCY), OWN_OF_ANI, True),
        (listener("ani"), LIVE_MONTH, False),
        (listener("hana", Role.ANALYST), LIVE_MONTH, False),
        (listener("citra", AGENCY), LIVE_MONTH, True),
        (listener("hana", Role.ANALYST), Item("publication", "2026-09", "1"), True),
        (listener("hana", Role.ANALYST), Item("publication", "2026-09", "2", hidden=frozenset({"hana"})), False),
        (listener("ani", whose=Whose.LED), OF_ANI, False),
        (listener("budi", whose=Whose.LED), OF_ANI, True),
        (listener("budi", whose=Whose.MINE), OF_ANI, False),
        (listener("citra", AGENCY, whose=Whose.LED), OF_ANI, False),
        (listener("ani", kinds=frozenset({"policy"})), OF_ANI, False),
        (listener("ani", ids=frozenset({"req-2"})), OF_ANI, False),
        (listener("citra", AGENCY, ids=frozenset({"2026-08"})), LIVE_MONTH, False),
        (listener("citra", AGENCY, ids=frozenset({"2026-08"})), Item("month", "any", roles=frozenset({AGENCY})), True),
    ],
)
def test_whoever_may_read_it_hears_of_it(who: Listener, item: Item, told: bool) -> None:
    assert hears(who, item, {"budi"}) is told


async def test_a_change_is_told_to_those_who_may_read_it_and_to_nobody_else(memory: Platform) -> None:
    town = await open_town(memory)
    async with followers(town) as those:
        ani = await those.follow("ani", "requests")
        budi = await those.follow("budi", "requests", whose="led")
        dedi = await those.follow("dedi", "requests")
        citra = await those.follow("citra", "requests", kind="request")
        of_dedi = await those.follow("dedi", "approvals")
        of_budi = await those.follow("budi", "approvals", whose="led")
        asked = await town.submit("ani", [MONDAY])
        told = {"kind": "request", "id": asked["request_id"], "version": "1"}
        for one in (ani, budi, citra):
            assert await one.next() == ("changed", told)
        await memory.settle()
        assert await of_budi.next() == ("changed", {"kind": "case", "id": asked["request_id"], "version": "1"})
        await town.approve("budi", asked)
        await memory.settle()
        assert await ani.next() == ("changed", told | {"version": "2"})
        assert await dedi.silent()
        assert await of_dedi.silent()


async def test_what_changes_between_reading_a_page_and_following_is_told_at_once(memory: Platform) -> None:
    town = await open_town(memory)
    async with followers(town) as those:
        page = await town.get("ani", "requests", "/v1/requests")
        asked = await town.submit("ani", [MONDAY])
        told = {"kind": "request", "id": asked["request_id"], "version": "1"}
        first = await those.follow("ani", "requests", since=page.headers["Changes-Since"])
        assert await first.next() == ("changed", told)
        second = await those.follow("ani", "requests", since=page.headers["Changes-Since"])
        assert await second.next() == ("changed", told)
        dedi = await those.follow("dedi", "requests", since=page.headers["Changes-Since"])
        again = await those.follow("ani", "requests", last=first.last_id, since=page.headers["Changes-Since"])
        newer = await town.get("ani", "requests", "/v1/requests")
        third = await those.follow("ani", "requests", since=newer.headers["Changes-Since"])
        for one in (dedi, again, third):
            assert await one.silent()
        long_ago = await those.follow("ani", "requests", since="5.1")
        assert await long_ago.next() == ("look-again", {})


async def test_figures_of_few_are_told_live_to_the_agency_alone(memory: Platform) -> None:
    town = await open_town(memory)
    async with followers(town) as those:
        citra = await those.follow("citra", "savings", kind=["month"])
        ani = await those.follow("ani", "savings", kind=["own-month", "month", "publication"])
        hana = await those.follow("hana", "savings", kind=["own-month", "month", "publication"])
        budi = await those.follow("budi", "savings", kind=["own-month", "month", "publication"])
        await town.play_to_verified("ani", MONDAY)
        told = await citra.next()
        while told and told[1]["id"] == "any":
            told = await citra.next()
        assert told
        assert (told[0], told[1]["kind"], told[1]["id"]) == ("changed", "month", "2026-09")
        own = await ani.next()
        assert own
        assert (own[1]["kind"], own[1]["id"]) == ("own-month", "2026-09")
        town.at(FIRST_OF_OCTOBER)
        await memory.settle()
        assert await hana.next() == ("changed", {"kind": "publication", "id": "2026-09", "version": "1"})
        assert await budi.next() == ("changed", {"kind": "publication", "id": "2026-09", "version": "1"})


async def test_a_slow_reader_is_told_once_that_there_was_much() -> None:
    box = Mailbox(most=3)
    for number in range(3):
        box.put(f"request {number}", {"id": str(number)}, "1.1")
    box.put("request 0", {"id": "0", "version": "2"}, "1.2")
    assert await box.take(1) == [("changed", {"id": "0", "version": "2"})] + [
        ("changed", {"id": str(number)}) for number in (1, 2)
    ]
    for number in range(50):
        box.put(f"request {number}", {}, "1.3")
    assert await box.take(1) == [("look-again", {})]
    assert (await box.take(0.01), box.id) == ([], "1.3")
    box.put("request 7", {}, "1.4", wait_s=30)
    assert await box.take(0.01) == [("changed", {})], "nothing waits while it is said that nothing does"
    box.close()
    assert await box.take(30) is None


async def test_a_server_that_stops_does_not_wait_for_streams(memory: Platform) -> None:
    town = await open_town(memory)
    async with followers(town) as those:
        ani = await those.follow("ani", "requests")
        assert "mkd_http_streams 1.0" in await _measures(memory)
        those.transports["requests"].stop()
        assert await ani.next(2) is None
        await asyncio.sleep(1.1)
        assert "mkd_http_streams 0.0" in await _measures(memory)
        assert len(memory.apps["requests"].state.listening) == 0


async def test_what_was_written_at_the_point_itself_is_not_told(memory: Platform) -> None:
    """A point is passed when all up to it is known: MongoDB goes on with what was written there."""
    heard: asyncio.Queue[Changed] = asyncio.Queue()

    async def hear(changed: Sequence[Changed], _until: Any, _missed: bool) -> None:
        for one in changed:
            heard.put_nowait(one)

    db = memory.databases["requests"]
    async with db.client.start_session() as session:
        await db.policies.insert_one({"_id": "pol-known"}, session=session)
        point = session.operation_time
    begun = asyncio.Event()
    running = asyncio.create_task(Follower(db, "^policies$", ()).run(point, begun, hear))
    try:
        await begun.wait()
        await db.policies.insert_one({"_id": "pol-new"})
        assert (await asyncio.wait_for(heard.get(), 5)).id == "pol-new"
    finally:
        await tasks.end(running)


async def test_a_kind_that_is_none_is_refused_with_those_there_are(memory: Platform) -> None:
    town = await open_town(memory)
    answer = await town.get("ani", "requests", CHANGES, kind="nosuch")
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert "kind" in str(error), error
    assert all(kind in str(error) for kind in ("directory", "policy", "request")), error


async def _measures(memory: Platform) -> str:
    return (await memory.apis.clients["requests"].get("/metrics")).text


async def test_a_stream_ends_with_its_token(memory: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.people.following.LEEWAY_S", 0)
    town = await open_town(memory)
    async with followers(town) as those:
        ani = await those.follow("ani", "requests", token=memory.token(subject("ani"), lifetime_s=2))
        assert await ani.next(6) is None
        stranger = await those.follow("ani", "requests", token="none")
        assert stranger.answer.status_code == 401


async def test_streams_have_limits(memory: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "STREAMS_OF_ONE_MAX", 2)
    monkeypatch.setattr(live, "STREAMS_MAX", 3)
    town = await open_town(memory)
    async with followers(town) as those:
        for _ in range(2):
            assert (await those.follow("ani", "requests")).answer.status_code == 200
        third = await those.follow("ani", "requests")
        assert (third.answer.status_code, third.answer.json()["errors"][0]["rule"]) == (429, "too-many-streams")
        assert (await those.follow("dedi", "requests")).answer.status_code == 200
        fourth = await those.follow("budi", "requests")
        assert (fourth.answer.status_code, fourth.answer.json()["errors"][0]["rule"]) == (503, "busy")
        assert fourth.answer.headers["retry-after"]


async def test_whoever_is_gone_hears_nothing_and_new_superiors_hear_at_once(memory: Platform) -> None:
    town = await open_town(memory)
    async with followers(town) as those:
        eka = await those.follow("eka", "requests", kind="request")
        gone = await those.follow("dedi", "requests", kind="directory")
        await _move(town, "dedi", superior="eka")
        assert (await gone.next(15)) == ("changed", {"kind": "directory", "id": "any"})
        asked = await town.submit("dedi", [MONDAY])
        assert await eka.next() == ("changed", {"kind": "request", "id": asked["request_id"], "version": "1"})


async def _move(town: Town, name: str, superior: str) -> None:
    text = row(name, since="2026-09-01").replace(NIPS["budi"], NIPS[superior])
    await town.load("employees", f"{HEADING}\n{text}\n")
    await town.platform.settle()


async def test_viewers_who_wake_together_cost_little_more_than_one(
    memory: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = await open_town(memory)
    await town.play_to_verified("ani", MONDAY)
    town.at(FIRST_OF_OCTOBER)
    await memory.settle()
    viewers = ["ani", "dedi", "budi", "hana", "eka", "farah"] * 10
    async with counted(memory, "savings", monkeypatch) as counter:

        async def all_look() -> set[int]:
            answers = [town.get(name, "savings", "/v1/instance-months/2026-09") for name in viewers]
            return {one.status_code for one in await asyncio.gather(*answers)}

        assert await all_look() == {200}
        counter.names.clear()
        assert await all_look() == {200}
        assert len(counter.names) <= 6, counter.names
        first = await town.get("hana", "savings", "/v1/instance-months/2026-09")
        await _published_again(memory)
        counter.names.clear()
        assert await all_look() == {200}
        assert len(counter.names) <= 12, counter.names
        told = await town.get("hana", "savings", "/v1/instance-months/2026-09")
        assert told.json()["as_of"] > first.json()["as_of"]


async def _published_again(memory: Platform) -> None:
    """What has been published is published once more, as its writer does it."""
    db = memory.databases["savings"]
    last = await db.publications.find_one({"month": "2026-09"}, sort=[("number", -1)])
    assert last
    again = last | {"_id": "2026-09#9", "number": 9, "as_of": last["as_of"] + timedelta(days=1)}
    await db.publications.insert_one(again)
    await projector.count(None, generations.of(db, "g1"), ["2026-09"], by=projector.PUBLISHING)


async def test_what_others_are_told_moves_with_nothing_that_is_not_published(memory: Platform) -> None:
    town = await open_town(memory)
    await town.play_to_verified("ani", MONDAY)
    town.at(FIRST_OF_OCTOBER)
    await memory.settle()
    path = "/v1/instance-months/2026-09"
    before = [await town.get(name, "savings", path) for name in ("hana", "citra")]
    db = memory.databases["savings"]
    await projector.count(None, generations.of(db, "g1"), ["2026-09"], by="somebody's day")
    after = [await town.get(name, "savings", path) for name in ("hana", "citra")]
    assert before[0].headers["etag"] == after[0].headers["etag"], "an analyst learns of no live change by its tag"
    assert before[1].headers["etag"] != after[1].headers["etag"]


async def test_a_point_that_is_still_to_come_silences_nobody(memory: Platform) -> None:
    town = await open_town(memory)
    async with followers(town) as those:
        await those.follow("dedi", "requests", since="4000000000.1")
        ani = await those.follow("ani", "requests")
        await town.submit("ani", [MONDAY])
        assert (await ani.next() or [""])[0] == "changed"


async def test_many_who_begin_to_follow_at_once_follow_once(memory: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = []
    follow = live.Listening._follow

    async def counting(self: live.Listening, since: Any) -> None:
        begun.append(since)
        await follow(self, since)

    monkeypatch.setattr(live.Listening, "_follow", counting)
    town = await open_town(memory)
    page = await town.get("ani", "requests", "/v1/requests")
    async with followers(town) as those:
        since = page.headers["Changes-Since"]
        await asyncio.gather(*(those.follow("ani", "requests", since=since) for _ in range(5)))
        assert len(begun) == 1


@pytest.mark.parametrize(
    ("failed", "told"), [(AutoReconnect("gone"), "changed"), (KeyError("month"), "look-again")], ids=["away", "odd"]
)
async def test_what_fails_while_it_is_told_is_told_all_the_same(
    memory: Platform, monkeypatch: pytest.MonkeyPatch, failed: Exception, told: str
) -> None:
    failures = [failed]
    tell_of = live.Listening._tell_of

    async def failing(self: live.Listening, items: Any) -> None:
        if items and failures:
            raise failures.pop()
        await tell_of(self, items)

    monkeypatch.setattr(live.Listening, "_tell_of", failing)
    town = await open_town(memory)
    async with followers(town) as those:
        ani = await those.follow("ani", "requests")
        await town.submit("ani", [MONDAY])
        assert (await ani.next() or [""])[0] == told
        await town.submit("ani", [MONDAY.replace(day=14)])
        assert (await ani.next() or [""])[0] == "changed", "it goes on"


async def test_a_point_from_which_the_database_does_not_go_on_is_given_up(
    memory: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    since_: list[Any] = []
    next_ = following._next

    async def refusing(stream: Any, before: Any) -> Any:
        since_.append(before)
        if 2 < len(since_) < 8:
            raise OperationFailure("an event is too large", 10334)
        return await next_(stream, before)

    monkeypatch.setattr(following, "_next", refusing)
    monkeypatch.setattr(following, "FIRST_S", 0.01)
    town = await open_town(memory)
    async with followers(town) as those:
        ani = await those.follow("ani", "requests")
        assert await ani.next() == ("look-again", {})


@pytest.mark.parametrize("at_first", [False, True], ids=["later", "at first"])
async def test_whoever_comes_again_before_all_is_told_is_told_it(
    memory: Platform, monkeypatch: pytest.MonkeyPatch, at_first: bool
) -> None:
    """Of much it is told at most every so often: no id says meanwhile that all was told, be it the first of all that is
    told."""
    monkeypatch.setattr(live, "MUCH", 0)
    monkeypatch.setattr(live, "SELDOM_S", 60.0)
    monkeypatch.setattr(eventstream, "HEARTBEAT_S", 0.1)
    submitted, next_ = asyncio.Event(), following._next

    async def waiting(stream: Any, before: Any) -> Any:
        await submitted.wait()
        return await next_(stream, before)

    if at_first:
        monkeypatch.setattr(following, "_next", waiting)
        monkeypatch.setattr(following, "PACE_S", 1.0)
    town = await open_town(memory)
    async with followers(town) as those:
        ani = await those.follow("ani", "requests")
        await town.submit("ani", [MONDAY])
        submitted.set()
        assert await ani.next() == ("look-again", {})
        await town.submit("ani", [MONDAY.replace(day=14)])
        assert await ani.silent(1.5 if at_first else 0.7)
        again = await those.follow("ani", "requests", last=ani.last_id)
        assert await again.next() == ("look-again", {})
