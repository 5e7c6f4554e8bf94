"""So many sockets and event streams for one address and for one caller, whichever way each ends."""

import asyncio
import random
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import aiohttp
import pytest
from structlog.testing import capture_logs
from websockets.exceptions import InvalidStatus

from hotelmate.settings import Settings
from tests.clients.fixtures import StartClient
from tests.transports.running import Served, eventually

MOST = 6
MOST_OF_ONE = 3
MESSAGE = "Too many connections are open; close some, or try again later."
RINGS = "subscription { rings { text } }"
STREAM = {"accept": "text/event-stream"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, sockets_per_address=MOST, sockets_per_actor=MOST_OF_ONE)


async def refusal(served: Served, **headers: str) -> InvalidStatus:
    with pytest.raises(InvalidStatus) as refused:
        async with served.socket(headers=headers):
            pass
    return refused.value


async def all_gone(served: Served) -> None:
    capacity = served.endpoint.capacity
    await eventually(lambda: capacity.addresses.holders == capacity.actors.holders == 0)


async def stream(
    opened: AsyncExitStack, served: Served, authorization: str | None = None
) -> aiohttp.ClientResponse:
    """Open an event stream, on a connection of its own."""
    session = await opened.enter_async_context(aiohttp.ClientSession())
    headers = STREAM | ({"authorization": authorization} if authorization else {})
    return await opened.enter_async_context(session.post(served.url, json={"query": RINGS}, headers=headers))


async def test_one_address_has_so_many_and_the_next_is_refused_before_it_is_accepted(served: Served) -> None:
    async with AsyncExitStack() as opened:
        for _ in range(MOST - 1):
            await opened.enter_async_context(served.introduced())
        assert (await stream(opened, served)).status == 200
        with capture_logs() as logs:
            for _ in range(2):
                refused = (await refusal(served)).response
                assert (refused.status_code, refused.headers["retry-after"]) == (429, "30")
                assert refused.body == MESSAGE.encode()
        assert logs == [
            {"event": "connections_refused", "per": "address", "most": MOST, "log_level": "warning"}
        ]
        streamed = await stream(opened, served)
        assert (streamed.status, streamed.headers["retry-after"]) == (429, "30")
        assert streamed.content_type == "application/json"
        assert await streamed.json() == {
            "errors": [{"message": MESSAGE, "extensions": {"code": "RATE_LIMITED", "retryAfter": 30}}]
        }
        # What does not last is not counted.
        async with served.request(json={"query": "{ caller }"}) as response:
            assert response.status == 200
        # As trusted proxies say it; of IPv6, everybody has a whole /64.
        for address in ("203.0.113.9", "2001:db8::1"):
            async with served.socket(headers={"X-Forwarded-For": address}) as socket:
                await socket.introduce()
    await all_gone(served)


async def test_of_ipv6_a_whole_64_is_one_address(served: Served) -> None:
    async with AsyncExitStack() as opened:
        for number in range(MOST):
            headers = {"X-Forwarded-For": f"2001:db8:0:7::{number}"}
            await opened.enter_async_context(served.introduced(headers=headers))
        refused = await refusal(served, **{"X-Forwarded-For": "2001:db8:0:7:ffff::1"})
        assert refused.response.status_code == 429
        async with served.introduced(headers={"X-Forwarded-For": "2001:db8:0:8::1"}):
            pass
    await all_gone(served)


async def test_one_caller_has_so_many_wherever_they_come_from(served: Served) -> None:
    async with AsyncExitStack() as opened:
        for number in range(MOST_OF_ONE):
            headers = {"X-Forwarded-For": f"203.0.113.{number}"}
            await opened.enter_async_context(served.introduced("Token demo-anna", headers=headers))
        async with served.socket() as socket:
            await socket.say(type="connection_init", payload={"authorization": "Token demo-anna"})
            assert await socket.hear_close() == (1013, MESSAGE)
        assert (await stream(opened, served, "Token demo-anna")).status == 429
        assert (await stream(opened, served, "Token demo-ben")).status == 200
        # Nobody known has only an address.
        for _ in range(MOST_OF_ONE + 1):
            await opened.enter_async_context(served.introduced())
    await all_gone(served)


async def test_graphql_ws_waits_before_it_comes_back(
    served: Served, start_graphql_client: StartClient
) -> None:
    client = await start_graphql_client()
    async with AsyncExitStack() as opened:
        for _ in range(MOST_OF_ONE):
            await opened.enter_async_context(served.introduced("Token demo-anna"))
        options = {
            "url": served.websocket_url,
            "connectionParams": {"authorization": "Token demo-anna"},
            "retryAttempts": 100,
        }
        await client.command("connect", transport="ws", options=options, retryWaitMs=50)
        await client.command("subscribe", id="1", query=RINGS)
        for _ in range(2):
            await client.wait_for("closed", code=1013)
    await client.wait_for("connected")


@pytest.mark.parametrize("seed", range(2))
async def test_whatever_way_connections_end_their_places_are_free_again(served: Served, seed: int) -> None:
    chance = random.Random(seed)
    print(f"seed {seed}")

    async def come_and_go(number: int) -> None:
        headers = {"X-Forwarded-For": f"203.0.113.{number % 3}"}
        token = chance.choice((None, "Token demo-anna", "Token demo-ben", "Token nobody"))
        await asyncio.sleep(chance.uniform(0, 0.3))
        way = chance.choice(("close", "abort", "abort at once", "nonsense", "leave", "stream", "cut stream"))
        if "stream" in way:
            async with aiohttp.ClientSession() as session:
                authorization = {"authorization": token} if token else {}
                request = session.post(
                    served.url, json={"query": RINGS}, headers=STREAM | headers | authorization
                )
                async with request as response:
                    if way == "cut stream" and response.connection and response.connection.transport:
                        response.connection.transport.abort()
            return
        with suppress(InvalidStatus):
            async with served.socket(headers=headers) as socket:
                transport = socket.websocket.transport
                if way == "abort at once":
                    transport.abort()
                    return
                payload = {} if token is None else {"authorization": token}
                await socket.say(type="connection_init", payload=payload)
                match way:
                    case "nonsense":
                        await socket.say(type="nonsense")
                    case "abort":
                        await socket.subscribe("1", RINGS)
                        transport.abort()
                    case "leave":
                        await socket.websocket.close(4499)

    await asyncio.gather(*(come_and_go(number) for number in range(80)))
    await all_gone(served)
    async with AsyncExitStack() as opened:
        for _ in range(MOST_OF_ONE):
            await opened.enter_async_context(served.introduced("Token demo-anna"))
    await all_gone(served)
