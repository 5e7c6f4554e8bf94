"""The bodies of requests have to come in at a pace, however slow: uvicorn itself waits for ever.

What is asked is little enough for a photo from a phone with hardly any network, and too much for keeping
connections busy with a byte now and then. Apache's mod_reqtimeout asks as much, 500 bytes a second.
"""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

PART_BYTES = 16 * 1024
"""So much of a body, or its rest, has to come within the time that is set, and then as much again."""


class TooSlow(Exception):
    """The client has taken too long; it is answered with 408, and its connection closed."""

    def __init__(self) -> None:
        super().__init__("The body came in too slowly.")


class Paced:
    """ASGI middleware: receiving a body raises `TooSlow` when the client takes too long to send it."""

    def __init__(self, app: ASGIApp, *, seconds: float) -> None:
        """Give clients that many seconds for each `PART_BYTES`."""
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; only requests have bodies."""
        if scope["type"] == "http":
            receive = _Body(receive, self._seconds).receive
        await self._app(scope, receive, send)


class _Body:
    """What has come of a request's body."""

    def __init__(self, receive: Receive, seconds: float) -> None:
        self._receive = receive
        self._seconds = seconds
        self._is_whole = False
        self._begin_part()

    def _begin_part(self) -> None:
        self._bytes_left = PART_BYTES
        self._seconds_left = self._seconds

    async def receive(self) -> Message:
        # What is received after the body is that the client has gone, which is nothing to wait for.
        if self._is_whole:
            return await self._receive()
        message = await self._receive_in_time()
        self._is_whole = not message.get("more_body", False)
        self._bytes_left -= len(message.get("body", b""))
        if self._bytes_left <= 0:
            self._begin_part()
        return message

    async def _receive_in_time(self) -> Message:
        # Only waiting for the client counts, and not what the application does with what has come.
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            async with asyncio.timeout(self._seconds_left):
                return await self._receive()
        except TimeoutError:
            raise TooSlow from None
        finally:
            self._seconds_left -= loop.time() - began
