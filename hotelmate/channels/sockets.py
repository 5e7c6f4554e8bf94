"""One client's socket: what it is sent goes out with what comes soon after, and who does not read is cut off.

Most of what a delivery costs is the system call, however much it carries. So what is written waits for one of
the loop's next turns: others have theirs in between, and what comes for a socket meanwhile goes along.
Who does not read is cut off, since the protocol has no way to go on later.
"""

import asyncio
from collections import deque

import structlog
from starlette.types import Scope, Send

from hotelmate.sockets import WebSocket

# What is done without giving way to others: some milliseconds' worth.
_SOCKETS_AT_ONCE = 256
_MOST_WAITING_BYTES = 64 * 1024

logger = structlog.get_logger(__name__)


class Outbox:
    """The sockets that have something to send, in the order in which it came. Lives on the loop's thread."""

    def __init__(self) -> None:
        self._sockets: deque[Socket] = deque()

    def add(self, socket: "Socket") -> None:
        """Have what waits in a socket sent soon."""
        if not self._sockets:
            asyncio.get_running_loop().call_soon(self._send_some)
        self._sockets.append(socket)

    def _send_some(self) -> None:
        """Send what waits in the next sockets. Most wait for the same, which is put together once."""
        frames: list[bytes] = []
        joined = b""
        try:
            for _ in range(min(len(self._sockets), _SOCKETS_AT_ONCE)):
                socket = self._sockets.popleft()
                waiting = socket.take()
                if waiting != frames:
                    frames, joined = waiting, b"".join(waiting)
                socket.send(joined)
        finally:
            if self._sockets:
                asyncio.get_running_loop().call_soon(self._send_some)


class Socket(WebSocket):
    """An accepted WebSocket.

    When what is unsent passes `unsent_bytes` the connection is aborted. So one client's slowness costs the
    others nothing, and costs the server a bounded amount of memory.
    """

    __slots__ = ("_outbox", "_unsent_bytes", "_waiting", "_waiting_bytes")

    def __init__(self, scope: Scope, send: Send, outbox: Outbox, *, unsent_bytes: int) -> None:
        super().__init__(scope, send)
        self._outbox = outbox
        self._unsent_bytes = unsent_bytes
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0

    def write(self, data: bytes) -> None:
        """Send a whole frame soon, after all before it; or nothing when the socket is closing."""
        if not self._waiting:
            self._outbox.add(self)
        self._waiting.append(data)
        self._waiting_bytes += len(data)
        if self._waiting_bytes > _MOST_WAITING_BYTES:
            self.send(b"".join(self.take()))

    def take(self) -> list[bytes]:
        """Return the frames that wait, which the caller is to send; none waits any more."""
        waiting = self._waiting
        self._waiting = []
        self._waiting_bytes = 0
        return waiting

    def send(self, data: bytes) -> None:
        """Send whole frames at once, if there are any; or nothing when the socket is closing."""
        if not data:
            return
        super().write(data)
        if self.unsent_bytes > self._unsent_bytes and not self.is_closing:
            logger.warning("connection_too_slow", unsent_bytes=self.unsent_bytes)
            self.abort()

    def close(self, code: int, reason: str, *, within_seconds: float | None = None) -> None:
        """Begin to close the socket, after all that was written before."""
        self.send(b"".join(self.take()))
        super().close(code, reason, within_seconds=within_seconds)
