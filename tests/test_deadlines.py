"""Operations whose time is over: their statements end, nothing of them is kept, and nobody else notices."""

import asyncio
import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial

import psycopg
import pytest
from sqlalchemy import event, text
from sqlmodel import select

from hotelmate import deadlines
from hotelmate.database import Database, Reading, Transaction, shared_commits, take_turn
from hotelmate.errors import OutcomeUnknown, TimedOut, Unavailable
from hotelmate.events import log
from hotelmate.events.catalogue import OfferDeleted
from hotelmate.models import EventRecord, Hotel
from tests.transports.running import eventually

SECONDS = 0.3
THREADS = {"sqlite": 8, "postgresql": 10}
WAIT_SECONDS = 20.0
STOPPED = "This took too long and was stopped."
NOTHING_CHANGED = f"{STOPPED} Nothing was changed."

# Hours of work, of which nothing is kept.
COUNT_FOR_HOURS = (
    "SELECT count(*) FROM (WITH RECURSIVE number (n) AS"
    " (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 1000000000000) SELECT n FROM number)"
)


def idle(reading: Reading) -> None:
    """Run a statement that would take hours."""
    is_sqlite = reading.get_bind().dialect.name == "sqlite"
    reading.execute(text(COUNT_FOR_HOURS if is_sqlite else "SELECT pg_sleep(3600)"))


def record(transaction: Transaction, hotel_id: int, title: str) -> None:
    """Take the hotel's turn and record an event."""
    hotel = take_turn(transaction, hotel_id)
    log.record(
        transaction, hotel, OfferDeleted(offer_id=1, offer_title=title, was_active=True), at=datetime.now(UTC)
    )


def recorded(database: Database, hotel: Hotel) -> list[tuple[int, str]]:
    """The hotel's log: each event's seq, and what it is titled."""
    with database.reading() as reading:
        rows = reading.exec(
            select(EventRecord).where(EventRecord.hotel_id == hotel.id).order_by(EventRecord.seq)  # type: ignore[arg-type]
        )
        return [(row.seq, json.loads(row.data)["offer_title"]) for row in rows]


async def in_time(work: Callable[[], object], *, seconds: float = SECONDS) -> object:
    with deadlines.limited(seconds):
        return await work()  # type: ignore[misc]


async def assert_free(database: Database) -> None:
    """Every thread and every connection is there for others."""
    go = threading.Barrier(THREADS[kind_of(database)])

    def meet(reading: Reading) -> None:
        reading.execute(text("SELECT 1"))
        go.wait(WAIT_SECONDS)

    async with asyncio.timeout(WAIT_SECONDS):
        await asyncio.gather(*(database.read(meet) for _ in range(go.parties)))
    await eventually(lambda: database.connections_in_use == 0)


def kind_of(database: Database) -> str:
    return "sqlite" if database.is_sqlite else "postgresql"


def statements_running(database: Database) -> int:
    """How many statements PostgreSQL is at, beside the one that asks; SQLite's run in our own threads."""
    if database.is_sqlite:
        return 0
    with psycopg.connect(database.url.render_as_string().replace("+psycopg", "")) as connection:
        [count] = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND state <> 'idle' AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        ).fetchone() or [0]
        return int(count)


@contextmanager
def turn_held(database: Database, hotel: Hotel) -> Iterator[None]:
    """Somebody else, of another process, is at a change of the hotel."""
    elsewhere = Database(database.url.render_as_string(hide_password=False))
    with suppress(ZeroDivisionError), elsewhere.transaction() as transaction:
        take_turn(transaction, hotel.id)
        yield
        raise ZeroDivisionError
    elsewhere.close()


async def test_a_statement_that_reads_is_ended_and_its_thread_is_free(database: Database) -> None:
    with pytest.raises(TimedOut, match=f"^{STOPPED}$"):
        await in_time(lambda: database.read(idle))
    assert statements_running(database) == 0
    await assert_free(database)


async def test_a_statement_of_a_transaction_is_ended_and_nothing_is_kept(
    database: Database, killarney: Hotel
) -> None:
    def change(transaction: Transaction) -> None:
        record(transaction, killarney.id, "cut off")
        idle(transaction)

    with pytest.raises(TimedOut, match=f"^{NOTHING_CHANGED}$"):
        await in_time(lambda: database.write(change))
    assert statements_running(database) == 0
    await assert_free(database)
    await database.write(lambda transaction: record(transaction, killarney.id, "after"))
    assert recorded(database, killarney) == [(1, "after")]


