"""Whoever follows a hotel gets every event once and in order, however events and readers interleave."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from hotelmate.errors import CursorExpired
from hotelmate.events.broker import Broker, Stream
from hotelmate.events.catalogue import GalleryReordered
from hotelmate.events.log import Event

KILLARNEY, DUBLIN = 1, 2
START = datetime(2026, 3, 1, tzinfo=UTC)


def event(seq: int, hotel_id: int = KILLARNEY) -> Event:
    data = GalleryReordered(gallery=(f"/{seq}",))
    return Event(seq, hotel_id, "killarney", "epoch", seq, START + timedelta(seconds=seq), data)


class Log:
    """A log in memory whose reads take the time that a schedule gives them; counts them."""

    def __init__(self, chances: random.Random | None = None) -> None:
        self.events: dict[int, list[Event]] = {KILLARNEY: [], DUBLIN: []}
        self.reads = 0
        self.fails = 0
        self._chances = chances

    def record(self, hotel_id: int = KILLARNEY) -> Event:
        recorded = event(len(self.events[hotel_id]) + 1, hotel_id)
        self.events[hotel_id].append(recorded)
        return recorded

    async def read(self, hotel_id: int, after: int, limit: int) -> list[Event]:
        self.reads += 1
        if self.fails:
            self.fails -= 1
            raise ConnectionError("the database is away")
        snapshot = [found for found in self.events[hotel_id] if found.seq > after][:limit]
        await asyncio.sleep(self._chances.choice([0, 0, 0.001]) if self._chances else 0)
        return snapshot


@contextmanager
def subscribed(broker: Broker, hotel_id: int, *, after: int) -> Iterator[AsyncIterator[Event]]:
    """Follow a hotel for as long as the block lasts, event by event."""

    async def one_by_one(stream: Stream) -> AsyncIterator[Event]:
        async for batch in stream.follow(after):
            for found in batch:
                yield found

    with broker.subscribe(hotel_id) as stream:
        yield one_by_one(stream)


async def take(count: int, events: AsyncIterator[Event]) -> list[int]:
    async with asyncio.timeout(20):
        return [(await anext(events)).seq for _ in range(count)]


async def test_what_was_recorded_comes_first_then_what_happens() -> None:
    log = Log()
    broker = Broker(log.read)
    log.record()
    log.record()
    with subscribed(broker, KILLARNEY, after=1) as events:
        assert await take(1, events) == [2]
        broker.publish(log.record())
        assert await take(1, events) == [3]


async def test_hotels_do_not_hear_each_other() -> None:
    log = Log()
    broker = Broker(log.read)
    with (
        subscribed(broker, KILLARNEY, after=0) as in_killarney,
        subscribed(broker, DUBLIN, after=0) as in_dublin,
    ):
        broker.publish(log.record(DUBLIN))
        assert [found.hotel_id async for found in first(in_dublin)] == [DUBLIN]
        broker.publish(log.record(KILLARNEY))
        assert [found.hotel_id async for found in first(in_killarney)] == [KILLARNEY]


async def first(events: AsyncIterator[Event]) -> AsyncIterator[Event]:
    yield await anext(events)


async def test_events_announced_out_of_order_and_twice_are_handed_on_in_order_and_once() -> None:
    log = Log()
    broker = Broker(log.read)
    recorded = [log.record() for _ in range(5)]
    with subscribed(broker, KILLARNEY, after=0) as events:
        assert await take(5, events) == [1, 2, 3, 4, 5]
        recorded = [log.record() for _ in range(5)]
        for place in (1, 0, 1, 4, 2, 3, 3):
            broker.publish(recorded[place])
        assert await take(5, events) == [6, 7, 8, 9, 10]


async def test_an_announcement_that_is_lost_is_read_from_the_log_also_after_the_database_was_away() -> None:
    log = Log()
    broker = Broker(log.read)
    with subscribed(broker, KILLARNEY, after=0) as events:
        broker.publish(log.record())
        assert await take(1, events) == [1]
        log.record()
        log.fails = 1
        broker.publish(log.record())
        assert await take(2, events) == [2, 3]


async def test_a_reader_in_step_does_not_read_the_log() -> None:
    log = Log()
    broker = Broker(log.read)
    with subscribed(broker, KILLARNEY, after=0) as events:
        broker.publish(log.record())
        await take(1, events)
        reads = log.reads
        for _ in range(100):
            broker.publish(log.record())
            await take(1, events)
        assert log.reads == reads


async def test_a_reader_that_the_stream_has_passed_reads_the_log_and_misses_nothing() -> None:
    log = Log()
    broker = Broker(log.read, ring_size=4)
    with (
        subscribed(broker, KILLARNEY, after=0) as slow,
        subscribed(broker, KILLARNEY, after=0) as quick,
    ):
        for seq in range(1, 1001):
            broker.publish(log.record())
            assert await take(1, quick) == [seq]
        assert await take(1000, slow) == list(range(1, 1001))
        broker.publish(log.record())
        assert await take(1, slow) == [1001]


async def test_a_reader_that_the_pruning_has_passed_is_told() -> None:
    log = Log()
    broker = Broker(log.read, ring_size=2)
    with subscribed(broker, KILLARNEY, after=0) as slow:
        for _ in range(5):
            broker.publish(log.record())
        log.events[KILLARNEY] = log.events[KILLARNEY][3:]
        with pytest.raises(CursorExpired):
            await take(1, slow)


async def test_nothing_is_kept_for_a_hotel_that_nobody_follows() -> None:
    log = Log()
    broker = Broker(log.read)
    with subscribed(broker, KILLARNEY, after=0):
        broker.publish(log.record())
        assert broker.followed_hotels == {KILLARNEY}
    assert broker.followed_hotels == set()
    broker.publish(log.record())
    with subscribed(broker, KILLARNEY, after=0) as events:
        assert await take(2, events) == [1, 2]


@pytest.mark.parametrize("seed", range(40))
async def test_nothing_is_lost_or_doubled_whatever_the_schedule(seed: int) -> None:
    """Announcements lost, doubled and swapped, readers that join, stall and come back, slow log reads."""
    print(f"seed {seed}")
    chances = random.Random(seed)
    log = Log(chances)
    broker = Broker(log.read, ring_size=chances.choice([1, 3, 50]))
    total = 120

    async def write() -> None:
        held: list[Event] = []
        while len(log.events[KILLARNEY]) < total:
            held.append(log.record())
            last = len(log.events[KILLARNEY]) == total
            if chances.random() < 0.4 and not last:
                continue
            chances.shuffle(held)
            for announced in held:
                if announced.seq == total or chances.random() < 0.9:
                    broker.publish(announced)
                if chances.random() < 0.1:
                    broker.publish(announced)
            held.clear()
            await asyncio.sleep(chances.choice([0, 0, 0.001, 0.003]))

    async def read() -> None:
        position = chances.randrange(total // 2)
        seen: list[int] = []
        start = position
        while position < total:
            with subscribed(broker, KILLARNEY, after=position) as events:
                for _ in range(chances.randrange(1, 30)):
                    [position] = await take(1, events)
                    seen.append(position)
                    if position == total:
                        break
                    await asyncio.sleep(chances.choice([0, 0, 0, 0.002]))
        assert seen == list(range(start + 1, total + 1))

    async with asyncio.TaskGroup() as tasks:
        # Someone always listens, so that the last announcement, which is never lost, finds a stream.
        tasks.create_task(write())
        for _ in range(4):
            tasks.create_task(read())


async def test_what_nobody_announced_is_read_from_the_log_once_its_number_is_known() -> None:
    log = Log()
    broker = Broker(log.read)
    with subscribed(broker, KILLARNEY, after=0) as events:
        broker.publish(log.record())
        assert await take(1, events) == [1]
        log.record()
        log.record()
        broker.advance(KILLARNEY, 3)
        assert await take(2, events) == [2, 3]


async def test_before_anything_is_announced_a_known_number_wakes_whoever_waits() -> None:
    log = Log()
    broker = Broker(log.read)
    with subscribed(broker, KILLARNEY, after=0) as events:
        taking = asyncio.create_task(take(2, events))
        while log.reads == 0:
            await asyncio.sleep(0)
        log.record()
        log.record()
        broker.advance(KILLARNEY, 2)
        assert await taking == [1, 2]


async def test_a_number_that_is_known_already_costs_no_reading() -> None:
    log = Log()
    broker = Broker(log.read)
    with subscribed(broker, KILLARNEY, after=0) as events:
        broker.publish(log.record())
        assert await take(1, events) == [1]
        waiting = asyncio.create_task(take(1, events))
        reads = log.reads
        for _ in range(3):
            broker.advance(KILLARNEY, 1)
            await asyncio.sleep(0.06)
        assert log.reads == reads
        broker.publish(log.record())
        assert await waiting == [2]


async def test_a_late_announcement_does_not_hide_what_is_known_to_follow_it() -> None:
    log = Log()
    broker = Broker(log.read)
    late = log.record()
    log.record()
    with subscribed(broker, KILLARNEY, after=2) as events:
        taking = asyncio.create_task(take(1, events))
        broker.advance(KILLARNEY, 2)
        broker.publish(late)
        with subscribed(broker, KILLARNEY, after=1) as others:
            assert await take(1, others) == [2]
        broker.publish(log.record())
        assert await taking == [3]


async def test_a_hotel_is_followed_elsewhere_for_as_long_as_somebody_listens_here() -> None:
    followed: set[int] = set()

    @contextmanager
    def follow(hotel_id: int) -> Iterator[None]:
        followed.add(hotel_id)
        yield
        followed.remove(hotel_id)

    broker = Broker(Log().read, follow=follow)
    with subscribed(broker, KILLARNEY, after=0):
        with subscribed(broker, KILLARNEY, after=0), subscribed(broker, DUBLIN, after=0):
            assert followed == {KILLARNEY, DUBLIN}
        assert followed == {KILLARNEY}
    assert followed == set()
