"""Two servers with the same data, one on SQLite and one on PostgreSQL, and who calls them.

They are sent the same, in the same order, so their answers can be laid side by side. What a server has made
up for itself is written as a placeholder, which each has filled in with its own.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import aiohttp

from hotelmate.database import Database
from hotelmate.settings import load
from tests.databases import empty_postgresql, fill
from tests.server import Server

CURSOR, REFERENCE = "@cursor@", "@reference@"
"""Placeholders: where killarney's log stands, and the reference of a guest's booking."""

CALLERS = ("staff", "staff", "staff", "staff", "guest", "anonymous", "staff of another hotel", "nonsense")
"""Who calls, as often as is worth while."""

REQUEST_SECONDS = 30.0
"""What takes longer hangs; on a busy machine a picture can take seconds."""

_BOOK = """
    mutation ($input: BookingInput!) {
      createBooking(hotelSlug: "killarney", input: $input) { guestToken booking { id cursor } }
    }
"""
_CONFIRM = "mutation ($id: ID!) { confirmBooking(id: $id) { id } }"
_LOG_IN = 'mutation { logIn(username: "ben", password: "demo") { token } }'


@dataclass
class Twin:
    """One of the two."""

    name: str
    server: Server
    client: aiohttp.ClientSession
    environment: dict[str, str]
    _known: dict[str, str] = field(default_factory=dict)
    _authorizations: dict[str, str] = field(default_factory=dict)

    def authorization(self, caller: str) -> str | None:
        """Return what a caller sends as `Authorization`, None for nothing."""
        return self._authorizations.get(caller)

    def fill(self, text: str) -> str:
        """Put what this server knows in place of the placeholders."""
        for placeholder, known in self._known.items():
            text = text.replace(placeholder, known)
        return text

    async def renew(self, arrival: date) -> None:
        """Have a guest with a new booking, and a member of the staff whose session may be ended."""
        stay = {
            "roomTypeId": "1",
            "guestName": "Ada",
            "guestEmail": "ada@guests.example",
            "arrival": arrival.isoformat(),
            "departure": (arrival + timedelta(days=1)).isoformat(),
        }
        made = (await self.server.data(_BOOK, input=stay))["createBooking"]
        booking = made["booking"]
        await self.server.data(_CONFIRM, token="demo-anna", id=booking["id"])
        self._known = {CURSOR: booking["cursor"], REFERENCE: booking["id"]}
        self._authorizations = {
            "staff": "Token demo-anna",
            "staff of another hotel": "Bearer demo-carla",
            "guest": f"GuestToken {made['guestToken']}",
            "nonsense": "Token nobody",
            "leaving": f"Token {(await self.server.data(_LOG_IN))['logIn']['token']}",
        }


@dataclass
class Twins:
    """Both of them."""

    each: Sequence[Twin]
    _renewals: int = 0

    async def renew(self) -> None:
        """Have new guests and sessions on both: what was sent may have used up the last."""
        self._renewals += 1
        arrival = datetime.now(UTC).date() + timedelta(days=100 + self._renewals % 1000)
        await asyncio.gather(*(twin.renew(arrival) for twin in self.each))


@asynccontextmanager
async def twins(folder: Path) -> AsyncIterator[Twins]:
    """Start both, each with the demo's data, for the block."""
    async with AsyncExitStack() as stack:
        url = stack.enter_context(empty_postgresql())
        await asyncio.to_thread(fill, Database(load(database_url=url).database))
        each = []
        for name, environment in (
            ("SQLite", {"HOTELMATE_DATA_DIR": str(folder / "sqlite")}),
            ("PostgreSQL", {"HOTELMATE_DATA_DIR": str(folder / "postgresql"), "HOTELMATE_DATABASE_URL": url}),
        ):
            data_dir = Path(environment["HOTELMATE_DATA_DIR"])
            server = await stack.enter_async_context(Server.run(data_dir, **environment))
            timeout = aiohttp.ClientTimeout(total=REQUEST_SECONDS)
            client = await stack.enter_async_context(aiohttp.ClientSession(server.url, timeout=timeout))
            each.append(Twin(name, server, client, environment))
        both = Twins(each)
        await both.renew()
        yield both
