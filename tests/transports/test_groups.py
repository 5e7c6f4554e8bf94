"""A group and its members, against a log in memory and clients whose speed is given."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import pytest

from hotelmate.errors import CursorExpired
from hotelmate.events.broker import Broker
from hotelmate.events.catalogue import GalleryReordered
from hotelmate.events.log import Event
from hotelmate.schema.transports import groups
from hotelmate.schema.transports.groups import Group, Member, Slices, Update
from hotelmate.schema.transports.operations import RequestError

HOTEL = 1
UNSENT_BYTES = 10
START = datetime(2026, 3, 1, tzinfo=UTC)


class Log:
    """A log in memory whose reads take a while; what follows `kept_after` can be read."""

    def __init__(self, chances: random.Random) -> None:
        self.events: list[Event] = []
        self.kept_after = 0
        self._chances = chances

    def record(self) -> Event:
        seq = len(self.events) + 1
        data = GalleryReordered(gallery=(f"/{seq}",))
        self.events.append(Event(seq, HOTEL, "killarney", "epoch", seq, START, data))
        return self.events[-1]

    async def read(self, _hotel_id: int, after: int, limit: int) -> list[Event]:
        start = max(after, self.kept_after)
        found = self.events[start : start + limit]
        await asyncio.sleep(self._chances.choice([0, 0, 0.001]))
        return found


class Everything:
    """Selects each event, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def payload(self, event: Event) -> bytes:
        self.asked += 1
        return b"%d" % event.seq


class Client:
    """A client that takes what is written when it wants to."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.unsent_bytes = 0
        self.is_closing = False
        self.room = asyncio.Lock()
        self._taken = asyncio.Event()

    @property
    def seqs(self) -> list[int]:
        return [int(seq) for seq in b"".join(self.writes).split()]

    def write(self, data: bytes) -> None:
        self.writes.append(data)
        self.unsent_bytes += len(data)

    def take(self) -> None:
        self.unsent_bytes = 0
        self._taken.set()
        self._taken = asyncio.Event()

    async def drain(self) -> None:
        # Like uvicorn's: all who wait go on together, and none of them looks again.
        if self.unsent_bytes > UNSENT_BYTES:
            await self._taken.wait()


class Screen(Member):
    __slots__ = ("error",)

    def __init__(self, client: Client) -> None:
        super().__init__(client)  # type: ignore[arg-type]
        self.error: RequestError | None = None

    @property
    def client(self) -> Client:
        assert isinstance(self.writer, Client)
        return self.writer

    def encode(self, updates: Sequence[Update]) -> bytes:
        return b"".join(update.payload + b" " for update in updates)

    def fail(self, error: RequestError) -> None:
        self.error = error


class Hotel:
    """A hotel's log and its broker, and a group of those who follow all of it."""

    def __init__(self, chances: random.Random, *, ring_size: int = 512) -> None:
        self.log = Log(chances)
        self.broker = Broker(self.log.read, ring_size=ring_size)
        self.everything = Everything()
        self.slices = Slices()
        self._group: Group | None = None

    @property
    def is_followed(self) -> bool:
        return self._group is not None

    def join(self, after: int, client: Client | None = None) -> Screen:
        """Have somebody follow, in one group with the others."""
        screen = Screen(client or Client())
        self._group = self._group or self.open()
        self._group.join(screen, after=after)
        return screen

    def ring(self, count: int = 1) -> None:
        for _ in range(count):
            self.broker.publish(self.log.record())

    def open(self) -> Group:
        """Begin another group, where the log is."""
        return Group(
            self.everything,  # type: ignore[arg-type]
            self.broker,
            hotel_id=HOTEL,
            position=len(self.log.events),
            unsent_bytes=UNSENT_BYTES,
            slices=self.slices,
            on_close=self._forget,
        )

    def _forget(self) -> None:
        self._group = None


@pytest.fixture
async def hotel() -> AsyncIterator[Hotel]:
    made = Hotel(random.Random(1))
    keep_open = made.join(0)
    yield made
    keep_open.leave()
    assert not made.is_followed
    assert made.broker.followed_hotels == set()


async def until_seqs(screen: Screen, seqs: list[int]) -> None:
    async with asyncio.timeout(10):
        while screen.client.seqs != seqs:
            assert screen.client.seqs == seqs[: len(screen.client.seqs)]
            await asyncio.sleep(0.001)


