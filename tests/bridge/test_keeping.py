"""A hotel stays with its bridge between events that follow each other closely, and nobody waits for long."""

from dataclasses import replace

from sqlalchemy.event import listen

from hotelmate.bridge.keeping import following
from hotelmate.bridge.pusher_client import PusherSender
from hotelmate.database import Database
from hotelmate.models import Hotel
from tests.bridge.helpers import QUICK, cursor_of, deletion, delivered, delivering, eventually, record
from tests.bridge.pusher_endpoint import PusherEndpoint

NEVER_POLLS = replace(QUICK, poll_seconds=3600)
KEEPS = replace(NEVER_POLLS, keep_seconds=3600)


def statements_of(database: Database) -> list[str]:
    """What is asked of the database from now on."""
    statements: list[str] = []
    for engine in database.engines:
        listen(engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    return statements


async def polled(statements: list[str]) -> None:
    """Return once a bridge has looked for what is due, which ends with dead letters."""
    await eventually(lambda: any("dead_letter" in statement for statement in statements))


async def test_events_that_follow_each_other_closely_cost_one_lease(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    record(database, killarney)
    async with delivering(database, sender, timing=KEEPS) as bridge:
        await endpoint.received(at_least=1)  # so the only poll has passed
        for number in range(2, 6):
            [event] = record(database, killarney)
            bridge.wake(event)
            await endpoint.received(at_least=number)
        cursor = cursor_of(database, killarney)
        assert cursor.lease_token == 1
        assert cursor.lease_owner is not None
    assert [message.seq for message in await endpoint.received()] == [1, 2, 3, 4, 5]
    # Who stops leaves nothing for others to wait for.
    cursor = cursor_of(database, killarney)
    assert (cursor.delivered_seq, cursor.lease_owner, cursor.lease_token) == (5, None, 1)


async def test_a_hotel_is_given_back_when_nothing_more_happens(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    async with delivering(database, sender, timing=NEVER_POLLS) as bridge:
        [event] = record(database, killarney)
        bridge.wake(event)
        await delivered(database, killarney, up_to=1)
        await eventually(lambda: cursor_of(database, killarney).lease_owner is None)
        assert [message.seq for message in await endpoint.received()] == [1]


async def test_what_another_process_records_while_a_hotel_is_kept_follows_without_a_poll(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    timing = replace(NEVER_POLLS, keep_seconds=0.5)
    async with (
        delivering(database, sender, timing=timing) as first,
        delivering(database, sender, timing=timing) as second,
    ):
        [event] = record(database, killarney)
        first.wake(event)
        await endpoint.received(at_least=1)
        [event] = record(database, killarney)
        second.wake(event)
        assert [message.seq for message in await endpoint.received(at_least=2)] == [1, 2]


async def test_who_keeps_a_hotel_sends_at_once_what_another_process_asks_for(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    asked: list[int] = []
    statements = statements_of(database)
    async with delivering(database, sender, timing=KEEPS) as first:
        await polled(statements)
        [event] = record(database, killarney)
        first.wake(event)
        await endpoint.received(at_least=1)

        def ask_first(hotel_id: int) -> None:
            asked.append(hotel_id)
            first.go_on(hotel_id)

        async with delivering(database, sender, timing=KEEPS, ask_others=ask_first) as second:
            for number in range(2, 5):
                [event] = record(database, killarney)
                second.wake(event)
                await endpoint.received(at_least=number)
    assert [message.seq for message in await endpoint.received()] == [1, 2, 3, 4]
    assert asked == [killarney.id] * 3


async def test_what_is_asked_for_while_a_request_is_under_way_follows_it(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    async with delivering(database, sender, timing=KEEPS) as first:
        await endpoint.fail(seconds=1, takes=True, times=1)
        [event] = record(database, killarney)
        first.wake(event)
        await endpoint.received(at_least=1)
        async with delivering(database, sender, timing=KEEPS, ask_others=first.go_on) as second:
            [event] = record(database, killarney)
            second.wake(event)
            assert [message.seq for message in await endpoint.received(at_least=2)] == [1, 2]


async def test_a_hotel_that_is_not_here_is_not_looked_at(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    statements = statements_of(database)
    async with delivering(database, sender, timing=NEVER_POLLS) as bridge:
        await polled(statements)
        record(database, killarney)
        statements.clear()
        bridge.go_on(killarney.id)
    assert statements == []
    assert await endpoint.received() == []


async def test_what_was_not_heard_of_is_read_from_the_log(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    async with delivering(database, sender, timing=KEEPS) as bridge:
        events = record(database, killarney, *[deletion()] * 150)
        # So many that not all are remembered, the newest first, and one of them missing.
        for event in [*reversed(events[:70]), *events[71:]]:
            bridge.wake(event)
        received = await endpoint.received(at_least=150)
        assert [message.seq for message in received] == list(range(1, 151))
        first, _, third = record(database, killarney, *[deletion()] * 3)
        for event in (third, first):
            bridge.wake(event)
        received = await endpoint.received(at_least=153)
    assert [message.seq for message in received] == list(range(1, 154))


def test_only_what_follows_without_a_gap_is_known_to_be_all(database: Database, killarney: Hotel) -> None:
    first, second, third = record(database, killarney, *[deletion()] * 3)
    assert following([first, second, third], 0) == [first, second, third]
    assert following([first, second, third], 2) == [third]
    assert following([first, third], 0) is None
    assert following([second], 0) is None
    assert following([first, second], 2) is None
    assert following([], 0) is None
