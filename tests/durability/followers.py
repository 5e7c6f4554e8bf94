"""Subscribers that come back with the cursor of the last event that they have seen, to any of the servers."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any, Protocol

import aiohttp
import orjson
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

_EVENTS = """subscription ($after: String) {
  hotelEvents(after: $after) {
    id seq cursor occurredAt
    ... on OfferCreated { offer { title } }
    ... on OfferUpdated { offer { title } }
    ... on SettingsUpdated { settings { tagline } }
  }
}"""
_LONGEST_PAUSE_SECONDS = 0.5
_ANSWER_SECONDS = 20
_SHORTEST_VISIT_SECONDS, _LONGEST_VISIT_SECONDS = 2.0, 8.0
# What the npm client graphql-ws comes back from; after anything else a frontend would stay silent for good.
_COMES_BACK_FROM = {1001, 1005, 1006, 1012, 1013, 4403, 4408}


@dataclass(frozen=True)
class Arrival:
    """An event as a subscriber has it."""

    seq: int
    event_id: int
    text: str
    cursor: str
    seconds_after_it_happened: float


class Notes:
    """What one subscriber has heard, and what it should never have heard."""

    def __init__(self, name: str, hotel: str, cursor: str) -> None:
        """Begin for a subscriber who is called so, and has seen the hotel up to a cursor."""
        self.name = f"{name} of {hotel}"
        self.hotel = hotel
        self.began_at = cursor
        self.cursor = cursor
        self.arrivals: list[Arrival] = []
        self.surprises: list[str] = []
        self.connections = 0

    @property
    def heard_up_to(self) -> int:
        """The number of the last event."""
        return self.arrivals[-1].seq if self.arrivals else 0

    def take(self, result: dict[str, Any]) -> None:
        """Note an event; its cursor is where to go on after it."""
        event = result["data"]["hotelEvents"]
        happened = datetime.fromisoformat(event["occurredAt"]).timestamp()
        said = event.get("offer", {}).get("title") or event["settings"]["tagline"]
        self.cursor = event["cursor"]
        self.arrivals.append(
            Arrival(event["seq"], int(event["id"]), said, self.cursor, time.time() - happened)
        )

    def take_errors(self, errors: list[dict[str, Any]]) -> None:
        """Note a refusal, unless it says that something is away."""
        self.surprises += [
            f"{self.name} was refused: {error}"
            for error in errors
            if error["extensions"]["code"] != "INTERNAL"
        ]


class Transport(Protocol):
    """Follows a hotel at one server until the connection ends."""

    async def __call__(self, url: str, token: str, notes: Notes) -> None: ...


async def follow(
    urls: Sequence[str], token: str, notes: Notes, transport: Transport, *, restless: bool, random: Random
) -> None:
    """Follow a hotel until cancelled, at any server, and after each end at any server again.

    One that is restless leaves by itself as well, in the middle of whatever it is being sent.
    """
    while True:
        visit = random.uniform(_SHORTEST_VISIT_SECONDS, _LONGEST_VISIT_SECONDS) if restless else None
        with suppress(OSError, TimeoutError, InvalidHandshake, aiohttp.ClientError):
            async with asyncio.timeout(visit):
                await transport(random.choice(urls), token, notes)
        await asyncio.sleep(random.uniform(0, _LONGEST_PAUSE_SECONDS))


async def over_a_socket(url: str, token: str, notes: Notes) -> None:
    """Follow by graphql-transport-ws, with `after`."""
    async with connect(
        f"{url.replace('http', 'ws', 1)}/graphql",
        subprotocols=[Subprotocol("graphql-transport-ws")],
        compression=None,
        proxy=None,
        open_timeout=_ANSWER_SECONDS,
        close_timeout=1,
    ) as socket:
        try:
            init = {"type": "connection_init", "payload": {"authorization": f"Token {token}"}}
            await socket.send(orjson.dumps(init).decode())
            await socket.recv()
            notes.connections += 1
            asked = {"query": _EVENTS, "variables": {"after": notes.cursor}}
            await socket.send(orjson.dumps({"type": "subscribe", "id": "1", "payload": asked}).decode())
            async for frame in socket:
                message = orjson.loads(frame)
                match message["type"]:
                    case "next":
                        notes.take(message["payload"])
                    case "ping":
                        await socket.send('{"type": "pong"}')
                    case "error":
                        notes.take_errors(message["payload"])
                        return
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else 1006
            if code not in _COMES_BACK_FROM:
                notes.surprises.append(f"{notes.name} was closed with {closed.rcvd}")


async def by_last_event_id(url: str, token: str, notes: Notes) -> None:
    """Follow an event stream, with `Last-Event-ID`."""
    await _stream(url, token, notes, {"Last-Event-ID": notes.cursor}, {})


async def by_event_stream(url: str, token: str, notes: Notes) -> None:
    """Follow an event stream, with `after`."""
    await _stream(url, token, notes, {}, {"after": notes.cursor})


async def _stream(
    url: str, token: str, notes: Notes, headers: dict[str, str], variables: dict[str, str]
) -> None:
    headers |= {"Authorization": f"Token {token}", "Accept": "text/event-stream"}
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=_ANSWER_SECONDS)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.post(
            f"{url}/graphql", json={"query": _EVENTS, "variables": variables}, headers=headers
        ) as response,
    ):
        if response.status != 200:
            notes.take_errors((await response.json(content_type=None))["errors"])
            return
        notes.connections += 1
        # A block that the end of the connection has cut short is no event, and is not read.
        while block := await _block(response):
            fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
            if "data" in fields:
                result = orjson.loads(fields["data"])
                if "errors" in result:
                    notes.take_errors(result["errors"])
                    return
                notes.take(result)
                assert fields["id"] == notes.cursor


async def _block(response: aiohttp.ClientResponse) -> str:
    """Return what comes up to the next empty line; nothing at the end."""
    block = await response.content.readuntil(b"\n\n")
    return block.decode() if block.endswith(b"\n\n") else ""
