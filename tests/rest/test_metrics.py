"""Prometheus is told how the bridge stands, also while the database is away."""

import re

import aiohttp
import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from hotelmate.bridge.metrics import BridgeMetrics
from hotelmate.database import Database
from hotelmate.models import Hotel
from hotelmate.rest import metrics
from tests.bridge.helpers import record
from tests.bridge.outage import outage
from tests.rest.conftest import served
from tests.server import Server


async def pending_events(url: str) -> str:
    """The figure as the text shows it."""
    async with aiohttp.ClientSession() as client, client.get(f"{url}/metrics") as response:
        assert response.status == 200
        assert response.content_type == "text/plain"
        found = re.search(r"^hotelmate_bridge_pending_events (\S+)$", await response.text(), re.MULTILINE)
        assert found is not None
        return found[1]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_figures_of_a_database_that_is_away_are_unknown_and_come_back_with_it(
    database: Database, killarney: Hotel
) -> None:
    registry = CollectorRegistry()
    opened = FastAPI()
    opened.include_router(metrics.build_router(database, registry, BridgeMetrics(registry)))
    record(database, killarney)
    async with served(opened) as url:
        assert await pending_events(url) == "1.0"
        with outage(database):
            assert await pending_events(url) == "NaN"
        assert await pending_events(url) == "1.0"


async def test_a_server_shows_its_figures(server: Server) -> None:
    assert await pending_events(server.url) == "0.0"
    async with aiohttp.ClientSession() as client, client.get(f"{server.url}/openapi.json") as response:
        paths = (await response.json())["paths"]
    assert set(paths["/metrics"]["get"]["responses"]["200"]["content"]) == {"text/plain"}