async def test_a_statement_that_writes_is_ended(database: Database, killarney: Hotel) -> None:
    with database.transaction() as transaction:
        if database.is_sqlite:
            transaction.execute(
                text(f"CREATE TRIGGER slow AFTER INSERT ON event BEGIN {COUNT_FOR_HOURS}; END")
            )
        else:
            for statement in (
                "CREATE FUNCTION idle() RETURNS trigger LANGUAGE plpgsql"
                " AS 'BEGIN PERFORM pg_sleep(3600); RETURN NULL; END'",
                "CREATE TRIGGER slow AFTER INSERT ON event EXECUTE FUNCTION idle()",
            ):
                transaction.execute(text(statement))
    try:
        with pytest.raises(TimedOut, match=f"^{NOTHING_CHANGED}$"):
            await in_time(lambda: database.write(lambda each: record(each, killarney.id, "cut off")))
        assert statements_running(database) == 0
        await assert_free(database)
    finally:
        with database.transaction() as transaction:
            if database.is_sqlite:
                transaction.execute(text("DROP TRIGGER slow"))
            else:
                transaction.execute(text("DROP FUNCTION idle CASCADE"))
    await database.write(lambda transaction: record(transaction, killarney.id, "after"))
    assert recorded(database, killarney) == [(1, "after")]


async def test_who_waits_for_another_processs_turn_is_told_in_time(
    database: Database, killarney: Hotel
) -> None:
    """On SQLite it is the whole database that is waited for, as it is when it cannot be reached."""
    with turn_held(database, killarney), pytest.raises(Unavailable):
        await in_time(lambda: database.write(lambda each: record(each, killarney.id, "cut off")))
    assert statements_running(database) == 0
    await assert_free(database)
    await database.write(lambda transaction: record(transaction, killarney.id, "after"))
    assert recorded(database, killarney) == [(1, "after")]


async def test_who_waits_for_a_turn_in_this_process_is_told_in_time_and_the_others_go_on(
    database: Database, killarney: Hotel
) -> None:
    began, go = threading.Event(), threading.Event()

    def hold(transaction: Transaction) -> None:
        record(transaction, killarney.id, "held")
        began.set()
        assert go.wait(WAIT_SECONDS)

    holding = asyncio.create_task(database.write(hold))
    assert await asyncio.to_thread(began.wait, WAIT_SECONDS)
    waiting = [
        in_time(lambda: database.write(lambda each: record(each, killarney.id, "cut off"))) for _ in range(5)
    ]
    for outcome in await asyncio.gather(*waiting, return_exceptions=True):
        assert isinstance(outcome, TimedOut)
    assert database.waiting_writers == 0
    go.set()
    await holding
    assert recorded(database, killarney) == [(1, "held")]
    await assert_free(database)


async def test_what_waits_for_a_thread_for_too_long_is_never_begun(database: Database) -> None:
    go = threading.Event()
    busy = [
        asyncio.create_task(database.run(lambda: go.wait(WAIT_SECONDS)))
        for _ in range(THREADS[kind_of(database)])
    ]
    await asyncio.sleep(0)  # until all have been handed to threads
    begun: list[str] = []
    with pytest.raises(TimedOut):
        await in_time(lambda: database.run(lambda: begun.append("begun")))
    assert database.waiting == 0
    go.set()
    await asyncio.gather(*busy)
    await assert_free(database)
    assert begun == []


async def test_nothing_is_committed_late(database: Database, killarney: Hotel) -> None:
    """Not even when no statement was there to be ended."""

    def change(transaction: Transaction) -> None:
        record(transaction, killarney.id, "late")
        time.sleep(2 * SECONDS)

    with pytest.raises(TimedOut, match=f"^{NOTHING_CHANGED}$"):
        await in_time(lambda: database.write(change))
    assert recorded(database, killarney) == []


async def test_a_commit_that_has_begun_is_waited_for(database: Database, killarney: Hotel) -> None:
    def slow(_connection: object) -> None:
        time.sleep(2 * SECONDS)

    event.listen(database.engine, "commit", slow)
    try:
        await in_time(lambda: database.write(lambda each: record(each, killarney.id, "made")))
    finally:
        event.remove(database.engine, "commit", slow)
    assert recorded(database, killarney) == [(1, "made")]


async def test_of_a_commit_that_never_ends_nobody_knows_the_outcome(
    database: Database, killarney: Hotel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadlines, "LAST_SECONDS", 0.1)
    go = threading.Event()

    def stuck(_connection: object) -> None:
        assert go.wait(WAIT_SECONDS)

    event.listen(database.engine, "commit", stuck)
    try:
        with pytest.raises(OutcomeUnknown, match="See whether it was made"):
            await in_time(lambda: database.write(lambda each: record(each, killarney.id, "unknown")))
    finally:
        go.set()
        await assert_free(database)
        event.remove(database.engine, "commit", stuck)
    assert recorded(database, killarney) == [(1, "unknown")]


