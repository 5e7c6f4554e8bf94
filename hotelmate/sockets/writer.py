"""What goes out to one client, past ASGI, and how much of it the client has taken."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext

from starlette.types import Scope

from hotelmate.sockets.outbox import Outbox
from hotelmate.sockets.uvicorn_protocols import EXTENSION

_MOST_WAITING_BYTES = 64 * 1024


def joined(scope: Scope) -> AbstractContextManager[None]:
    """Send what the block sends of a response in one write, where the server supports it."""
    extension = scope.get("extensions", {}).get(EXTENSION)
    return nullcontext() if extension is None else extension["joined"]()


class Writer:
    """Writes to one connection's transport.

    `write` never waits: the operating system takes what it can, and the transport keeps the rest. Whoever
    writes looks at `unsent_bytes` before, and decides what becomes of a client that does not read.
    """

    __slots__ = (
        "_drain",
        "_outbox",
        "_room",
        "_taken_at",
        "_taken_before",
        "_transport",
        "_waiting",
        "_waiting_bytes",
        "_written_bytes",
    )

    def __init__(
        self, scope: Scope, *, unsent_bytes: int | None = None, outbox: Outbox | None = None
    ) -> None:
        """Write to the connection of an ASGI scope.

        Args:
            scope: of a request or an accepted socket.
            unsent_bytes: from how much on `drain` waits; as the transport has it, if not said.
            outbox: gathers what is written, if it is said (`gather`).

        Raises:
            RuntimeError: the server does not hand out its transports.
        """
        extension = scope.get("extensions", {}).get(EXTENSION)
        if extension is None:
            raise RuntimeError("Serve with uvicorn and http=TransportHttp, ws=TransportWebSockets")
        self._transport: asyncio.Transport = extension["transport"]
        self._drain: Callable[[], Awaitable[object]] = extension["drain"]
        self._room: asyncio.Lock | None = None
        self._outbox = outbox
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._written_bytes = 0
        self._taken_before = 0
        self._taken_at = 0.0
        if unsent_bytes is not None:
            self._transport.set_write_buffer_limits(high=unsent_bytes)

    @property
    def is_closing(self) -> bool:
        """Whether the end has begun: nothing is sent any more, and nothing heard should count."""
        return self._transport.is_closing()

    @property
    def room(self) -> asyncio.Lock:
        """Held by whoever writes once `drain` has returned, lest several do for the same room."""
        # Few connections need one, and thousands are open.
        if self._room is None:
            self._room = asyncio.Lock()
        return self._room

    @property
    def unsent_bytes(self) -> int:
        """How much the operating system has not yet taken."""
        return self._transport.get_write_buffer_size() + self._waiting_bytes

    def gather(self, outbox: Outbox) -> None:
        """Have what is written from now on wait for a moment, and go out with what comes meanwhile.

        That pays for a connection that several write to, and costs others a little.
        """
        self._outbox = outbox

    def write(self, data: bytes) -> None:
        """Send bytes that are whole by themselves, after all before; nothing if the connection is closing."""
        if self._outbox is None:
            self.send(data)
            return
        if not self._waiting:
            self._outbox.add(self)
        self._waiting.append(data)
        self._waiting_bytes += len(data)
        if self._waiting_bytes > _MOST_WAITING_BYTES:
            self.flush()

    def flush(self) -> None:
        """Send at once what waits."""
        if self._waiting:
            self.send(b"".join(self.take()))

    def take(self) -> list[bytes]:
        """Return what waits, which the caller is to send; nothing waits any more."""
        waiting = self._waiting
        self._waiting = []
        self._waiting_bytes = 0
        return waiting

    def send(self, data: bytes) -> None:
        """Send bytes at once, also before what waits; or nothing when the connection is closing."""
        if not self.is_closing:
            self._transport.write(data)
            self._written_bytes += len(data)

    def has_stalled(self, now: float, *, seconds: float) -> bool:
        """Whether there is something for the client and it has taken nothing for so long.

        To be asked every few seconds: what is compared is what was seen the time before.
        """
        unsent = self._transport.get_write_buffer_size()
        taken = self._written_bytes - unsent
        if unsent and taken == self._taken_before:
            return now - self._taken_at >= seconds
        self._taken_before, self._taken_at = taken, now
        return False

    async def drain(self) -> None:
        """Wait until the client has taken most of what was written, or the connection is lost."""
        self.flush()
        await self._drain()

    def abort(self) -> None:
        """Cut the connection at once, whatever is unsent."""
        self._transport.abort()