async def test_events_of_one_turn_are_executed_once_and_go_out_as_one_write_to_each(hotel: Hotel) -> None:
    screens = [hotel.join(0) for _ in range(3)]
    hotel.ring()
    for screen in screens:
        await until_seqs(screen, [1])
    hotel.ring(5)
    for screen in screens:
        await until_seqs(screen, [1, 2, 3, 4, 5, 6])
        assert screen.client.writes == [b"1 ", b"2 3 4 5 6 "]
        screen.leave()
    assert hotel.everything.asked == 6


async def test_one_that_does_not_read_holds_up_nobody_and_gets_the_rest_when_it_reads(hotel: Hotel) -> None:
    slow, quick = hotel.join(0), hotel.join(0)
    for seq in range(1, 101):
        hotel.ring()
        await until_seqs(quick, list(range(1, seq + 1)))
        quick.client.take()
    # What has been written to it before is all that it costs.
    assert slow.client.unsent_bytes <= UNSENT_BYTES + len(b"100 ")
    while len(slow.client.seqs) < 100:
        slow.client.take()
        await asyncio.sleep(0.001)
    await until_seqs(slow, list(range(1, 101)))
    slow.client.take()
    hotel.ring()
    await until_seqs(slow, list(range(1, 102)))
    for screen in (slow, quick):
        screen.leave()


async def test_whoever_has_read_further_than_the_group_is_sent_nothing_twice(hotel: Hotel) -> None:
    hotel.log.record()
    hotel.log.record()
    ahead = hotel.join(2)
    hotel.broker.publish(hotel.log.events[0])
    hotel.broker.publish(hotel.log.events[1])
    hotel.ring()
    await until_seqs(ahead, [3])
    ahead.leave()


async def test_one_that_the_pruning_has_passed_is_told_and_the_others_go_on(hotel: Hotel) -> None:
    live = hotel.join(0)
    hotel.ring(600)
    while len(live.client.seqs) < 600:
        live.client.take()
        await asyncio.sleep(0.001)
    live.client.take()
    hotel.log.kept_after = 300
    late, early = hotel.join(10), hotel.join(300)
    async with asyncio.timeout(10):
        while late.error is None:
            await asyncio.sleep(0.001)
    assert isinstance(late.error.errors[0].original_error, CursorExpired)
    while len(early.client.seqs) < 300:
        early.client.take()
        await asyncio.sleep(0.001)
    early.client.take()
    hotel.ring()
    await until_seqs(early, list(range(301, 602)))
    await until_seqs(live, list(range(1, 602)))
    for screen in (live, late, early):
        screen.leave()


async def test_what_is_recorded_and_not_yet_announced_is_sent_to_whoever_joins_now(hotel: Hotel) -> None:
    """The group begins where the log is, which the stream has not heard of."""
    others = hotel.join(0)
    hotel.ring(2)
    await until_seqs(others, [1, 2])
    unannounced = hotel.log.record()
    late = Screen(Client())
    hotel.open().join(late, after=2)
    await until_seqs(late, [3])
    hotel.broker.publish(unannounced)
    hotel.ring()
    for screen, seqs in ((others, [1, 2, 3, 4]), (late, [3, 4])):
        await until_seqs(screen, seqs)
        screen.leave()


async def test_one_that_the_pruning_of_all_there_was_has_passed_is_told() -> None:
    hotel = Hotel(random.Random(1))
    for _ in range(3):
        hotel.log.record()
    hotel.log.kept_after = 3
    late = hotel.join(1)
    async with asyncio.timeout(10):
        while late.error is None:
            await asyncio.sleep(0.001)
    assert isinstance(late.error.errors[0].original_error, CursorExpired)
    assert not hotel.is_followed


async def test_those_behind_on_one_connection_do_not_all_write_when_it_has_room() -> None:
    hotel = Hotel(random.Random(1))
    client = Client()
    screens = [hotel.join(0, client) for _ in range(100)]
    hotel.ring(40)
    most_unsent = 0
    async with asyncio.timeout(10):
        while len(client.seqs) < 100 * 40:
            most_unsent = max(most_unsent, client.unsent_bytes)
            client.take()
            await asyncio.sleep(0)
    # What sixteen events are is written at once.
    assert most_unsent <= UNSENT_BYTES + 16 * len(b"40 ")
    for screen in screens:
        screen.leave()