async def test_a_stuck_thread_holds_up_no_answer_and_commits_nothing_once_it_goes_on(
    database: Database, killarney: Hotel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadlines, "LAST_SECONDS", 0.1)
    go = threading.Event()

    def change(transaction: Transaction) -> None:
        record(transaction, killarney.id, "cut off")
        assert go.wait(WAIT_SECONDS)

    with pytest.raises(TimedOut):
        await in_time(lambda: database.write(change))
    go.set()
    await assert_free(database)
    assert recorded(database, killarney) == []


async def test_what_is_paused_does_not_count(database: Database) -> None:
    def work() -> str:
        with deadlines.paused():
            time.sleep(2 * SECONDS)
        with database.reading() as reading:
            return str(reading.execute(text("SELECT 'read'")).scalar_one())

    assert await in_time(lambda: database.run(work)) == "read"


async def test_whoever_has_no_deadline_may_take_long(database: Database) -> None:
    def work(reading: Reading) -> str:
        time.sleep(2 * SECONDS)
        return str(reading.execute(text("SELECT 'read'")).scalar_one())

    assert await database.read(work) == "read"


def read_for_hours(transaction: Transaction) -> None:
    idle(transaction)


def write_for_a_second(transaction: Transaction) -> None:
    transaction.execute(text("INSERT INTO slow VALUES (1)"))


@pytest.mark.parametrize("wrong", [read_for_hours, write_for_a_second])
async def test_one_that_is_cut_off_takes_nothing_of_those_it_shares_a_commit_with(
    sqlite_database: Database,
    killarney: Hotel,
    wrong: Callable[[Transaction], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A statement that writes has to come to its end first; what it did is taken back all the same."""
    monkeypatch.setattr(shared_commits, "_LONGEST_SECONDS", 60)
    count = COUNT_FOR_HOURS.replace("1000000000000", "3000000")
    with sqlite_database.transaction() as transaction:
        transaction.execute(text("CREATE TABLE slow (n INTEGER)"))
        transaction.execute(text(f"CREATE TRIGGER count AFTER INSERT ON slow BEGIN {count}; END"))
    began, go = threading.Event(), threading.Event()

    def first(transaction: Transaction) -> None:
        record(transaction, killarney.id, "first")
        began.set()
        assert go.wait(WAIT_SECONDS)

    def middle(transaction: Transaction) -> None:
        record(transaction, killarney.id, "cut off")
        wrong(transaction)

    def last(transaction: Transaction) -> None:
        record(transaction, killarney.id, "last")

    tasks: list[asyncio.Task[object]] = [asyncio.create_task(sqlite_database.write(first))]
    assert await asyncio.to_thread(began.wait, WAIT_SECONDS)
    for waiting, work in enumerate((middle, last), 1):
        tasks.append(asyncio.create_task(in_time(partial(sqlite_database.write, work))))
        await eventually(lambda count=waiting: sqlite_database.waiting_writers == count)  # type: ignore[misc]
    go.set()
    _, of_middle, _ = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(of_middle, TimedOut)
    kept = recorded(sqlite_database, killarney)
    assert [seq for seq, _ in kept] == list(range(1, len(kept) + 1))
    assert "first" in {title for _, title in kept} <= {"first", "last"}
    with sqlite_database.reading() as reading:
        assert reading.execute(text("SELECT count(*) FROM slow")).scalar_one() == 0


@pytest.mark.parametrize("seed", range(3))
async def test_of_many_at_once_the_log_has_exactly_those_that_succeeded(
    database: Database, killarney: Hotel, seed: int
) -> None:
    chance = random.Random(seed)
    print(f"seed {seed}")

    def change(title: str, pause: float, *, is_idle: bool) -> Callable[[Transaction], None]:
        def do(transaction: Transaction) -> None:
            if chance.random() < 0.5:
                time.sleep(pause)
            record(transaction, killarney.id, title)
            if is_idle:
                idle(transaction)

        return do

    async def one(number: int) -> str | None:
        title = f"event {number}"
        await asyncio.sleep(chance.uniform(0, 1))
        work = change(title, chance.uniform(0, 0.03), is_idle=chance.random() < 0.15)
        seconds = chance.choice((0.02, 0.1, 0.3))
        began = time.monotonic()
        try:
            await in_time(lambda: database.write(work), seconds=seconds)
        except TimedOut:
            assert time.monotonic() - began >= seconds, "it was ended for another"
            return None
        return title

    outcomes = await asyncio.gather(*(one(number) for number in range(80)))
    made = [title for title in outcomes if title is not None]
    assert made
    assert len(made) < len(outcomes)
    await assert_free(database)
    kept = recorded(database, killarney)
    assert sorted(title for _, title in kept) == sorted(made)
    assert [seq for seq, _ in kept] == list(range(1, len(made) + 1))
