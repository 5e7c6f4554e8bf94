"""Writes that share a transaction stand or fall by themselves."""

import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy import event
from sqlmodel import select

from hotelmate.bridge.cursors import LeaseLost
from hotelmate.bridge.shared_writes import SharedWrites
from hotelmate.database import Database, Transaction
from hotelmate.errors import Unavailable
from hotelmate.models import Hotel


class Commits:
    """Counts a database's commits."""

    def __init__(self, database: Database) -> None:
        self.count = 0
        event.listen(database.engine, "commit", self._one_more)

    def _one_more(self, _: object) -> None:
        self.count += 1


def opening(slug: str) -> Callable[[Transaction], str]:
    def write(transaction: Transaction) -> str:
        transaction.add(Hotel(slug=slug, name=slug, epoch="e"))
        transaction.flush()
        return slug

    return write


def failing(error: Exception) -> Callable[[Transaction], str]:
    def write(_: Transaction) -> str:
        raise error

    return write


def opened(database: Database) -> set[str]:
    with database.reading() as reading:
        return set(reading.exec(select(Hotel.slug).where(Hotel.epoch == "e")))


async def test_what_is_asked_for_at_the_same_time_is_one_commit(database: Database) -> None:
    writes, commits = SharedWrites(database), Commits(database)
    slugs = [f"hotel-{number}" for number in range(20)]
    assert await asyncio.gather(*(writes.write(1, opening(slug)) for slug in slugs)) == slugs
    assert opened(database) == set(slugs)
    assert commits.count == 1


async def test_what_is_asked_for_meanwhile_is_written_next(sqlite_database: Database) -> None:
    writes, commits = SharedWrites(sqlite_database), Commits(sqlite_database)
    with sqlite_database.transaction():
        first = asyncio.create_task(writes.write(1, opening("first")))
        await asyncio.sleep(0.1)  # it waits for the writer's turn, which is this test's
        others = [asyncio.create_task(writes.write(1, opening(slug))) for slug in ("second", "third")]
        await asyncio.sleep(0)
    assert await asyncio.gather(first, *others) == ["first", "second", "third"]
    # This test's own, the first's, and one for both that came meanwhile.
    assert commits.count == 3


@pytest.mark.parametrize("error", [LeaseLost(), ValueError("a fault")], ids=["lost", "faulty"])
async def test_one_that_fails_fails_alone(database: Database, error: Exception) -> None:
    writes = SharedWrites(database)
    outcomes = await asyncio.gather(
        writes.write(1, opening("before")),
        writes.write(1, failing(error)),
        writes.write(1, opening("after")),
        return_exceptions=True,
    )
    assert outcomes == ["before", error, "after"]
    assert opened(database) == {"before", "after"}


async def test_a_database_that_is_away_is_away_for_all(database: Database) -> None:
    writes, away = SharedWrites(database), Unavailable()
    outcomes = await asyncio.gather(
        writes.write(1, opening("before")), writes.write(1, failing(away)), return_exceptions=True
    )
    assert outcomes == [away, away]
    assert opened(database) == set()
    assert await writes.write(1, opening("later")) == "later"


async def test_who_stops_waiting_costs_the_others_nothing(database: Database) -> None:
    writes = SharedWrites(database)
    impatient = asyncio.create_task(writes.write(1, opening("impatient")))
    patient = asyncio.create_task(writes.write(1, opening("patient")))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient == "patient"
    assert opened(database) == {"impatient", "patient"}
