"""Writes of many hotels' deliveries that share a transaction, and with it a worker thread and a commit.

A commit waits for the disk. What is asked for meanwhile goes into the next transaction together: mutations
wait for fewer commits, and find more threads and connections free.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from hotelmate.bridge.cursors import LeaseLost
from hotelmate.database import Database, Transaction
from hotelmate.errors import Unavailable

Result = TypeVar("Result")
Operation = Callable[[Transaction], Any]


@dataclass(frozen=True, slots=True)
class PendingWrite:
    """An operation whose caller waits for its outcome."""

    hotel_id: int
    operation: Operation
    outcome: asyncio.Future[Any]

    def succeeded(self, result: object) -> None:
        """Hand the result over, unless nobody waits any more."""
        if not self.outcome.done():
            self.outcome.set_result(result)

    def failed(self, error: Exception) -> None:
        """Hand the error over, unless nobody waits any more."""
        if not self.outcome.done():
            self.outcome.set_exception(error)


class SharedWrites:
    """Carries out operations on cursors, as many together as are waiting.

    An operation that raises `LeaseLost` must have changed nothing: the others are committed all the same.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[PendingWrite] = []
        self._writing: asyncio.Task[None] | None = None

    async def write(self, hotel_id: int, operation: Callable[[Transaction], Result]) -> Result:
        """Carry out an operation on the hotel's cursor, and commit it; return or raise what it does."""
        outcome: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append(PendingWrite(hotel_id, operation, outcome))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        return await outcome

    async def _write_all(self) -> None:
        while self._waiting:
            # In the same order everywhere, so that no two processes wait for each other's rows.
            writes, self._waiting = sorted(self._waiting, key=lambda write: write.hotel_id), []
            await self._write_together(writes)
        self._writing = None

    async def _write_together(self, writes: Sequence[PendingWrite]) -> None:
        operations = [write.operation for write in writes]
        try:
            results = await self._database.write(partial(_carry_out, operations=operations))
        except Unavailable as error:
            for write in writes:
                write.failed(error)
        except Exception:  # noqa: BLE001 - it is raised again by the one that it belongs to
            # Nothing of it is committed. Whose fault it was shows when each goes by itself.
            for write in writes:
                await self._write_alone(write)
        else:
            for write, result in zip(writes, results, strict=True):
                if isinstance(result, LeaseLost):
                    write.failed(result)
                else:
                    write.succeeded(result)

    async def _write_alone(self, write: PendingWrite) -> None:
        try:
            write.succeeded(await self._database.write(write.operation))
        except Exception as error:  # noqa: BLE001 - for whoever waits for it
            write.failed(error)


def _carry_out(transaction: Transaction, operations: Sequence[Operation]) -> list[Any]:
    """Return what each operation returns, or the `LeaseLost` that it raises."""
    results: list[Any] = []
    for operation in operations:
        try:
            results.append(operation(transaction))
        except LeaseLost as lost:
            results.append(lost)
    return results
