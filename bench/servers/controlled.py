"""uvicorn, as HotelMate runs it, around an application that is told through a pipe how often to publish.

The process prints the port that it serves on, reads lines from its standard input, and ends with it. A line
is a number of events to publish, with `rehearse` before it where somebody may not be subscribed yet.
"""

import asyncio
import os
import socket
import sys
from collections.abc import Awaitable, Callable

import uvicorn
from starlette.types import ASGIApp

from hotelmate.cli.server import configuration, settle

Publish = Callable[[], Awaitable[None]]
"""Has one event happen."""


def serve(application: ASGIApp, publish: Publish, *, rehearse: Publish | None = None) -> None:
    """Serve until the standard input ends; `rehearse` publishes where that takes something else at first."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(4096)
    _Controlled(application, publish, rehearse or publish).run(sockets=[listener])


class _Controlled(uvicorn.Server):
    def __init__(self, application: ASGIApp, publish: Publish, rehearse: Publish) -> None:
        super().__init__(configuration(application, shutdown_seconds=1))
        self._publish = publish
        self._rehearse = rehearse
        self._due: asyncio.Queue[tuple[Publish, int]] = asyncio.Queue()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        settle()
        assert sockets is not None
        loop = asyncio.get_running_loop()
        loop.add_reader(sys.stdin.fileno(), self._obey)
        self._publishing = loop.create_task(self._publish_what_is_due())
        self._publishing.add_done_callback(self._fail)
        sys.stdout.write(f"{sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()

    def _fail(self, publishing: asyncio.Task[None]) -> None:
        """End when nothing can be published any more; asyncio says why."""
        self.should_exit = self.force_exit = True
        publishing.result()

    def _obey(self) -> None:
        told = os.read(sys.stdin.fileno(), 65536)
        if not told:
            asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
            self.should_exit = self.force_exit = True
            return
        for line in told.decode().splitlines():
            how, _, count = line.rpartition(" ")
            self._due.put_nowait((self._rehearse if how else self._publish, int(count)))

    async def _publish_what_is_due(self) -> None:
        while True:
            publish, count = await self._due.get()
            for _ in range(count):
                await publish()
                # One event in each turn of the loop: what comes together could be sent together.
                await asyncio.sleep(0)
