"""Long-lived connections, and what ends them: the client, a mistake, rights that end, the server's stop."""

import asyncio
import random
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice

import structlog

from hotelmate.schema.transports.limits import Limits
from hotelmate.sockets import Writer

_SPREAD_PER_CONNECTION = 0.02
_LOOKS_PER_PERIOD = 4
_LOOKED_AFTER_AT_ONCE = 500

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class End:
    """Why a connection is ended by us, in the terms of a WebSocket's close frame."""

    code: int
    reason: str


# graphql-ws comes back after 4403, then with whatever credentials its application has by then.
RIGHTS_ENDED = End(4403, "Your rights have ended")


class Connection(ABC):
    """A connection as those see it who may end it."""

    __slots__ = ("_under_way", "_when_gone", "_when_idle", "writer")

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self._under_way = 0
        self._when_idle: asyncio.Future[None] | None = None
        self._when_gone: asyncio.Future[None] | None = None

    @abstractmethod
    def end(self, end: End) -> None:
        """Have the connection end soon. Only the first reason counts."""

    @abstractmethod
    def beat(self, now: float) -> None:
        """Do what is due by the loop's clock; called several times within each period of the limits."""

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Say that something is under way, while the block runs, that should come to its end."""
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            if self._under_way == 0 and self._when_idle is not None:
                self._when_idle.set_result(None)
                self._when_idle = None

    def see_off(self, end: End, *, after_seconds: float, patience_seconds: float) -> Awaitable[None]:
        """End the connection after a delay, once nothing is under way or the patience is over.

        What is returned is done when the connection is gone.
        """
        # Made at once: it may be gone before what follows has begun.
        self._when_gone = self._when_gone or asyncio.get_running_loop().create_future()
        return self._see_off(end, self._when_gone, after_seconds, patience_seconds)

    async def _see_off(
        self, end: End, when_gone: Awaitable[None], after_seconds: float, patience_seconds: float
    ) -> None:
        await asyncio.sleep(after_seconds)
        if self._under_way:
            self._when_idle = self._when_idle or asyncio.get_running_loop().create_future()
            with suppress(TimeoutError):
                async with asyncio.timeout(patience_seconds):
                    await asyncio.shield(self._when_idle)
        self.end(end)
        await when_gone

    def report_gone(self) -> None:
        """Let `see_off`, if it was called, know that the connection is gone."""
        if self._when_gone is not None:
            self._when_gone.set_result(None)


class Connections:
    """The connections that are open at present. One timer looks after all of them."""

    def __init__(self, limits: Limits) -> None:
        self._open: set[Connection] = set()
        self._closing: End | None = None
        self._stalled_seconds = limits.stalled_seconds
        periods = (limits.ping_seconds, limits.heartbeat_seconds, limits.stalled_seconds)
        self._pause = min(periods) / _LOOKS_PER_PERIOD
        self._timer: asyncio.TimerHandle | None = None

    def count(self, kind: type[Connection]) -> int:
        """Return how many connections of this kind are open."""
        return sum(isinstance(connection, kind) for connection in self._open)

    @contextmanager
    def opened(self, connection: Connection) -> Iterator[None]:
        """Count a connection as open while the block runs, which is until soon after it is told to end."""
        self._open.add(connection)
        self._look_soon()
        if self._closing is not None:
            connection.end(self._closing)
        try:
            yield
        finally:
            self._open.discard(connection)
            connection.report_gone()

    async def close(self, end: End, *, spread_seconds: float, patience_seconds: float) -> None:
        """End every connection, and any that still comes, and wait until they are gone.

        Args:
            end: what they are told.
            spread_seconds: over how long the ends are spread, lest all clients come back at once; less when
                there are few.
            patience_seconds: how long each may take to finish what is under way.
        """
        self._closing = end
        leaving = tuple(self._open)
        spread = min(spread_seconds, len(leaving) * _SPREAD_PER_CONNECTION)
        await asyncio.gather(
            *(
                connection.see_off(
                    end,
                    after_seconds=random.uniform(0, spread),  # noqa: S311 - no secret
                    patience_seconds=patience_seconds,
                )
                for connection in leaving
            )
        )

    def _look_soon(self) -> None:
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._pause, self._look, None)

    def _look(self, others: Iterator[Connection] | None) -> None:
        """Look after some connections, then after the others, and after a pause after all that are there."""
        others = iter(tuple(self._open)) if others is None else others
        loop = asyncio.get_running_loop()
        some = tuple(islice(others, _LOOKED_AFTER_AT_ONCE))
        for connection in some:
            self._look_after(connection, loop.time())
        if some:
            loop.call_soon(self._look, others)
        else:
            self._timer = None
            if self._open:
                self._look_soon()

    def _look_after(self, connection: Connection, now: float) -> None:
        if connection.writer.has_stalled(now, seconds=self._stalled_seconds):
            logger.warning("connection_stalled", unsent_bytes=connection.writer.unsent_bytes)
            connection.writer.abort()
        else:
            connection.beat(now)
