"""A database or a Redis that goes away is told of, and made up for once it is back."""

import asyncio
import json
from pathlib import Path

import aiohttp
import pytest

from hotelmate.database import Database
from hotelmate.settings import load
from tests.databases import fill
from tests.postgresql_server import PostgresqlServer
from tests.processes.cluster import CLOCK, TOGGLE, clock, socket_to
from tests.redis_server import RedisServer
from tests.server import Server
from tests.test_cli import assert_one_line, hotelmate

AWAY = "The database cannot be reached. Nothing was changed."
BACK_WITHIN_SECONDS = 30


async def readiness(server: Server) -> tuple[int, str, str]:
    """The status, and the states of the database and of Redis."""
    async with aiohttp.ClientSession() as session, session.get(f"{server.url}/readyz") as response:
        states = await response.json()
        return response.status, states["database"], states["redis"]


async def ready_again(server: Server) -> None:
    async with asyncio.timeout(BACK_WITHIN_SECONDS):
        while (await readiness(server))[0] != 200:
            await asyncio.sleep(0.1)


@pytest.mark.timeout(180)
async def test_what_goes_away_is_told_of_and_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    async with PostgresqlServer.run() as postgresql, RedisServer.run() as redis:
        fill(Database(load(database_url=postgresql.url).database))
        environment = {"HOTELMATE_DATABASE_URL": postgresql.url, "HOTELMATE_REDIS_URL": redis.url}
        async with Server.run(tmp_path, **environment) as server, socket_to(server, "demo-ben") as socket:
            await socket.subscribe("1", CLOCK)
            await clock(server)

            await postgresql.kill()
            assert await readiness(server) == (503, "unavailable", "ok")
            [error] = (await server.execute(TOGGLE, token="demo-anna"))["errors"]
            assert (error["message"], error["extensions"]["code"]) == (AWAY, "INTERNAL")
            async with aiohttp.ClientSession(headers={"Authorization": "Token demo-anna"}) as session:
                async with session.post(f"{server.url}/api/staff/killarney/clock/") as response:
                    assert response.status == 503
                    assert (await response.json())["error"] == AWAY
                async with session.get(f"{server.url}/healthz") as response:
                    assert response.status == 200, "a restart would not help"
            refused = hotelmate("serve", data_dir=tmp_path, HOTELMATE_PORT="0", **environment)
            assert_one_line(refused, names="HOTELMATE_DATABASE_URL")
            await postgresql.start()
            await ready_again(server)
            await clock(server)

            await redis.kill()
            assert await readiness(server) == (503, "ok", "unavailable")
            await clock(server)
            await redis.start()
            await ready_again(server)
            await clock(server)
            heard = [payload["data"]["clockStatus"] for payload in await socket.hear_nexts(4)]
            assert [event["seq"] for event in heard] == [1, 2, 3, 4]
        ledger = tmp_path / "screen.jsonl"
        lines = [{"receiver": "screen", "cursor": event["cursor"]} for event in heard]
        ledger.write_text("".join(json.dumps(line) + "\n" for line in lines))
        done = hotelmate("verify", "--ledger", str(ledger), data_dir=tmp_path, **environment)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
