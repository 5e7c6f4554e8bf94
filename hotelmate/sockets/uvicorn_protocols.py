"""uvicorn's protocols, with the transport in the application's reach.

An ASGI application can neither learn how much of what it sent is still unread nor cut off a peer that
reads nothing: uvicorn's own close waits behind the full buffer, for ever. Serve with
`uvicorn.run(..., http=TransportHttp, ws=TransportWebSockets, ws_per_message_deflate=False)`, and

- the scope's extension `hotelmate.transport` holds the connection's asyncio transport, and `drain`, which
  waits until no more than the transport's low-water mark is unsent, or the connection is lost. The
  application may write to the transport whole unmasked frames between `websocket.accept` and
  `websocket.close`, and whole chunks between the head of a chunked response and its end;
- for a request it also holds `joined`, a context manager: what the block sends goes out in one write. uvicorn
  makes one for the head of a response and one for its body, and each is a system call that wakes the client;
- a WebSocket is gone at most `close_timeout` seconds after the application has finished with it or the
  server shuts down, and at once when a keepalive ping was not answered.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

EXTENSION = "hotelmate.transport"


class TransportHttp(HttpToolsProtocol):
    """An HTTP connection; between requests it has `timeout_keep_alive` seconds for the next one's whole head.

    uvicorn itself asks only for a byte in that time, and not before the first request.
    """

    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        # Most heads come in one piece, and need no timer.
        if self._is_in_request():
            self._await_no_head()
        elif self._head_timer is None:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._await_no_head()

    def _is_in_request(self) -> bool:
        """Whether somebody else looks after it: the application, or the protocol that it was handed on to."""
        is_answering = self.cycle is not None and not self.cycle.response_complete
        return is_answering or self not in self.connections

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def _await_no_head(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {EXTENSION: {"transport": self.transport, "drain": self.flow.drain}}

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        # A request that becomes a WebSocket's handshake has no cycle.
        if self.cycle is not None and self.cycle.scope is self.scope:
            self.scope["extensions"][EXTENSION]["joined"] = partial(_joined, self.cycle)


@contextmanager
def _joined(cycle: RequestResponseCycle) -> Iterator[None]:
    transport = cycle.transport
    joining = _JoiningTransport(transport)
    cycle.transport = cast(asyncio.Transport, joining)
    try:
        yield
    finally:
        cycle.transport = transport
        joining.flush()


class _JoiningTransport:
    """As much of a transport as a request's cycle uses: it keeps what is written until it is flushed."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._written: list[bytes] = []

    def write(self, data: bytes) -> None:
        self._written.append(data)

    def flush(self) -> None:
        if self._written:
            self._transport.write(b"".join(self._written))
            self._written.clear()

    def close(self) -> None:
        self.flush()
        self._transport.close()

    def is_closing(self) -> bool:
        return self._transport.is_closing()


class TransportWebSockets(WebSocketsSansIOProtocol):
    """A WebSocket connection that never outlives its purpose, whatever the peer does."""

    _abort_timer: asyncio.TimerHandle | None = None

    async def run_asgi(self) -> None:
        self.scope["extensions"][EXTENSION] = {"transport": self.transport, "drain": self.writable.wait}
        await super().run_asgi()
        self._abort_unless_lost()

    def start_keepalive(self) -> None:
        super().start_keepalive()
        # The socket has been accepted, and what the handshake consisted of is never looked at again.
        del self.request, self.response

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.transport.abort()

    def shutdown(self) -> None:
        super().shutdown()
        self._abort_unless_lost()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._abort_timer is not None:
            self._abort_timer.cancel()

    def _abort_unless_lost(self) -> None:
        if not self.disconnected and self._abort_timer is None:
            self._abort_timer = self.loop.call_later(self.close_timeout, self.transport.abort)
