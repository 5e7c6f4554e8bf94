"""The REST doors on a real socket, and who comes to them."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr
from sqlmodel import select
from starlette.exceptions import HTTPException

from hotelmate.bridge.pusher_client import PusherSender
from hotelmate.database import Database
from hotelmate.identity.guest_tokens import GuestTokens
from hotelmate.identity.known_sessions import KnownSessions
from hotelmate.identity.rates import Rates
from hotelmate.media.pictures import Pictures
from hotelmate.models import Booking, BookingStatus, Hotel
from hotelmate.rest.errors import answer_http_error
from hotelmate.rest.router import build_router
from hotelmate.settings import CloudinarySettings, Settings
from tests.rest.frontend import Contract, Frontend

# The key and secret of Pusher's own examples, whose signatures are published.
KEY, SECRET = "278d425bdf160c739803", "7ad3773142a6692b25b8"
GUEST_TOKENS = GuestTokens(b"k" * 32)
MOST_BYTES = 200_000
"""How large a picture may be."""


def signature(text: str) -> str:
    """Sign as Pusher's documentation describes it."""
    return hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()


def booking_of(database: Database, hotel: Hotel, status: BookingStatus = BookingStatus.CHECKED_IN) -> Booking:
    """The hotel's booking with this status."""
    with database.reading() as reading:
        statement = select(Booking).where(Booking.hotel_id == hotel.id, Booking.status == status)
        booking = reading.exec(statement).one()
        reading.expunge(booking)
        return booking


def guest_token(booking: Booking) -> str:
    return GUEST_TOKENS.issue(booking.reference, booking.guest_token_nonce)


async def never(*_: Any) -> Any:
    raise AssertionError("signing sends nothing")


def application(database: Database, data_dir: Path) -> FastAPI:
    """All the doors, as `hotelmate.app` opens them."""
    sender = PusherSender.in_process(app_id="3", key=KEY, secret=SECRET, door=never)
    settings = Settings(
        secret_key=SecretStr("a secret for the tests"),
        data_dir=data_dir,
        public_url="https://hotelmate.example",
        session_hours=2,
        media_max_bytes=MOST_BYTES,
        media_max_megapixels=1,
        cloudinary=CloudinarySettings(url=None),
    )
    opened = FastAPI(exception_handlers={HTTPException: answer_http_error})
    opened.include_router(
        build_router(
            settings,
            database,
            pictures=Pictures.of(settings),
            guest_tokens=GUEST_TOKENS,
            sessions=KnownSessions(database),
            rates=Rates.of(settings),
            signer=sender.client,
            on_signed=lambda _actor, _socket_id: None,
        )
    )
    return opened


@cache
def published() -> dict[str, Any]:
    """The OpenAPI document, which no database changes."""
    return application(Database("sqlite:///nowhere"), Path("nowhere")).openapi()


@asynccontextmanager
async def served(application: FastAPI) -> AsyncIterator[str]:
    """Have uvicorn serve an application for the block; yields its address."""
    server = uvicorn.Server(
        uvicorn.Config(
            application,
            host="127.0.0.1",
            port=0,
            lifespan="off",
            log_level="warning",
            ws="none",
            timeout_keep_alive=60,
        )
    )
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(20):
        while not server.started:
            await asyncio.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


@pytest.fixture
async def rest(database: Database, tmp_path: Path) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of the doors, on each kind of database."""
    async with served(application(database, tmp_path)) as url, aiohttp.ClientSession(url) as client:
        yield client


@pytest.fixture
async def frontend(sqlite_database: Database, tmp_path: Path) -> AsyncIterator[Frontend]:
    """A frontend of today at the doors, on SQLite."""
    async with served(application(sqlite_database, tmp_path)) as url, aiohttp.ClientSession(url) as client:
        yield Frontend(client, Contract(published()))
