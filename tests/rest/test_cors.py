"""Frontends on other origins get in where the settings name their origin, and nowhere else."""

from contextlib import nullcontext
from pathlib import Path

import aiohttp
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from hotelmate.settings import EMBEDDED_KEY
from tests.server import Server

SENT = (
    "apollographql-client-name",
    "authorization",
    "content-type",
    "idempotency-key",
    "last-event-id",
    "traceparent",
    "x-csrftoken",
)
OURS, THEIRS = "https://app.hotels.example", "https://elsewhere.example"


async def test_only_the_origins_that_are_set_may_call(tmp_path: Path) -> None:
    async with (
        Server.run(tmp_path / "data", HOTELMATE_CORS_ORIGINS=f"{OURS}, http://localhost:5173/") as server,
        aiohttp.ClientSession(server.url) as client,
    ):
        offers = "/api/staff/hotel/killarney/offers/"

        async def preflight(origin: str, method: str = "PATCH", path: str = offers) -> aiohttp.ClientResponse:
            asked = {
                "Origin": origin,
                "Access-Control-Request-Method": method,
                "Access-Control-Request-Headers": ",".join(SENT),
            }
            async with client.options(path, headers=asked) as response:
                return response

        for origin in (OURS, "http://localhost:5173"):
            for path in (offers, f"{offers}1/", "/pusher/auth", "/api/staff/login/"):
                for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
                    allowed = await preflight(origin, method, path)
                    assert allowed.status == 200
                    assert allowed.headers["Access-Control-Allow-Origin"] == origin
                    assert method in allowed.headers["Access-Control-Allow-Methods"]
                    assert allowed.headers["Access-Control-Allow-Headers"].split(",") == [*SENT]
                    assert "Access-Control-Allow-Credentials" not in allowed.headers
        for origin in (
            THEIRS,
            "null",
            f"{OURS}.elsewhere.example",
            f"{OURS}:8443",
            OURS.replace("https", "http"),
            OURS.upper(),
            "https://hotels.example",
        ):
            refused = await preflight(origin)
            assert refused.status == 400
            assert "Access-Control-Allow-Origin" not in refused.headers
        assert (await preflight(OURS, "TRACE")).status == 400

        for origin, allowed_origin in ((OURS, OURS), (THEIRS, None)):
            for caller, status in (("Token demo-anna", 200), ("Token demo-carla", 403), ("Token x", 401)):
                headers = {"Origin": origin, "Authorization": caller}
                async with client.get(offers, headers=headers) as response:
                    assert response.status == status
                    assert response.headers.get("Access-Control-Allow-Origin") == allowed_origin
                    assert "Access-Control-Allow-Credentials" not in response.headers
                    assert response.headers["Vary"] == "Origin"
        headers = {"Origin": OURS, "Authorization": "Token demo-anna"}
        async with client.get(offers, headers=headers) as response:
            exposed = response.headers["Access-Control-Expose-Headers"]
            assert exposed.split(", ") == ["retry-after", "x-request-id", "idempotent-replayed"]


async def test_sockets_of_both_kinds_are_for_pages_of_this_server_and_of_the_origins_that_are_set(
    tmp_path: Path,
) -> None:
    settings = {"HOTELMATE_CORS_ORIGINS": OURS, "HOTELMATE_PUBLIC_URL": "https://hotelmate.example/api"}
    async with Server.run(tmp_path / "data", **settings) as server:
        for origin, is_let_in in (
            (OURS, True),
            ("https://hotelmate.example", True),
            (server.url, True),
            (THEIRS, False),
        ):
            address = server.url.replace("http", "ws")
            async with connect(
                f"{address}/app/{EMBEDDED_KEY}?protocol=7", origin=Origin(origin), proxy=None
            ) as socket:
                assert ("connection_established" in str(await socket.recv())) is is_let_in, origin
            with nullcontext() if is_let_in else pytest.raises(InvalidStatus, match="403"):
                async with connect(
                    f"{address}/graphql",
                    origin=Origin(origin),
                    subprotocols=[Subprotocol("graphql-transport-ws")],
                    proxy=None,
                ):
                    pass


async def test_without_the_setting_no_other_origin_may_call(server: Server) -> None:
    async with aiohttp.ClientSession(server.url) as client:
        asked = {"Origin": OURS, "Access-Control-Request-Method": "GET"}
        async with client.options("/api/public/hotel/killarney/", headers=asked) as response:
            assert response.status == 400
            assert "Access-Control-Allow-Origin" not in response.headers
        async with client.get("/api/public/hotel/killarney/", headers={"Origin": OURS}) as response:
            assert response.status == 200
            assert "Access-Control-Allow-Origin" not in response.headers


async def test_when_every_origin_may_call_none_may_with_cookies(tmp_path: Path) -> None:
    async with (
        Server.run(tmp_path / "data", HOTELMATE_CORS_ORIGINS="*") as server,
        aiohttp.ClientSession(server.url) as client,
    ):
        asked = {"Origin": THEIRS, "Access-Control-Request-Method": "GET"}
        page = "/api/public/hotel/killarney/"
        for method, headers in (("OPTIONS", asked), ("GET", {"Origin": THEIRS, "Cookie": "session=1"})):
            async with client.request(method, page, headers=headers) as response:
                assert response.status == 200
                assert response.headers["Access-Control-Allow-Origin"] == "*"
                assert "Access-Control-Allow-Credentials" not in response.headers
