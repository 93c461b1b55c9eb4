"""How the portal reaches the services over the wire: who is away is away, whatever way they are."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import uvicorn
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.portal.reach import Asker, Away, Broken, Reach, clients, close
from tests.harness.parts import free_port_base

ANI, BUDI = (Asker(f"token-of-{name}", "id", "00-1-2-01") for name in ("ani", "budi"))
Stranger = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Told(BaseModel):
    """What the service was told."""

    token: str
    cookie: str
    encoding: str


async def _tell(request: Request) -> Response:
    said = request.headers
    told = {"token": said["authorization"], "cookie": said.get("cookie", ""), "encoding": said["accept-encoding"]}
    answer = JSONResponse(told)
    answer.set_cookie("somebodys", said["authorization"][-3:])
    return answer


async def _go_elsewhere(_: Request) -> Response:
    return Response(status_code=307, headers={"Location": "http://127.0.0.1:1/"})


@pytest.fixture
async def reach() -> AsyncIterator[Reach]:
    port = free_port_base()
    app = Starlette(routes=[Route("/v1/told", _tell), Route("/v1/elsewhere", _go_elsewhere)])
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", timeout_keep_alive=1))
    running = asyncio.create_task(server.serve())
    async with asyncio.timeout(10):
        while not server.started:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    open_clients = clients({"there": f"http://127.0.0.1:{port}", "nowhere": "http://127.0.0.1:1"}, within_s=1)
    yield Reach(open_clients)
    await close(open_clients)
    server.should_exit = True
    await running


async def test_nothing_of_one_person_comes_along_with_anothers_call(reach: Reach) -> None:
    for who in (ANI, BUDI, ANI):
        told = (await reach.get(who, "there", "/v1/told", Told)).value
        assert (told.token, told.cookie) == (f"Bearer {who.token}", "")


async def test_a_connection_that_the_other_side_has_closed_is_not_used_again(reach: Reach) -> None:
    for _ in range(3):
        await asyncio.gather(*(reach.get(ANI, "there", "/v1/told", Told) for _ in range(5)))
        await asyncio.sleep(1.2)


async def test_who_cannot_be_reached_is_away_and_where_one_is_sent_nobody_goes(reach: Reach) -> None:
    with pytest.raises(Away):
        await reach.get(ANI, "nowhere", "/v1/told", Told)
    with pytest.raises((Away, Broken)):
        await reach.get(ANI, "there", "/v1/elsewhere", Told)


async def _hang(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read(1)
    await asyncio.sleep(5)


async def _hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.close()


async def _talk_nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"no such protocol\r\n\r\n")
    writer.close()


async def _break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"token"')
    writer.close()


@pytest.mark.parametrize("how", [_hang, _hang_up, _talk_nonsense, _break_off], ids=lambda how: how.__name__)
async def test_who_answers_otherwise_is_away(how: Stranger) -> None:
    server = await asyncio.start_server(how, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    open_clients = clients({"there": f"http://127.0.0.1:{port}"}, within_s=0.3)
    try:
        with pytest.raises(Away):
            await Reach(open_clients).get(ANI, "there", "/v1/told", Told)
        with pytest.raises(Away):
            await Reach(open_clients).post(ANI, "there", "/v1/told", {}, Told, "key")
    finally:
        await close(open_clients)
        server.close()


async def test_what_is_asked_for_next_door_is_not_compressed(reach: Reach) -> None:
    assert (await reach.get(ANI, "there", "/v1/told", Told)).value.encoding == "identity"
