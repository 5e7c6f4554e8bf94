"""SQLite's transactions that share a commit: each for itself when it fails, all together with the disk."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from hotelmate.database import Database, Transaction, announce, shared_commits
from hotelmate.errors import Unavailable

Work = Callable[[Transaction], None]


class Writers:
    """Threads of which the first is in its transaction until all the others wait behind it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.commits = 0
        self.told: list[object] = []
        self._threads = ThreadPoolExecutor(20)
        event.listen(database.engine, "commit", self._count)
        database.on_commit(self.told.extend)

    def write(self, *works: Work) -> list[Future[None]]:
        """Carry out each in a transaction of its own, the first of which lasts until the others wait."""
        go = threading.Event()
        began = threading.Event()

        def first(transaction: Transaction) -> None:
            works[0](transaction)
            began.set()
            assert go.wait(10)

        futures = [self._threads.submit(self._run, first)]
        assert began.wait(10)
        for number, work in enumerate(works[1:], 1):
            futures.append(self._threads.submit(self._run, work))
            self._until_waiting(number)
        go.set()
        for future in futures:
            future.exception(10)
        return futures

    def close(self) -> None:
        event.remove(self.database.engine, "commit", self._count)
        self._threads.shutdown()

    def texts(self) -> list[str]:
        """What has been written and committed, in order."""
        with self.database.reading() as reading:
            return list(reading.execute(text("SELECT text FROM note ORDER BY rowid")).scalars())

    def _run(self, work: Work) -> None:
        with self.database.transaction() as transaction:
            work(transaction)

    def _until_waiting(self, count: int) -> None:
        until = time.monotonic() + 10
        while self.database.waiting_writers < count:
            assert time.monotonic() < until
            time.sleep(0.001)

    def _count(self, *_: object) -> None:
        self.commits += 1


@pytest.fixture
def writers(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Writers]:
    monkeypatch.setattr(shared_commits, "_LONGEST_SECONDS", 60)
    with sqlite_database.transaction() as transaction:
        transaction.execute(text("CREATE TABLE note (text TEXT, hotel_id REFERENCES hotel (id))"))
    made = Writers(sqlite_database)
    yield made
    made.close()


def note(said: str) -> Work:
    def write(transaction: Transaction) -> None:
        transaction.execute(text("INSERT INTO note (text) VALUES (:said)"), {"said": said})
        announce(transaction, said)

    return write


def fail(transaction: Transaction) -> None:
    note("wrong")(transaction)
    raise ValueError("on purpose")


def break_the_commit(transaction: Transaction) -> None:
    """Refer to what is not there, which is allowed until the commit."""
    transaction.execute(text("PRAGMA defer_foreign_keys = ON"))
    transaction.execute(text("INSERT INTO note (text, hotel_id) VALUES ('nowhere', 12345)"))


def end_the_transaction(transaction: Transaction) -> None:
    """Do what SQLite does by itself when the disk is full or fails, and then fail as it does."""
    transaction.connection().connection.driver_connection.execute("ROLLBACK")  # type: ignore[union-attr]
    raise OSError("the disk is broken")


def test_those_who_wait_for_each_other_share_one_commit_and_are_told_in_order(writers: Writers) -> None:
    said = [f"note {number}" for number in range(8)]
    for future in writers.write(*map(note, said)):
        future.result()
    assert sorted(writers.texts()) == said
    assert writers.texts() == writers.told
    assert writers.commits == 1


def test_nobody_returns_before_the_commit(writers: Writers) -> None:
    """Each looks for its own, by another connection, as soon as it has returned."""
    database = writers.database

    def write_and_look(said: str) -> bool:
        with database.transaction() as transaction:
            note(said)(transaction)
        return said in writers.texts()

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(write_and_look, map(str, range(200))))


def test_one_that_fails_takes_back_its_own_and_nobody_elses(writers: Writers) -> None:
    for place in range(1, 4):
        works = [note(f"{place}.{number}") for number in range(3)]
        works.insert(place, fail)
        failed = [future.exception() for future in writers.write(*works)]
        assert [type(error) for error in failed] == [
            ValueError if work is fail else type(None) for work in works
        ]
    expected = [f"{place}.{number}" for place in range(1, 4) for number in range(3)]
    assert sorted(writers.texts()) == expected
    assert writers.texts() == writers.told


def test_when_the_commit_fails_all_are_told_and_nothing_is_changed(writers: Writers) -> None:
    futures = writers.write(note("one"), break_the_commit, note("two"))
    assert [type(future.exception()) for future in futures] == [IntegrityError] * 3
    assert len({id(future.exception()) for future in futures}) == 3
    assert writers.texts() == writers.told == []
    writers.write(note("after"))[0].result()
    assert writers.texts() == ["after"]


def test_when_the_database_has_ended_the_transaction_nobody_before_is_acknowledged(writers: Writers) -> None:
    before, ended, other = writers.write(note("before"), end_the_transaction, note("other"))
    assert isinstance(ended.exception(), OSError)
    assert before.exception() is not None
    # Who waits has its turn in no order that is promised: before the end, or in a new transaction after it.
    kept = [] if other.exception() else ["other"]
    assert writers.texts() == writers.told == kept
    writers.write(note("after"))[0].result()
    assert writers.texts() == [*kept, "after"]


def test_a_full_disk_is_told_to_whoever_has_filled_it(writers: Writers) -> None:
    with writers.database.transaction() as transaction:
        pages = transaction.execute(text("PRAGMA page_count")).scalar_one()
        transaction.execute(text(f"PRAGMA max_page_count = {pages + 4}"))
    before, full = writers.write(note("before"), note("x" * 100_000))
    assert isinstance(full.exception(), Unavailable)
    assert "full" in str(full.exception())
    assert writers.texts() == ([] if before.exception() else ["before"])
