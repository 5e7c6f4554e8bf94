"""How large a body may be is one setting, for every door."""

from pathlib import Path

import aiohttp

from hotelmate.cli.server import configuration
from tests.server import Server

ANNA = {"Authorization": "Token demo-anna", "X-Hotelmate-Preflight": "1"}


async def status_of(client: aiohttp.ClientSession, path: str, **options: object) -> int:
    async with client.post(path, headers=ANNA, **options) as reply:  # type: ignore[arg-type]
        return reply.status


def form_of(**fields: str) -> aiohttp.FormData:
    form = aiohttp.FormData(default_to_multipart=True)
    for name, value in fields.items():
        form.add_field(name, value)
    return form


async def test_a_larger_body_than_is_set_is_413_at_every_door(tmp_path: Path) -> None:
    offers = "/api/staff/hotel/killarney/offers/"
    small, large = "x" * 100, "x" * 2048
    async with (
        Server.run(tmp_path / "data", HOTELMATE_BODY_BYTES="2048") as server,
        aiohttp.ClientSession(server.url) as client,
    ):
        for text, graphql, rest in ((small, 200, 201), (large, 413, 413)):
            query = {"query": "{ __typename }", "variables": {"unused": text}}
            assert await status_of(client, "/graphql", json=query) == graphql
            offer = {"title": "Oysters", "short_description": text}
            assert await status_of(client, offers, json=offer) == rest
            assert await status_of(client, offers, data=offer) == rest
            assert await status_of(client, offers, data=form_of(**offer)) == rest


def test_idle_connections_outlast_those_of_proxies() -> None:
    """nginx and most load balancers give up one that has been idle for 60 s, and should be the first to."""
    assert configuration(None, shutdown_seconds=1).timeout_keep_alive > 60  # type: ignore[arg-type]
