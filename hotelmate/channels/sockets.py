"""One client's socket: who does not read is cut off, since the protocol has no way to go on later."""

import structlog
from starlette.types import Scope, Send

from hotelmate.sockets import Outbox, WebSocket

logger = structlog.get_logger(__name__)


class Socket(WebSocket):
    """An accepted WebSocket, whose frames go out with what comes soon after (`Outbox`).

    When what is unsent passes `unsent_bytes` the connection is aborted. So one client's slowness costs the
    others nothing, and costs the server a bounded amount of memory.
    """

    __slots__ = ("_unsent_bytes",)

    def __init__(self, scope: Scope, send: Send, outbox: Outbox, *, unsent_bytes: int) -> None:
        super().__init__(scope, send, outbox=outbox)
        self._unsent_bytes = unsent_bytes

    def send(self, data: bytes) -> None:
        """Send whole frames at once; or nothing when the socket is closing."""
        super().send(data)
        if self.unsent_bytes > self._unsent_bytes and not self.is_closing:
            logger.warning("connection_too_slow", unsent_bytes=self.unsent_bytes)
            self.abort()