async def test_many_groups_do_not_hold_up_the_loop_with_one_event(monkeypatch: pytest.MonkeyPatch) -> None:
    """With slices that are over at once, others are served between any two that execute it."""
    monkeypatch.setattr(groups, "_SLICE_SECONDS", 0)
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    executed_in: list[int] = []

    class Noting(Everything):
        def payload(self, event: Event) -> bytes:
            executed_in.append(turns)
            return super().payload(event)

    hotel = Hotel(random.Random(1))
    hotel.everything = Noting()
    screens = []
    for _ in range(50):
        screens.append(Screen(Client()))
        hotel.open().join(screens[-1], after=0)
    await asyncio.sleep(0.01)
    serving = asyncio.create_task(others())
    hotel.ring()
    for screen in screens:
        await until_seqs(screen, [1])
        screen.leave()
    serving.cancel()
    assert len(set(executed_in)) == 50


async def test_when_the_stream_fails_every_member_is_told_and_the_next_begins_anew() -> None:
    hotel = Hotel(random.Random(1))
    screens = [hotel.join(0) for _ in range(3)]

    async def fail(*_: object) -> list[Event]:
        raise RuntimeError("the log is broken")

    hotel.broker._streams[HOTEL]._read_log = fail
    async with asyncio.timeout(10):
        while hotel.is_followed:
            await asyncio.sleep(0.001)
    assert all(screen.error is not None for screen in screens)
    after = hotel.join(0)
    hotel.ring()
    await until_seqs(after, [1])
    after.leave()
    assert not hotel.is_followed


@pytest.mark.parametrize("round_", range(40))
async def test_nothing_is_lost_or_doubled_whatever_the_schedule(
    round_: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Screens that join with and without `after`, stall, read and leave, while events come in bursts."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chances = random.Random(seed)
    monkeypatch.setattr(groups, "_MEMBERS_AT_ONCE", chances.choice([1, 2, 256]))
    monkeypatch.setattr(groups, "_EVENTS_AT_ONCE", chances.choice([1, 3, 16]))
    monkeypatch.setattr(groups, "_SLICE_SECONDS", chances.choice([0, 0.0001, 0.005]))
    hotel = Hotel(chances, ring_size=chances.choice([1, 4, 50]))
    total = 150
    # Without anybody there is no stream; and it reads everything.
    witness = hotel.join(0)

    async def record() -> None:
        while len(hotel.log.events) < total:
            burst = [hotel.log.record() for _ in range(chances.choice([1, 1, 2, 20]))]
            chances.shuffle(burst)
            for event in burst:
                hotel.broker.publish(event)
            await asyncio.sleep(chances.choice([0, 0, 0.001]))

    async def watch() -> None:
        start = chances.randrange(len(hotel.log.events) + 1)
        for _ in range(chances.randrange(1, 5)):
            screen = hotel.join(start)
            for _ in range(chances.randrange(12)):
                await asyncio.sleep(chances.choice([0, 0.001, 0.002]))
                if chances.random() < 0.7:
                    screen.client.take()
            screen.leave()
            written = len(screen.client.writes)
            await asyncio.sleep(chances.choice([0, 0.001]))
            assert len(screen.client.writes) == written, "something was sent after it had left"
            seqs = screen.client.seqs
            assert seqs == list(range(start + 1, start + 1 + len(seqs)))
            start += len(seqs)
        screen = hotel.join(start)
        async with asyncio.timeout(20):
            while len(screen.client.seqs) < len(hotel.log.events) - start or len(hotel.log.events) < total:
                await asyncio.sleep(0.001)
                screen.client.take()
        assert screen.client.seqs == list(range(start + 1, len(hotel.log.events) + 1))
        screen.leave()

    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        tasks.create_task(record())
        for _ in range(5):
            tasks.create_task(watch())
            await asyncio.sleep(chances.choice([0, 0.003]))
    while len(witness.client.seqs) < len(hotel.log.events):
        witness.client.take()
        await asyncio.sleep(0.001)
    assert witness.client.seqs == list(range(1, len(hotel.log.events) + 1))
    witness.leave()
    assert not hotel.is_followed
