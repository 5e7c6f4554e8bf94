"""How the pages are served: kept or not, allowed what they need; and help where they are missing."""

import re
import shutil
import sys
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from hotelmate import demo
from hotelmate.settings import PusherSettings
from hotelmate.web import policies
from hotelmate.web.config import DEMO_IDENTITIES
from tests.server import Server
from tests.web.browsing import require_pages

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAGES = ["/", "/console", "/docs", "/guest/BK-2026-0001", "/hotel/killarney"]


@pytest_asyncio.fixture(loop_scope="session")
async def client(site: Server) -> aiohttp.ClientSession:
    require_pages()
    async with aiohttp.ClientSession(site.url) as session:
        yield session


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_asked_for_each_time_and_may_load_from_here_only(
    client: aiohttp.ClientSession, path: str
) -> None:
    async with client.get(path) as response:
        assert (response.status, response.content_type) == (200, "text/html")
        assert response.headers["Cache-Control"] == "no-cache"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        policy = response.headers["Content-Security-Policy"]
        html = await response.text()
    assert policy.startswith("default-src 'self'; ")
    assert "unsafe" not in policy
    assert "<style" not in html
    assert re.findall(r"<script(?![^>]*\bsrc=)", html) == []
    assert all(address.startswith("/assets/") for address in re.findall(r'(?:src|href)="([^"]+)"', html)[:2])


async def test_graphiql_may_have_styles_of_its_own_and_no_scripts(client: aiohttp.ClientSession) -> None:
    async with client.get("/graphql", headers={"Accept": "text/html"}) as response:
        policy = response.headers["Content-Security-Policy"]
        assert "Accept" in response.headers["Vary"]
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert "script-src" not in policy, "so that default-src counts"


async def test_assets_are_kept_for_ever(client: aiohttp.ClientSession) -> None:
    async with client.get("/console") as response:
        (script,) = re.findall(r'src="(/assets/[^"]+)"', await response.text())
    assert re.search(r"-[\w-]{8}\.js$", script), "its name changes with what it holds"
    async with client.get(script) as response:
        assert response.status == 200
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert response.content_type == "text/javascript"


@pytest.mark.parametrize(
    "path", ["/assets/", "/assets/nothing.js", "/assets/%00", "/assets/..%2fconsole.html"]
)
async def test_there_is_nothing_else_among_the_assets(client: aiohttp.ClientSession, path: str) -> None:
    async with client.get(path) as response:
        assert response.status == 404
        assert "Cache-Control" not in response.headers


async def test_every_font_and_picture_of_the_pages_is_served_from_here(
    client: aiohttp.ClientSession,
) -> None:
    async with client.get("/console") as response:
        styles = re.findall(r'href="(/assets/[^"]+\.css)"', await response.text())
    assert styles
    for style in styles:
        async with client.get(style) as response:
            css = await response.text()
        for address in re.findall(r"url\(([^)]+)\)", css):
            assert address.startswith("/assets/")
            async with client.get(address) as response:
                assert response.status == 200


async def test_the_demos_identities_are_those_of_the_demo() -> None:
    assert list(DEMO_IDENTITIES) == [
        (f"{first_name} {last_name}", hotel.slug, f"demo-{username}")
        for hotel in demo.HOTELS
        for username, first_name, last_name in hotel.staff
    ]


async def test_outside_the_demo_nobody_is_offered(tmp_path: Path) -> None:
    async with (
        Server.run(tmp_path / "data", HOTELMATE_DEMO="0") as site,
        aiohttp.ClientSession(site.url) as session,
        session.get("/web/config.json") as response,
    ):
        assert (await response.json())["identities"] == []


@pytest.mark.parametrize(
    ("settings", "service"),
    [
        ({"cluster": "eu"}, "wss://ws-eu.pusher.com"),
        ({"host": "pusher.example", "port": 6001, "ssl": False}, "ws://pusher.example:6001"),
        ({"host": "pusher.example"}, "wss://pusher.example:443"),
    ],
)
async def test_the_console_may_connect_to_the_service_that_events_go_to(
    settings: dict[str, object], service: str
) -> None:
    policy = policies.with_pusher(PusherSettings(app_id="1", key="k", secret="s", **settings))
    assert f"connect-src 'self' {service}" in policy.split("; ")


async def test_where_the_pages_are_not_built_they_say_how_to_and_the_rest_works(tmp_path: Path) -> None:
    """The package is copied without them, as it is in a fresh checkout."""
    package = Path(sys.modules["hotelmate"].__path__[0])
    shutil.copytree(
        package,
        tmp_path / "hotelmate",
        ignore=shutil.ignore_patterns("static", "__pycache__"),
    )
    async with (
        Server.run(tmp_path / "data", PYTHONPATH=str(tmp_path), PYTHONSAFEPATH="1") as site,
        aiohttp.ClientSession(site.url) as session,
    ):
        for path in [*PAGES, "/graphql"]:
            async with session.get(path, headers={"Accept": "text/html"}) as response:
                assert (response.status, response.content_type) == (503, "text/html")
                assert "python -m tools.build_web" in await response.text()
        async with session.get("/assets/console.js") as response:
            assert response.status == 404
        answer = await site.data('{ hotel(slug: "dublin") { name } }')
        assert answer == {"hotel": {"name": "Hotel Dublin"}}
