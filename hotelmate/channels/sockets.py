"""One client's socket: whoever does not read is cut off, since the protocol has no way to go on later."""

import structlog
from starlette.types import Scope, Send

from hotelmate.sockets import WebSocket

logger = structlog.get_logger(__name__)


class Socket(WebSocket):
    """An accepted WebSocket.

    When what is unsent passes `unsent_bytes` the connection is aborted. So one client's slowness costs the
    others nothing, and costs the server a bounded amount of memory.
    """

    __slots__ = ("_unsent_bytes",)

    def __init__(self, scope: Scope, send: Send, *, unsent_bytes: int) -> None:
        super().__init__(scope, send)
        self._unsent_bytes = unsent_bytes

    def write(self, data: bytes) -> None:
        """Send a whole frame, or nothing when the socket is closing."""
        super().write(data)
        if self.unsent_bytes > self._unsent_bytes and not self.is_closing:
            logger.warning("connection_too_slow", unsent_bytes=self.unsent_bytes)
            self.abort()
