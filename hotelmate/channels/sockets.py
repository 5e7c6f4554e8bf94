"""One client's socket: frames go straight to the transport, and who does not read is cut off."""

import asyncio
from typing import Any

import structlog
from starlette.types import Scope, Send

from hotelmate.channels.uvicorn_websockets import EXTENSION

CLOSE_SECONDS = 10.0
LONGEST_REASON_BYTES = 123

logger = structlog.get_logger()


class Socket:
    """An accepted WebSocket.

    `write` never waits: the operating system takes what it can, the transport keeps the rest, and when
    that rest passes `unsent_bytes` the connection is aborted. So one client's slowness costs the others
    nothing, and costs the server a bounded amount of memory.
    """

    __slots__ = ("_farewell", "_send", "_transport", "_unsent_bytes")

    def __init__(self, scope: Scope, send: Send, *, unsent_bytes: int) -> None:
        extension = scope.get("extensions", {}).get(EXTENSION)
        if extension is None:
            raise RuntimeError("Channels needs uvicorn with ws=TransportWebSockets")
        self._transport: asyncio.Transport = extension["transport"]
        self._send = send
        self._unsent_bytes = unsent_bytes
        self._farewell: asyncio.Task[None] | None = None

    @property
    def is_closing(self) -> bool:
        """Whether the end has begun: nothing is sent any more, and nothing heard should count."""
        return self._farewell is not None or self._transport.is_closing()

    def write(self, frame: bytes) -> None:
        """Send a whole frame, or nothing when the socket is closing."""
        if self.is_closing:
            return
        transport = self._transport
        transport.write(frame)
        if transport.get_write_buffer_size() > self._unsent_bytes:
            logger.warning("connection_too_slow", unsent_bytes=transport.get_write_buffer_size())
            transport.abort()

    def close(self, code: int, reason: str) -> None:
        """Begin to close the socket; it is gone within `CLOSE_SECONDS` whatever the client does."""
        if self.is_closing:
            return
        short_reason = reason.encode()[:LONGEST_REASON_BYTES].decode(errors="ignore")
        message = {"type": "websocket.close", "code": code, "reason": short_reason}
        self._farewell = asyncio.get_running_loop().create_task(self._say(message))

    async def _say(self, message: dict[str, Any]) -> None:
        """Send the last message. It waits behind what is unsent, which may never be read."""
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._send(message)
        except TimeoutError:
            self._transport.abort()
        except OSError:
            logger.debug("connection_already_gone", code=message["code"])
