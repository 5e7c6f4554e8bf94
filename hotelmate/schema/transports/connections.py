"""Long-lived connections, and what ends them: the client, a mistake, rights that end, the server's stop."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Never

from hotelmate.identity.actors import Actor
from hotelmate.identity.rights import Rights


@dataclass(frozen=True, slots=True)
class End:
    """Why a connection is ended by us, in the terms of a WebSocket's close frame."""

    code: int
    reason: str


_SPREAD_PER_CONNECTION = 0.02

# graphql-ws comes back after 4403, then with whatever credentials its application has by then.
RIGHTS_ENDED = End(4403, "Your rights have ended")


class Ended(Exception):
    """A connection is over. Without an `end` there is nothing to tell the client, or no client."""

    def __init__(self, end: End | None = None) -> None:
        super().__init__(end)
        self.end = end


class Connection:
    """A connection as those see it who may end it."""

    def __init__(self) -> None:
        self.is_gone = asyncio.Event()
        self._end: asyncio.Future[End] = asyncio.get_running_loop().create_future()
        self._under_way = 0
        self._is_idle = asyncio.Event()
        self._is_idle.set()

    def end(self, end: End) -> None:
        """Have the connection end soon. Only the first reason counts."""
        if not self._end.done():
            self._end.set_result(end)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Say that something is under way, while the block runs, that should come to its end."""
        self._under_way += 1
        self._is_idle.clear()
        try:
            yield
        finally:
            self._under_way -= 1
            if self._under_way == 0:
                self._is_idle.set()

    async def see_off(self, end: End, *, after_seconds: float, patience_seconds: float) -> None:
        """Have the connection end after a while, and when nothing is under way; return when it is gone."""
        await asyncio.sleep(after_seconds)
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_seconds):
                await self._is_idle.wait()
        self.end(end)
        await self.is_gone.wait()

    async def hold(self) -> Never:
        """Wait until the connection is to end.

        Raises:
            Ended: it is.
        """
        raise Ended(await asyncio.shield(self._end))

    async def hold_until(self, when: float) -> None:
        """Wait until the loop's clock shows `when`.

        Raises:
            Ended: the connection is to end before.
        """
        try:
            async with asyncio.timeout_at(when):
                await self.hold()
        except TimeoutError:
            return

    @contextmanager
    def with_rights_of(self, actor: Actor, rights: Rights) -> Iterator[None]:
        """End the connection when its actor's rights end while the block runs."""
        with rights.watch(actor, lambda: self.end(RIGHTS_ENDED)):
            yield


class Connections:
    """The connections that are open at present."""

    def __init__(self) -> None:
        self._open: set[Connection] = set()
        self._closing: End | None = None

    @contextmanager
    def opened(self) -> Iterator[Connection]:
        """Count a connection as open while the block runs, which is until soon after it is told to end."""
        connection = Connection()
        self._open.add(connection)
        if self._closing is not None:
            connection.end(self._closing)
        try:
            yield connection
        finally:
            self._open.discard(connection)
            connection.is_gone.set()

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


async def run_until_ended(work: Callable[[asyncio.TaskGroup], Awaitable[Never]]) -> End | None:
    """Run `work`, and the tasks that it starts, until one of them raises `Ended`; return what that carries.

    By then all of them have finished: nothing that a connection has started outlives it.
    """
    end = None
    try:
        async with asyncio.TaskGroup() as tasks:
            await work(tasks)
    except* Ended as group:
        # Others may have noticed while they were stopped; the first has the reason.
        first = group.exceptions[0]
        assert isinstance(first, Ended)  # noqa: S101 - the tasks raise it bare
        end = first.end
    return end
