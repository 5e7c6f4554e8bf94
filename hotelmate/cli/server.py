"""One process that serves: uvicorn around the application."""

import asyncio
import gc
import math
import socket
from contextlib import nullcontext
from importlib.metadata import version

import uvicorn
from starlette.types import ASGIApp

from hotelmate.app import Application
from hotelmate.settings import LARGEST_MESSAGE_BYTES, Settings
from hotelmate.sockets import TransportHttp, TransportWebSockets
from hotelmate.telemetry.tracing import exporting

# Longer than proxies keep theirs, which is 60 s for most: else a request can meet its connection's end.
_KEEP_ALIVE_SECONDS = 75
# New objects until the collector looks for rings of them that nobody uses: an operation makes thousands, and
# hardly ever a ring.
_OBJECTS_BETWEEN_COLLECTIONS = 20_000


def configuration(
    application: ASGIApp, *, shutdown_seconds: float, trusted_proxies: str = "127.0.0.1"
) -> uvicorn.Config:
    """Return how uvicorn serves an application here, with that much patience for requests at the end.

    What is forwarded by any but `trusted_proxies` (addresses and networks, separated by commas) calls from
    where it comes from, whatever its headers say.
    """
    return uvicorn.Config(
        application,
        loop="uvloop",
        http=TransportHttp,
        ws=TransportWebSockets,
        ws_max_size=LARGEST_MESSAGE_BYTES,
        # Both protocols have pings of their own, and compression costs memory for every socket.
        ws_ping_interval=None,
        ws_per_message_deflate=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=math.ceil(shutdown_seconds),
        forwarded_allow_ips=trusted_proxies,
        access_log=False,
        log_config=None,
        server_header=False,
    )


def settle() -> None:
    """Have the garbage collector leave alone what is there for good, and look for the rest less often.

    A collection holds up everybody for as long as there are objects to look at: of all that the modules and
    the schema consist of, for tenths of a second.
    """
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, *gc.get_threshold()[1:])


class Server(uvicorn.Server):
    """uvicorn, which asks the application to end its lasting connections before it waits for the others."""

    def __init__(self, settings: Settings, *, lifeline: int | None = None) -> None:
        """Prepare to serve; when the pipe that `lifeline` reads from is closed, the server stops."""
        self._application = Application(settings)
        self._lifeline = lifeline
        self._is_traced = settings.tracing
        super().__init__(
            configuration(
                self._application,
                shutdown_seconds=settings.shutdown_seconds,
                trusted_proxies=settings.trusted_proxies,
            )
        )

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until it is told to stop."""
        with exporting(version("hotelmate")) if self._is_traced else nullcontext():
            super().run(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve."""
        await super().startup(sockets)
        settle()
        if self._lifeline is not None:
            asyncio.get_running_loop().add_reader(self._lifeline, self._stop_alone)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept nobody any more, finish what is under way, and leave."""
        for server in self.servers:
            server.close()
        await self._application.close_connections()
        await super().shutdown(sockets)

    def _stop_alone(self) -> None:
        assert self._lifeline is not None  # noqa: S101 - nothing else has this called
        asyncio.get_running_loop().remove_reader(self._lifeline)
        self.should_exit = True
