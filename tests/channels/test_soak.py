"""A minute of connections that come and go leaves a server with the memory that it had."""

import asyncio
import random
from pathlib import Path

import pytest
from pusher import Pusher
from websockets.asyncio.client import connect

from tests.channels.running import Client
from tests.server import Server

KEY, SECRET = "hotelmate-key", "hotelmate-secret"
SECONDS = 60
# Until allocators and caches have the size that they keep.
WARM_UP_SECONDS = 15
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


async def visit_until(server: Server, end: float, chance: random.Random) -> int:
    visits = 0
    while asyncio.get_running_loop().time() < end:
        await visit(server, chance)
        visits += 1
        await asyncio.sleep(chance.random() / 2)
    return visits


async def clock_until(server: Server, end: float) -> None:
    """Have events on the channels meanwhile."""
    while asyncio.get_running_loop().time() < end:
        await server.data("mutation { toggleClock { action } }", token="demo-anna")
        await asyncio.sleep(0.1)


async def crowd(server: Server, seconds: float, chance: random.Random) -> int:
    """Have visitors come and go for so long; return how many visits they made."""
    end = asyncio.get_running_loop().time() + seconds
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(clock_until(server, end))
        visitors = [tasks.create_task(visit_until(server, end, chance)) for _ in range(VISITORS)]
    return sum(visitor.result() for visitor in visitors)


@pytest.mark.timeout(180)
async def test_a_minute_of_visits_leaves_no_memory_behind(tmp_path: Path) -> None:
    chance = random.Random(4)
    async with Server.run(tmp_path) as server:
        await crowd(server, WARM_UP_SECONDS, chance)
        before = server.resident_bytes
        visits = await crowd(server, SECONDS, chance)
        grown = server.resident_bytes - before
        print(f"{visits} visits, {grown / MEGABYTE:+.1f} MB")
        assert visits > 500
        assert grown < 3 * MEGABYTE
