"""An accepted WebSocket: frames go straight to its transport, and closing it has a deadline."""

import asyncio
from typing import Any

import structlog
from starlette.types import Scope, Send

from hotelmate.sockets.outbox import Outbox
from hotelmate.sockets.writer import Writer

CLOSE_SECONDS = 10.0
LONGEST_REASON_BYTES = 123

logger = structlog.get_logger(__name__)


class WebSocket(Writer):
    """Takes whole frames (`text_frame`)."""

    __slots__ = ("_farewell", "_send")

    def __init__(
        self, scope: Scope, send: Send, *, unsent_bytes: int | None = None, outbox: Outbox | None = None
    ) -> None:
        """Write to the socket of an ASGI scope, which has been accepted; raises as `Writer` does."""
        super().__init__(scope, unsent_bytes=unsent_bytes, outbox=outbox)
        self._send = send
        self._farewell: asyncio.Task[None] | None = None

    @property
    def is_closing(self) -> bool:
        """Whether the end has begun: nothing is sent any more, and nothing heard should count."""
        return self._farewell is not None or self._transport.is_closing()

    def close(self, code: int, reason: str, *, within_seconds: float | None = None) -> None:
        """Begin to close the socket, after all that was written before.

        It is gone soon, whatever the client does. ASGI's `receive` gives `websocket.disconnect` once that has
        happened.

        Args:
            code: of the close frame.
            reason: likewise, cut to what one can hold.
            within_seconds: how long the close frame may take to go out; `CLOSE_SECONDS` if not said.
        """
        if self.is_closing:
            return
        self.flush()
        short_reason = reason.encode()[:LONGEST_REASON_BYTES].decode(errors="ignore")
        message = {"type": "websocket.close", "code": code, "reason": short_reason}
        seconds = CLOSE_SECONDS if within_seconds is None else within_seconds
        self._farewell = asyncio.get_running_loop().create_task(self._say(message, seconds))

    async def _say(self, message: dict[str, Any], seconds: float) -> None:
        """Send the close frame. It waits behind what is unsent, which may never be read."""
        try:
            async with asyncio.timeout(seconds):
                await self._send(message)
        except TimeoutError:
            self._transport.abort()
        except OSError:
            logger.debug("connection_already_gone", code=message["code"])
