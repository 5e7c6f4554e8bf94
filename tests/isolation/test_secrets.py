"""Secrets that are planted everywhere, and looked for in all that comes out."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp
import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from hotelmate.settings import EMBEDDED_KEY
from tests.server import Server, clean_environment

PASSWORD = "planted-password-of-dora"
WRONG_PASSWORD = "planted-password-that-is-wrong"
WIFI = "planted-wifi-password"
SECRET_KEY = "planted-secret-key-of-the-server"
CHANNELS_SECRET = "planted-secret-of-the-embedded-app"
IDEMPOTENCY_KEY = "planted-idempotency-key"

AUDIT = "{ audit(first: 100) { edges { node { action actor subject address requestId } } } }"
LOG_IN = (
    "mutation ($name: String!, $password: String!) { logIn(username: $name, password: $password) { token } }"
)
BOOK = """mutation { createBooking(hotelSlug: "killarney", input: {
    roomTypeId: "1", guestName: "Ada", guestEmail: "ada@guests.example",
    arrival: "%s", departure: "%s"
}) { guestToken booking { id } } }"""


async def test_nothing_that_comes_out_has_a_secret_in_it(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    said: list[str] = []
    async with Server.run(
        data_dir,
        HOTELMATE_SECRET_KEY=SECRET_KEY,
        HOTELMATE_CHANNELS_SECRET=CHANNELS_SECRET,
    ) as server:
        said.append(
            _command(data_dir, "staff", "create", "killarney", "dora", "Dora", "Doyle", password=PASSWORD)
        )
        token = (await server.data(LOG_IN, name="dora", password=PASSWORD))["logIn"]["token"]
        async with _listening(server, "hotel-killarney") as hotel_channel:
            said.append(str(await server.execute(LOG_IN, name="dora", password=WRONG_PASSWORD)))
            settings = "mutation ($p: String) { updateSettings(input: { wifiPassword: $p }) { id } }"
            said.append(str(await server.data(settings, token=token, p=WIFI)))
            today = datetime.now(ZoneInfo("Europe/Dublin")).date()
            document = BOOK % (today, today + timedelta(days=2))
            booked = await server.data(document, idempotency_key=IDEMPOTENCY_KEY)
            assert await server.data(document, idempotency_key=IDEMPOTENCY_KEY) == booked
            guest, booking = booked["createBooking"]["guestToken"], booked["createBooking"]["booking"]["id"]
            async with _listening(server, f"booking.{booking}") as booking_channel:
                for step in ("confirmBooking", "assignRoom", "checkIn"):
                    room = ', roomId: "4"' if step == "assignRoom" else ""
                    await server.data(f'mutation {{ {step}(id: "{booking}"{room}) {{ id }} }}', token=token)
                renewal = f'mutation {{ renewGuestToken(id: "{booking}") }}'
                again = {"token": token, "idempotency_key": IDEMPOTENCY_KEY}
                renewed = (await server.data(renewal, **again))["renewGuestToken"]
                assert (await server.data(renewal, **again))["renewGuestToken"] == renewed
                await server.data(f'mutation {{ checkOut(id: "{booking}") {{ id }} }}', token=token)
                said += await _heard(booking_channel, "booking_checked_out")
            said += await _heard(hotel_channel, "settings-updated")
        secrets = (
            *(PASSWORD, WRONG_PASSWORD, WIFI, SECRET_KEY, CHANNELS_SECRET, IDEMPOTENCY_KEY),
            *(token, guest, renewed),
        )
        async for text in _mishaps(server, secrets, booking):
            said.append(text)
        said.append(str(await server.data("{ events(first: 500) { __typename id seq } }", token=token)))
        said.append(str(await server.data(AUDIT, token=token)))
        said.append(_command(data_dir, "audit", "-n", "500", "--json"))
        said.append(_command(data_dir, "events", "list", "killarney", "--json"))
        said.append(_command(data_dir, "deliveries", "list", "--json"))
    said.append(server.output.read_text())
    for secret in secrets:
        assert not [text for text in said if secret in text], secret
    # What opens something is kept as a hash, or not at all.
    kept = b"".join(path.read_bytes() for path in data_dir.glob("hotelmate.sqlite3*"))
    for secret in (PASSWORD, WRONG_PASSWORD, IDEMPOTENCY_KEY, token, guest, renewed):
        assert secret.encode() not in kept
    assert WIFI.encode() in kept


async def _mishaps(server: Server, secrets: tuple[str, ...], booking: str) -> AsyncIterator[str]:
    """Put each secret where it can be sent, right or wrong, and yield what is answered."""
    async with aiohttp.ClientSession(server.url) as client:
        for secret in secrets:
            for headers in ({"Authorization": f"Token {secret}"}, {"Authorization": secret}):
                async with client.get("/api/staff/hotel/dublin/bookings/", headers=headers) as response:
                    yield await response.text()
                body = {"query": "{ bookings(first: 1) { edges { cursor } } nothing }"}
                async with client.post("/graphql", json=body, headers=headers) as response:
                    yield await response.text()
            page = f"/api/public/hotel/dublin/room-bookings/{booking}/"
            async with client.get(page, params={"token": secret}) as response:
                yield await response.text()
            join = {"socket_id": "1.1", "channel_name": "private-hotel-dublin", "guest_token": secret}
            async with client.post("/pusher/auth", data=join) as response:
                yield await response.text()
            async with client.post(
                "/api/staff/login/", json={"username": "dora", "password": [secret]}
            ) as response:
                yield await response.text()
            async with client.post(
                "/graphql", json={"query": LOG_IN, "variables": {"password": secret}}
            ) as response:
                yield await response.text()
            async with connect(
                f"ws://127.0.0.1:{server.port}/graphql",
                subprotocols=[Subprotocol("graphql-transport-ws")],
                proxy=None,
            ) as socket:
                init = {"type": "connection_init", "payload": {"authorization": f"Token {secret}"}}
                await socket.send(orjson.dumps(init).decode())
                yield str(await socket.recv())
        for path in ("/metrics", "/readyz", "/healthz", "/", "/api/public/hotel/killarney/"):
            async with client.get(path) as response:
                yield await response.text()


@asynccontextmanager
async def _listening(server: Server, channel: str) -> AsyncIterator[ClientConnection]:
    """Subscribe to a public channel as any pusher-js may."""
    url = f"ws://127.0.0.1:{server.port}/app/{EMBEDDED_KEY}?protocol=7"
    async with connect(url, proxy=None) as socket:
        await socket.recv()
        await socket.send(orjson.dumps({"event": "pusher:subscribe", "data": {"channel": channel}}).decode())
        await socket.recv()
        yield socket


async def _heard(socket: ClientConnection, last: str) -> list[str]:
    """Return all that came, up to an event of this name."""
    heard: list[str] = []
    async with asyncio.timeout(20):
        while not heard or orjson.loads(heard[-1])["event"] != last:
            heard.append(str(await socket.recv()))
    return heard


def _command(data_dir: Path, *arguments: str, password: str | None = None) -> str:
    """Run a command beside the server, and return all that it printed."""
    environment = clean_environment() | {"HOTELMATE_DATA_DIR": str(data_dir)}
    if password is not None:
        environment["HOTELMATE_NEW_PASSWORD"] = password
    done = subprocess.run(
        [sys.executable, "-m", "hotelmate", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout + done.stderr
