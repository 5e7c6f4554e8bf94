"""The embedded Channels server of several processes is one, and outlives any of them."""

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pusher
import pytest
from redis.asyncio import Redis
from websockets.asyncio.client import connect

from hotelmate.settings import DEMO_EMBEDDED_SECRET, EMBEDDED_APP_ID, EMBEDDED_KEY
from tests.channels.running import Client
from tests.conftest import SeededPostgresql
from tests.processes.cluster import clock, cluster
from tests.redis_server import REDIS
from tests.server import Server

LOBBY = "presence-lobby"
CHANNEL = "hotel-killarney"


@pytest.fixture
async def pair(
    tmp_path: Path, seeded_postgresql: SeededPostgresql, redis: Redis
) -> AsyncIterator[Sequence[Server]]:
    seeded_postgresql.reset()
    async with cluster(tmp_path, database_url=seeded_postgresql.url, redis_url=REDIS) as servers:
        yield servers


@asynccontextmanager
async def client_of(server: Server) -> AsyncIterator[Client]:
    url = f"ws://127.0.0.1:{server.port}/app/{EMBEDDED_KEY}?protocol=7"
    async with connect(url, compression=None, proxy=None) as websocket:
        yield await Client(websocket).welcome()


async def join(client: Client, user_id: str) -> list[str]:
    """Join the lobby, and return who is there."""
    signer = pusher.Pusher(EMBEDDED_APP_ID, EMBEDDED_KEY, DEMO_EMBEDDED_SECRET)
    signed = signer.authenticate(LOBBY, client.socket_id, {"user_id": user_id})
    answer = await client.subscribe(LOBBY, auth=signed["auth"], channel_data=signed["channel_data"])
    ids: list[str] = orjson.loads(answer["data"])["presence"]["ids"]
    return ids


def seq(message: dict[str, Any]) -> int:
    number: int = orjson.loads(message["data"])["meta"]["seq"]
    return number


async def test_events_reach_the_clients_of_every_process_once_and_in_order(pair: Sequence[Server]) -> None:
    one, other = pair
    async with client_of(one) as here, client_of(other) as there:
        await here.join(CHANNEL)
        await there.join(CHANNEL)
        await asyncio.gather(clock(one, times=10), clock(other, times=10, token="demo-ben"))
        for client in (here, there):
            assert [seq(await client.hear()) for _ in range(20)] == list(range(1, 21))
            assert await client.hear_all() == []


async def test_members_of_a_process_that_is_killed_are_gone_within_ten_seconds(
    pair: Sequence[Server],
) -> None:
    one, other = pair
    async with client_of(one) as staying:
        assert await join(staying, "anna") == ["anna"]
        async with client_of(other) as client:
            assert await join(client, "ben") == ["anna", "ben"]
            assert (await staying.hear())["event"] == "pusher_internal:member_added"
            await other.stop(signal.SIGKILL)
            async with asyncio.timeout(10):
                while not (messages := await staying.hear_all()):
                    await asyncio.sleep(0.1)
            assert [(message["event"], message["data"]) for message in messages] == [
                ("pusher_internal:member_removed", '{"user_id":"ben"}')
            ]
        await other.start()
        async with client_of(other) as returned:
            assert await join(returned, "carla") == ["anna", "carla"]


async def test_who_was_let_in_by_one_process_is_put_out_by_another_when_the_rights_end(
    pair: Sequence[Server],
) -> None:
    one, other = pair
    logged_in = await one.data('mutation { logIn(username: "ben", password: "demo") { token } }')
    token = logged_in["logIn"]["token"]
    async with client_of(other) as leaving, client_of(other) as staying:
        for client, authorization in ((leaving, token), (staying, "demo-anna")):
            signed = await signature(one, client, "private-hotel-killarney", authorization)
            await client.join("private-hotel-killarney", auth=signed)
        await one.data("mutation { logOut }", token=token)
        assert (await leaving.hear_close())[0] == 4200
        assert await staying.hear_all() == []


async def signature(server: Server, client: Client, channel: str, token: str) -> str:
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{server.url}/pusher/auth",
            data={"socket_id": client.socket_id, "channel_name": channel},
            headers={"Authorization": f"Token {token}"},
        ) as response,
    ):
        assert response.status == 200
        signed: str = (await response.json())["auth"]
        return signed
