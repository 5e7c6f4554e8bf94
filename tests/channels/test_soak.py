"""Connections that come and go leave a server with the memory that it had."""

import asyncio
import random
from pathlib import Path

import pytest
from pusher import Pusher
from websockets.asyncio.client import connect

from tests.channels.running import Client
from tests.server import Server

KEY, SECRET = "hotelmate-key", "hotelmate-secret"
VISITS = 4_500
# Until allocators and caches have the size that they keep.
WARM_UP_VISITS = 1_500
VISITORS = 20
MEGABYTE = 1024 * 1024

SIGNER = Pusher("1000", KEY, SECRET)
CHANNELS = ["hotel-killarney", "private-hotel-killarney", "presence-hotel-killarney", "cache-a"]


async def visit(server: Server, chance: random.Random) -> None:
    """Join some channels, perhaps talk, and go in one of the ways in which clients go."""
    url = f"ws://127.0.0.1:{server.port}/app/{KEY}?protocol=7"
    async with connect(url, compression=None, proxy=None, max_queue=None) as websocket:
        client = await Client(websocket).welcome()
        for channel in chance.sample(CHANNELS, 3):
            await client.say("pusher:subscribe", data={"channel": channel, **token(client, channel, chance)})
            if chance.random() < 0.3:
                await client.say("pusher:unsubscribe", data={"channel": channel})
        await client.say("client-typing", channel="private-hotel-killarney", data={"in": "room 12"})
        await client.say_text("not JSON")
        await client.hear_all()
        if chance.random() < 0.3:
            client.cut()


def token(client: Client, channel: str, chance: random.Random) -> dict[str, str]:
    if not channel.startswith(("private-", "presence-")):
        return {}
    user = {"user_id": str(chance.randrange(30))} if channel.startswith("presence-") else None
    signed: dict[str, str] = SIGNER.authenticate(channel, client.socket_id, user)
    return signed


async def visit_again(server: Server, visits: int, chance: random.Random) -> None:
    for _ in range(visits):
        await visit(server, chance)


async def clock_on(server: Server) -> None:
    """Have events on the channels meanwhile."""
    while True:
        await server.data("mutation { toggleClock { action } }", token="demo-anna")
        await asyncio.sleep(0.1)


async def crowd(server: Server, visits: int, chance: random.Random) -> None:
    """Have visitors come and go until they have made so many visits."""
    clocking = asyncio.create_task(clock_on(server))
    async with asyncio.TaskGroup() as tasks:
        for _ in range(VISITORS):
            tasks.create_task(visit_again(server, visits // VISITORS, chance))
    clocking.cancel()
    await asyncio.wait([clocking])


@pytest.mark.timeout(180)
async def test_visits_leave_no_memory_behind(tmp_path: Path) -> None:
    chance = random.Random(4)
    async with Server.run(tmp_path) as server:
        await crowd(server, WARM_UP_VISITS, chance)
        before = server.resident_bytes
        await crowd(server, VISITS, chance)
        grown = server.resident_bytes - before
        print(f"{grown / MEGABYTE:+.1f} MB")
        assert grown < 3 * MEGABYTE
