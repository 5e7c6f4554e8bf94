"""Sockets that are written to in one of the loop's next turns, each once with all that came for it by then.

Most of what a delivery costs is the system call, however much it carries. So what is written waits: others
have their turns in between, and what comes for a socket meanwhile goes along.
"""

import asyncio
from collections import deque
from typing import Protocol

# What is done without giving way to others: some milliseconds' worth.
_SOCKETS_AT_ONCE = 256


class Gathering(Protocol):
    """A socket with something that waits."""

    def take(self) -> list[bytes]:
        """Return what waits, which the caller is to send; nothing waits any more."""

    def send(self, data: bytes) -> None:
        """Send bytes at once."""


class Outbox:
    """The sockets that have something to send, in the order in which it came. Lives on the loop's thread."""

    def __init__(self) -> None:
        self._sockets: deque[Gathering] = deque()

    def add(self, socket: Gathering) -> None:
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
                if waiting:
                    socket.send(joined)
        finally:
            if self._sockets:
                asyncio.get_running_loop().call_soon(self._send_some)
