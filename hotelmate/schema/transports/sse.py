"""GraphQL over server-sent events: a stream of results for one operation.

Source: PROTOCOL.md of enisdenjo/graphql-sse, "Distinct connections mode". Beyond it, each event's `id` is its
cursor: a browser's EventSource sends the last one back by itself, as `Last-Event-ID`.
"""

import asyncio
from contextlib import aclosing, suppress
from typing import Never

from starlette.types import Receive, Send

from hotelmate.errors import Unauthenticated
from hotelmate.identity.rights import Rights
from hotelmate.schema.transports.connections import RIGHTS_ENDED, Connections, Ended, run_until_ended
from hotelmate.schema.transports.limits import Limits
from hotelmate.schema.transports.operations import RequestError, encode_errors
from hotelmate.schema.transports.subscriptions import Subscription, Subscriptions

_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    # nginx would hold events back until it has a bufferful.
    (b"x-accel-buffering", b"no"),
]
_COMPLETE = b"event: complete\ndata:\n\n"
_HEARTBEAT = b":\n\n"


class EventStreams:
    """Serves subscriptions as event streams."""

    def __init__(
        self, subscriptions: Subscriptions, rights: Rights, connections: Connections, limits: Limits
    ) -> None:
        self._subscriptions = subscriptions
        self._rights = rights
        self._connections = connections
        self._limits = limits

    async def serve(self, subscription: Subscription, receive: Receive, send: Send) -> None:
        """Send what happens until the client leaves, its rights end or the server stops."""
        with (
            self._connections.opened() as connection,
            connection.with_rights_of(subscription.actor, self._rights),
        ):

            async def work(tasks: asyncio.TaskGroup) -> Never:
                tasks.create_task(_notice_leaving(receive))
                tasks.create_task(connection.hold())
                tasks.create_task(self._beat(send))
                await self._pump(subscription, send)
                raise Ended

            await _start(send)
            end = await run_until_ended(work)
            # A client that does not read keeps its last words waiting, and must not keep us.
            with suppress(TimeoutError, OSError):
                async with asyncio.timeout(self._limits.farewell_seconds):
                    if end is RIGHTS_ENDED:
                        await _write(send, _no_longer_allowed())
                    await _finish(send)

    async def _pump(self, subscription: Subscription, send: Send) -> None:
        """Send each event as it comes; returns when the subscription cannot go on."""
        try:
            async with aclosing(self._subscriptions.follow(subscription)) as updates:
                async for payload, cursor in updates:
                    await _write(send, b"id: %b\n%b" % (cursor.encode(), _next(payload)))
        except RequestError as error:
            await _write(send, _next(encode_errors(error)) + _COMPLETE)

    async def _beat(self, send: Send) -> None:
        # The first comes at once: some browsers take a stream for open only when something has come.
        while True:
            await _write(send, _HEARTBEAT)
            await asyncio.sleep(self._limits.heartbeat_seconds)


async def send_only_result(send: Send, payload: bytes) -> None:
    """Send the one result of an operation, or the errors for which it was not executed, as a stream."""
    await _start(send)
    await _write(send, _next(payload) + _COMPLETE)
    await _finish(send)


async def _notice_leaving(receive: Receive) -> Never:
    while (await receive())["type"] != "http.disconnect":
        pass
    raise Ended


async def _start(send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})


async def _write(send: Send, data: bytes) -> None:
    await send({"type": "http.response.body", "body": data, "more_body": True})


async def _finish(send: Send) -> None:
    await send({"type": "http.response.body", "body": b""})


def _next(payload: bytes) -> bytes:
    return b"event: next\ndata: %b\n\n" % payload


def _no_longer_allowed() -> bytes:
    refusal = RequestError.of(Unauthenticated(RIGHTS_ENDED.reason))
    return _next(encode_errors(refusal)) + _COMPLETE
