"""What a load balancer is told."""

from datetime import UTC, datetime, timedelta

import aiohttp
from fastapi import FastAPI
from sqlmodel import update

from hotelmate.database import Database
from hotelmate.models import EventRecord, Hotel
from hotelmate.rest import health
from tests.bridge.helpers import record
from tests.rest.conftest import served


async def ready(url: str) -> tuple[int, dict[str, str]]:
    async with aiohttp.ClientSession() as client, client.get(f"{url}/readyz") as reply:
        return reply.status, await reply.json()


async def test_a_bridge_that_is_late_is_told_of_and_no_reason_to_send_no_requests(
    sqlite_database: Database, killarney: Hotel
) -> None:
    opened = FastAPI()
    probes = {"database": health.database_probe(sqlite_database)}
    opened.include_router(health.build_router(probes, lag=health.bridge_lag(sqlite_database)))
    async with served(opened) as url:
        record(sqlite_database, killarney)
        assert await ready(url) == (200, {"status": "ok", "database": "ok", "bridge": "ok"})
        with sqlite_database.transaction() as transaction:
            earlier = datetime.now(UTC) - timedelta(seconds=61)
            transaction.exec(update(EventRecord).values(occurred_at=earlier))
        assert await ready(url) == (200, {"status": "ok", "database": "ok", "bridge": "late"})


async def test_what_is_away_is_named(sqlite_database: Database) -> None:
    async def away() -> None:
        raise OSError

    opened = FastAPI()
    probes = {"database": health.database_probe(sqlite_database), "redis": away}
    opened.include_router(health.build_router(probes, lag=health.bridge_lag(sqlite_database)))
    async with served(opened) as url:
        told = {"status": "unavailable", "database": "ok", "redis": "unavailable", "bridge": "ok"}
        assert await ready(url) == (503, told)
