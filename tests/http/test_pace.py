"""What trickles in is given up, and what is merely slow is taken."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from PIL import Image

from hotelmate.http.pace import PART_BYTES
from tests.media.uploads import encoded
from tests.server import Server

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECONDS = 2.0
WAIT_SECONDS = 20
STAFF = ["Authorization: Token demo-anna"]
JSON = ["Content-Type: application/json"]
FORM = ["Content-Type: multipart/form-data; boundary=limit"]
TOO_SLOW = "The body came in too slowly."
GRAPHQL_REFUSAL = {"errors": [{"message": TOO_SLOW, "extensions": {"code": "BAD_REQUEST"}}]}
REST_REFUSAL = {"error": TOO_SLOW}
FILE = b'--limit\r\nContent-Disposition: form-data; name="image"; filename="photo.jpg"\r\n\r\n'

DOORS: dict[str, tuple[str, list[str], bytes, dict[str, Any]]] = {
    "GraphQL": ("/graphql", JSON, b'{"query": "', GRAPHQL_REFUSAL),
    "files over GraphQL": (
        "/graphql",
        [*STAFF, *FORM, "GraphQL-Require-Preflight: 1"],
        b'--limit\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{"query": "',
        GRAPHQL_REFUSAL,
    ),
    "REST": ("/api/staff/hotel/killarney/offers/", [*STAFF, *JSON], b'{"title": "', REST_REFUSAL),
    "pictures over REST": (
        "/api/staff/hotel/killarney/gallery/upload/",
        [*STAFF, *FORM],
        FILE,
        REST_REFUSAL,
    ),
    "pusher-js": ("/pusher/auth", JSON, b"{", REST_REFUSAL),
    "server libraries": ("/apps/1000/events", JSON, b'{"name": "', {**REST_REFUSAL, "code": 408}),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    data_dir: Path = tmp_path_factory.mktemp("pace") / "data"
    async with Server.run(data_dir, HOTELMATE_BODY_SECONDS=str(SECONDS)) as running:
        yield running


async def test_a_body_that_trickles_in_is_answered_with_408_and_cut_off_at_every_door(server: Server) -> None:
    answers = await asyncio.gather(
        *(trickle_into(server, path, headers, beginning) for path, headers, beginning, _ in DOORS.values())
    )
    assert dict(zip(DOORS, answers, strict=True)) == {
        name: (b"HTTP/1.1 408", refusal) for name, (*_, refusal) in DOORS.items()
    }


async def trickle_into(server: Server, path: str, headers: list[str], beginning: bytes) -> tuple[bytes, Any]:
    """Send a body byte by byte; returns the status and content of the answer that ends the connection."""
    head = [f"POST {path} HTTP/1.1", "Host: localhost", "Content-Length: 10000", *headers, "", ""]
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write("\r\n".join(head).encode() + beginning)
    trickle = asyncio.create_task(trickle_on(writer))
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            answer = await reader.readuntil(b"\r\n\r\n")
            trickle.cancel()
            return answer[:12], json.loads(await reader.read())
    finally:
        trickle.cancel()
        writer.close()


async def trickle_on(writer: asyncio.StreamWriter) -> None:
    while True:
        await asyncio.sleep(0.1)
        writer.write(b"x")


async def test_a_slow_upload_of_a_photo_is_taken_and_a_stream_goes_on_meanwhile(server: Server) -> None:
    photo = encoded(Image.frombytes("RGB", (200, 200), os.urandom(200 * 200 * 3)), "PNG")
    subscription = {"query": "subscription { clockStatus { action } }"}
    async with (
        aiohttp.ClientSession(server.url, headers={"Authorization": "Token demo-anna"}) as session,
        session.post("/graphql", json=subscription, headers={"Accept": "text/event-stream"}) as stream,
    ):
        async with session.post(
            "/api/staff/hotel/killarney/gallery/upload/",
            data=slowly(FILE + photo + b"\r\n--limit--\r\n"),
            headers={"Content-Type": "multipart/form-data; boundary=limit"},
        ) as upload:
            assert upload.status == 201
        # Its request has long been whole.
        await server.data("mutation { clockIn { action } }", token="demo-anna")
        async with asyncio.timeout(WAIT_SECONDS):
            while b"CLOCK_IN" not in await stream.content.readline():
                pass


async def slowly(body: bytes) -> AsyncIterator[bytes]:
    """The body, in longer than a part of it may take, and each part in much less."""
    pieces = [body[start : start + PART_BYTES // 2] for start in range(0, len(body), PART_BYTES // 2)]
    pause = 1.5 * SECONDS / len(pieces)
    assert pause < SECONDS / 5
    for piece in pieces:
        await asyncio.sleep(pause)
        yield piece
