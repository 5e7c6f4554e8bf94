"""GraphQL over server-sent events: a stream of results for one operation.

Source: PROTOCOL.md of enisdenjo/graphql-sse, "Distinct connections mode". Beyond it, each event's `id` is its
cursor: a browser's EventSource sends the last one back by itself, as `Last-Event-ID`.
"""

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack

import structlog
from starlette.types import Receive, Scope, Send

from hotelmate.errors import RateLimited, Unauthenticated
from hotelmate.identity.rights import Rights
from hotelmate.schema.transports.asgi import respond
from hotelmate.schema.transports.capacity import Capacity
from hotelmate.schema.transports.connections import RIGHTS_ENDED, Connection, Connections, End
from hotelmate.schema.transports.groups import Member, Update
from hotelmate.schema.transports.limits import Limits
from hotelmate.schema.transports.negotiation import JSON
from hotelmate.schema.transports.operations import RequestError, encode_errors
from hotelmate.schema.transports.subscriptions import Subscription, Subscriptions
from hotelmate.sockets import Writer
from hotelmate.sockets.addresses import client_address

_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    # Said rather than left to the server, as events are written as chunks past it.
    (b"transfer-encoding", b"chunked"),
    # nginx would hold events back until it has a bufferful.
    (b"x-accel-buffering", b"no"),
]
_COMPLETE = b"event: complete\ndata:\n\n"
_HEARTBEAT = b"3\r\n:\n\n\r\n"

logger = structlog.get_logger(__name__)


class EventStreams:
    """Serves subscriptions as event streams."""

    def __init__(
        self,
        subscriptions: Subscriptions,
        rights: Rights,
        connections: Connections,
        capacity: Capacity,
        limits: Limits,
    ) -> None:
        self._subscriptions = subscriptions
        self._rights = rights
        self._connections = connections
        self._capacity = capacity
        self._limits = limits

    async def serve(self, subscription: Subscription, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what happens until the client leaves, its rights end or the server stops.

        With too many streams and sockets open already, it is answered with 429.
        """
        with ExitStack() as places:
            try:
                places.enter_context(self._capacity.from_address(client_address(scope)))
                places.enter_context(self._capacity.of_actor(subscription.actor))
            except RateLimited as refusal:
                await _refuse(scope, send, refusal)
                return
            await self._stream(subscription, scope, receive, send)

    async def _stream(self, subscription: Subscription, scope: Scope, receive: Receive, send: Send) -> None:
        await _start(send)
        stream = EventStream(Writer(scope, unsent_bytes=self._limits.unsent_bytes), send, self._limits)
        with (
            self._connections.opened(stream),
            self._rights.watch(subscription.actor, stream.end_with_rights),
        ):
            stream.follow(subscription, self._subscriptions)
            # The end of the response counts as one as well.
            while (await receive())["type"] != "http.disconnect":
                pass
        await stream.leave()


class EventStream(Connection):
    """One response that goes on and on."""

    __slots__ = ("_beat_at", "_farewell", "_limits", "_member", "_send")

    def __init__(self, writer: Writer, send: Send, limits: Limits) -> None:
        super().__init__(writer)
        self._send = send
        self._limits = limits
        self._member = StreamMember(self)
        self._beat_at = asyncio.get_running_loop().time()
        self._farewell: asyncio.Task[None] | None = None

    def follow(self, subscription: Subscription, subscriptions: Subscriptions) -> None:
        """Begin to send events; the first comment shows that the stream is open."""
        # Some browsers take a stream for open only when something has come.
        self.writer.write(_HEARTBEAT)
        if self._farewell is None:
            try:
                subscriptions.join(subscription, self._member)
            except RequestError as error:
                self.fail(error)

    def beat(self, now: float) -> None:
        """Send a comment when it is time, to keep proxies from cutting the stream."""
        if self._farewell is None and now - self._beat_at >= self._limits.heartbeat_seconds:
            self._beat_at = now
            self.writer.write(_HEARTBEAT)

    def end(self, _end: End) -> None:
        """End the response, as one to come back to."""
        self._say_farewell(b"")

    def end_with_rights(self) -> None:
        """End the response, and say why."""
        self.fail(RequestError.of(Unauthenticated(RIGHTS_ENDED.reason)))

    def fail(self, error: RequestError) -> None:
        """End the response with errors, after which the client does not come back by itself."""
        self._say_farewell(_next(encode_errors(error)) + _COMPLETE)

    async def leave(self) -> None:
        """Send no more; returns when nothing of the stream is under way."""
        self._member.leave()
        if self._farewell is not None:
            await self._farewell

    def _say_farewell(self, last_words: bytes) -> None:
        if self._farewell is None:
            self._member.leave()
            self._farewell = asyncio.get_running_loop().create_task(self._finish(last_words))

    async def _finish(self, last_words: bytes) -> None:
        """End the response; a client that does not read must not keep us."""
        try:
            async with asyncio.timeout(self._limits.farewell_seconds):
                await _finish(self._send, last_words)
        except TimeoutError:
            self.writer.abort()
        except OSError:
            logger.debug("connection_already_gone")


class StreamMember(Member):
    """The place of an event stream in a group: the bytes are the same for all of them."""

    __slots__ = ("_stream",)

    def __init__(self, stream: EventStream) -> None:
        super().__init__(stream.writer)
        self._stream = stream

    def encode(self, updates: Sequence[Update]) -> bytes:
        """Return one chunk of the response with an event for each update."""
        return _chunk(
            b"".join(b"id: %b\n%b" % (update.cursor.encode(), _next(update.payload)) for update in updates)
        )

    def fail(self, error: RequestError) -> None:
        """End the stream."""
        self._stream.fail(error)


async def send_only_result(send: Send, payload: bytes) -> None:
    """Send the one result of an operation, or the errors for which it was not executed, as a stream."""
    await _start(send)
    await _finish(send, _next(payload) + _COMPLETE)


async def _refuse(scope: Scope, send: Send, refusal: RateLimited) -> None:
    headers = [(b"retry-after", str(refusal.retry_after).encode())]
    await respond(scope, send, 429, encode_errors(RequestError.of(refusal)), JSON, headers=headers)


async def _start(send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})


async def _finish(send: Send, last_words: bytes) -> None:
    await send({"type": "http.response.body", "body": last_words})


def _next(payload: bytes) -> bytes:
    return b"event: next\ndata: %b\n\n" % payload


def _chunk(data: bytes) -> bytes:
    """Source: RFC 9112, section 7.1."""
    return b"%x\r\n%b\r\n" % (len(data), data)
