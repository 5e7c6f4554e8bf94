"""A hotel stays with its bridge between events that follow each other closely, and nobody waits for long."""

from dataclasses import replace

from hotelmate.bridge.keeping import following
from hotelmate.bridge.pusher_client import PusherSender
from hotelmate.database import Database
from hotelmate.models import Hotel
from tests.bridge.helpers import QUICK, cursor_of, deletion, delivered, delivering, eventually, record
from tests.bridge.pusher_endpoint import PusherEndpoint

NEVER_POLLS = replace(QUICK, poll_seconds=3600)
KEEPS = replace(NEVER_POLLS, keep_seconds=3600)


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
