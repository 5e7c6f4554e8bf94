"""Events reach Pusher in order and from where they stood, whatever happens on the way."""

import asyncio
import random
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hotelmate.bridge.pusher_client import PusherSender
from hotelmate.bridge.timing import Timing
from hotelmate.database import Database
from hotelmate.events.catalogue import BookingCheckedOut, BookingCreated
from hotelmate.models import BookingStatus, BridgeCursor, Hotel
from tests.bridge.helpers import (
    QUICK,
    cursor_of,
    deletion,
    delivered,
    delivering,
    eventually,
    letters_of,
    record,
    record_each,
)
from tests.bridge.outage import outage
from tests.bridge.pusher_endpoint import PusherEndpoint, Received

NEVER_POLLS = replace(QUICK, poll_seconds=3600)


async def test_what_was_recorded_before_the_start_arrives_in_order(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    record_each(database, killarney, 25)
    async with delivering(database, sender):
        received = await endpoint.received(at_least=25)
        await delivered(database, killarney, up_to=25)
    assert [message.seq for message in received] == list(range(1, 26))
    assert [len(request["batch"]) for request in await endpoint.requests()] == [10, 10, 5]


async def test_a_long_backlog_arrives_whole_without_another_poll(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    record(database, killarney, *([deletion()] * 1_050))
    async with delivering(database, sender, timing=NEVER_POLLS):
        received = await endpoint.received(at_least=1_050)
    assert [message.seq for message in received] == list(range(1, 1_051))


async def test_a_wake_from_another_thread_delivers_without_the_poll(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    record(database, killarney)
    async with delivering(database, sender, timing=NEVER_POLLS) as bridge:
        await delivered(database, killarney, up_to=1)  # so the only poll has passed
        threading.Thread(target=bridge.wake, args=record(database, killarney)).start()
        assert [message.seq for message in await endpoint.received(at_least=2)] == [1, 2]


async def test_a_wake_while_a_batch_is_on_its_way_is_not_lost(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    async with delivering(database, sender, timing=NEVER_POLLS) as bridge:
        for seq in range(1, 51):
            bridge.wake(*record(database, killarney))
            await asyncio.sleep(0)
            if seq % 7 == 0:
                await endpoint.received(at_least=seq)
        received = await endpoint.received(at_least=50)
    assert [message.seq for message in received] == list(range(1, 51))


async def test_what_happens_while_the_bridge_is_stopped_arrives_when_it_runs_again(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    record_each(database, killarney, 3)
    async with delivering(database, sender):
        await delivered(database, killarney, up_to=3)
    record_each(database, killarney, 12)
    async with delivering(database, sender):
        received = await endpoint.received(at_least=15)
    assert [message.seq for message in received] == list(range(1, 16))


async def test_an_event_that_the_frontends_do_not_hear_of_is_passed_over(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    created = BookingCreated(booking_id="BK-2026-0001", status=BookingStatus.PENDING_PAYMENT)
    record(database, killarney, created, deletion(), created)
    async with delivering(database, sender):
        await delivered(database, killarney, up_to=3)
    assert [message.seq for message in await endpoint.received()] == [2]


async def test_the_messages_of_one_event_travel_in_one_request(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    left = BookingCheckedOut(booking_id="BK-2026-0001", room_number="101", checked_out_at=datetime.now(UTC))
    record(database, killarney, *([deletion()] * 9), left, left)
    async with delivering(database, sender):
        await delivered(database, killarney, up_to=11)
    assert [len(request["batch"]) for request in await endpoint.requests()] == [9, 4]


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500},
        {"status": 503, "body": "<html>\0"},
        {"status": 429},
        {"status": 401, "body": "Timestamp expired"},
        {"status": 403, "body": "Account over quota"},
        {"status": 404},
        {"status": 302, "headers": {"Location": "/"}},
        {"status": 200, "body": "<html>a captive portal</html>"},
        {"hangs": True},
        {"cuts": True},
    ],
    ids=lambda fault: str(fault.get("status") or next(iter(fault))),
)
async def test_what_may_pass_is_tried_again_without_losing_the_place(
    database: Database,
    killarney: Hotel,
    sender: PusherSender,
    endpoint: PusherEndpoint,
    fault: dict[str, Any],
) -> None:
    await endpoint.fail(**fault, takes=False, times=3)
    record_each(database, killarney, 12)
    timing = replace(QUICK, send_seconds=0.8) if fault.get("hangs") else QUICK
    async with delivering(database, sender, timing=timing):
        received = await endpoint.received(at_least=12)
        await delivered(database, killarney, up_to=12)
    assert [message.seq for message in received] == list(range(1, 13))
    assert len(await endpoint.requests()) == 5
    assert letters_of(database, killarney) == []
    cursor = cursor_of(database, killarney)
    assert (cursor.attempts, cursor.next_try_at, cursor.last_error) == (0, None, None)


async def test_a_pusher_that_cannot_be_reached_is_tried_again_when_it_can(
    database: Database, killarney: Hotel, endpoint: PusherEndpoint, unused_tcp_port: int
) -> None:
    nobody = PusherSender.to_service(endpoint.settings.model_copy(update={"port": unused_tcp_port}))
    record(database, killarney)
    async with delivering(database, nobody):
        await eventually(lambda: cursor_of(database, killarney).attempts >= 3)
    await nobody.close()
    cursor = cursor_of(database, killarney)
    assert cursor.delivered_seq == 0
    assert "Cannot connect to host 127.0.0.1" in (cursor.last_error or "")


async def test_pauses_grow_and_the_reason_is_there_to_read(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    await endpoint.fail(status=503, body="Out of order")
    record(database, killarney)
    timing = replace(QUICK, first_pause_seconds=0.1, longest_pause_seconds=100)
    pauses = []
    async with delivering(database, sender, timing=timing):
        for attempt in range(1, 5):
            await eventually(lambda attempt=attempt: cursor_of(database, killarney).attempts == attempt)  # type: ignore[misc]
            cursor = cursor_of(database, killarney)
            assert cursor.next_try_at is not None
            pauses.append((cursor.next_try_at - datetime.now(UTC)).total_seconds())
    assert cursor.last_error == "503 Out of order"
    # 0.1, 0.2, 0.4, 0.8 s, of which chance takes up to half; looking takes a little as well.
    assert pauses[0] <= 0.1
    assert 0.3 <= pauses[3] <= 0.8


async def test_retry_after_is_heeded(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    await endpoint.fail(status=429, headers={"Retry-After": "30"})
    record(database, killarney)
    async with delivering(database, sender):
        await eventually(lambda: cursor_of(database, killarney).attempts == 1)
        next_try_at = cursor_of(database, killarney).next_try_at
    assert next_try_at is not None
    assert timedelta(seconds=28) < next_try_at - datetime.now(UTC) <= timedelta(seconds=30)


async def test_a_poison_message_becomes_a_dead_letter_and_its_followers_arrive(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    await endpoint.fail(status=400, body="No poison, please", holding="poison")
    events = record(database, killarney, deletion(), deletion("poison"), deletion(), deletion())
    async with delivering(database, sender):
        received = await endpoint.received(at_least=3)
        await delivered(database, killarney, up_to=4)
    assert [message.seq for message in received] == [1, 3, 4]
    [letter] = letters_of(database, killarney)
    assert (letter.event_id, letter.channel, letter.event_name, letter.error, letter.queued_at) == (
        events[1].id,
        "hotel-killarney",
        "offer-deleted",
        "400 No poison, please",
        None,
    )


@pytest.mark.parametrize("status", [400, 413])
async def test_only_the_refused_message_of_an_event_becomes_a_dead_letter(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint, status: int
) -> None:
    await endpoint.fail(status=status, holding="private-guest-booking.BK-2026-0001")
    left = BookingCheckedOut(booking_id="BK-2026-0001", room_number="101", checked_out_at=datetime.now(UTC))
    record(database, killarney, left, deletion())
    async with delivering(database, sender):
        await delivered(database, killarney, up_to=2)
    received = await endpoint.received(at_least=2)
    assert [message.channel for message in received] == ["booking.BK-2026-0001", "hotel-killarney"]
    assert [letter.channel for letter in letters_of(database, killarney)] == [
        "private-guest-booking.BK-2026-0001"
    ]


async def test_an_event_is_delivered_only_when_all_its_messages_are(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    # Together they are refused; then the first is taken, and the second cannot be sent for a while.
    await endpoint.fail(status=400, holding='"booking.BK-2026-0001", "name": "booking_checked_out"', times=1)
    await endpoint.fail(status=500, holding="private-guest-booking.BK-2026-0001", times=1)
    left = BookingCheckedOut(booking_id="BK-2026-0001", room_number="101", checked_out_at=datetime.now(UTC))
    record(database, killarney, left)
    async with delivering(database, sender):
        await delivered(database, killarney, up_to=1)
    received = await endpoint.received(at_least=3)
    assert [message.channel for message in received] == [
        "booking.BK-2026-0001",
        "booking.BK-2026-0001",
        "private-guest-booking.BK-2026-0001",
    ]
    assert received[0] == received[1]
    assert letters_of(database, killarney) == []


async def test_what_is_too_large_for_pusher_is_not_sent_to_it(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    record(database, killarney, deletion(), deletion("é" * 5_200), deletion())
    async with delivering(database, sender):
        await delivered(database, killarney, up_to=3)
    assert [message.seq for message in await endpoint.received()] == [1, 3]
    [letter] = letters_of(database, killarney)
    assert letter.error.endswith("bytes, 10240 are allowed")
    assert {request["status"] for request in await endpoint.requests()} == {200}


async def test_a_hotel_that_waits_does_not_keep_the_others_waiting(
    database: Database, killarney: Hotel, dublin: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    await endpoint.fail(hangs=True, holding="hotel-killarney")
    record(database, killarney)
    async with delivering(
        database, sender, timing=replace(NEVER_POLLS, lease_seconds=60, send_seconds=50)
    ) as bridge:
        await endpoint.requests(at_least=1)
        bridge.wake(*record(database, dublin))
        async with asyncio.timeout(20):  # less than it takes until the request that hangs is given up
            assert [message.channel for message in await endpoint.received(at_least=1)] == ["hotel-dublin"]
        await endpoint.recover()


async def test_stopping_breaks_off_what_hangs_and_leaves_the_hotel_to_others(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    await endpoint.fail(hangs=True)
    record(database, killarney)
    async with delivering(
        database, sender, timing=replace(QUICK, stop_seconds=0.1, lease_seconds=60, send_seconds=50)
    ) as bridge:
        await endpoint.requests(at_least=1)
        assert cursor_of(database, killarney).lease_owner is not None
        async with asyncio.timeout(20):
            await bridge.stop()
    cursor = cursor_of(database, killarney)
    assert (cursor.lease_owner, cursor.lease_until, cursor.delivered_seq) == (None, None, 0)
    await endpoint.recover()
    async with delivering(database, sender):
        assert [message.seq for message in await endpoint.received(at_least=1)] == [1]


async def test_what_arrived_before_a_request_that_is_broken_off_is_not_sent_again(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    await endpoint.fail(hangs=True, holding='\\"seq\\":25,')
    record(database, killarney, *[deletion()] * 30)
    timing = replace(QUICK, stop_seconds=0, lease_seconds=60, send_seconds=50)
    async with delivering(database, sender, timing=timing):
        await endpoint.requests(at_least=3)
    cursor = cursor_of(database, killarney)
    assert (cursor.delivered_seq, cursor.lease_owner) == (20, None)


async def test_stopping_lets_the_batch_on_its_way_arrive(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    record_each(database, killarney, 15)
    async with delivering(database, sender):
        await endpoint.requests(at_least=1)
    arrived = [message.seq for message in await endpoint.received()]
    assert cursor_of(database, killarney).delivered_seq == len(arrived)
    assert arrived in ([*range(1, 11)], [*range(1, 16)])


async def test_a_database_that_is_away_for_a_while_costs_nothing_but_time(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    record(database, killarney)
    async with delivering(database, sender):
        await delivered(database, killarney, up_to=1)
        with outage(database):
            await asyncio.sleep(0.2)  # several polls, all of which fail
        record(database, killarney)
        received = await endpoint.received(at_least=2)
    assert [message.seq for message in received] == [1, 2]


async def test_a_database_that_goes_away_amid_a_backlog_costs_repeats_at_most(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    await endpoint.fail(seconds=0.02)
    record(database, killarney, *[deletion()] * 300)
    async with delivering(database, sender):
        await endpoint.received(at_least=50)
        with outage(database):
            await asyncio.sleep(0.3)  # several requests, and the writes beside them, which fail
        await delivered(database, killarney, up_to=300)
    assert _in_order_of_first_arrival(await endpoint.received(), killarney) == list(range(1, 301))
    assert letters_of(database, killarney) == []


async def test_two_bridges_on_one_database_keep_each_hotels_order(
    database: Database, killarney: Hotel, dublin: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chances = random.Random(seed)
    for status in (500, 429, 503):
        await endpoint.fail(status=status, takes=chances.random() < 0.5, times=chances.randint(1, 3))
    other = PusherSender.to_service(endpoint.settings)
    async with delivering(database, sender) as first, delivering(database, other) as second:
        for _ in range(40):
            hotel = chances.choice([killarney, dublin])
            [event] = await database.run(lambda hotel=hotel: record(database, hotel))  # type: ignore[misc]
            chances.choice([first, second]).wake(event)
            await asyncio.sleep(chances.choice([0, 0, 0.01]))
        await delivered(database, killarney, up_to=_recorded(database, killarney))
        await delivered(database, dublin, up_to=_recorded(database, dublin))
    await other.close()
    received = await endpoint.received()
    for hotel in (killarney, dublin):
        assert _in_order_of_first_arrival(received, hotel) == list(range(1, _recorded(database, hotel) + 1))


async def test_two_bridges_without_trouble_send_each_event_once(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    async with delivering(database, sender) as first, delivering(database, sender) as second:
        for _ in range(30):
            [event] = await database.run(lambda: record(database, killarney))
            first.wake(event)
            second.wake(event)
        await delivered(database, killarney, up_to=30)
    assert [message.seq for message in await endpoint.received()] == list(range(1, 31))


async def test_a_lease_is_renewed_for_as_long_as_its_holder_is_at_work(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    await endpoint.fail(status=400, seconds=0.4, holding="poison")
    record(database, killarney, *[deletion("poison")] * 4, *[deletion()] * 12)
    timing = replace(QUICK, lease_seconds=1.6, send_seconds=1.5)
    async with delivering(database, sender, timing=timing), delivering(database, sender, timing=timing):
        await delivered(database, killarney, up_to=16)
    assert [message.seq for message in await endpoint.received()] == list(range(5, 17))
    assert [len(request["batch"]) for request in await endpoint.requests()] == [10, *[1] * 10, 6]


async def test_a_holder_whose_hotel_was_taken_over_sends_nothing_more(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    await endpoint.fail(seconds=0.3, times=1)
    record_each(database, killarney, 30)
    # When the answer comes, the lease may have run out before another one would.
    timing = replace(NEVER_POLLS, lease_seconds=3.2, send_seconds=2)
    async with delivering(database, sender, timing=timing):
        await endpoint.requests(at_least=1)
        with database.transaction() as transaction:
            cursor = transaction.get_one(BridgeCursor, killarney.id)
            cursor.lease_owner, cursor.lease_token = "another", cursor.lease_token + 1
            transaction.add(cursor)
        await asyncio.sleep(0.5)  # the answer comes meanwhile, and is the last that this one hears
    assert len(await endpoint.requests()) == 1
    cursor = cursor_of(database, killarney)
    assert (cursor.delivered_seq, cursor.lease_owner, cursor.attempts) == (0, "another", 0)


async def test_the_next_batch_does_not_wait_until_the_one_before_is_written_down(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    await endpoint.fail(seconds=0.3, times=1)
    record(database, killarney, *[deletion()] * 45)
    async with delivering(database, sender, timing=NEVER_POLLS):
        await endpoint.requests(at_least=1)
        with database.transaction() as transaction:
            cursor = transaction.get_one(BridgeCursor, killarney.id, with_for_update=True)
            assert [message.seq for message in await endpoint.received(at_least=45)] == list(range(1, 46))
            assert cursor.delivered_seq == 0
        await delivered(database, killarney, up_to=45)
    assert cursor_of(database, killarney).lease_owner is None


async def test_what_another_process_records_while_a_batch_is_on_its_way_follows_without_a_poll(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    async with (
        delivering(database, sender, timing=NEVER_POLLS) as first,
        delivering(database, sender, timing=NEVER_POLLS) as second,
    ):
        await endpoint.fail(seconds=0.3, times=1)
        first.wake(*record(database, killarney))
        await endpoint.requests(at_least=1)
        second.wake(*record(database, killarney))
        assert [message.seq for message in await endpoint.received(at_least=2)] == [1, 2]


def test_a_hotel_is_taken_over_within_ten_seconds_of_its_holders_death() -> None:
    usual = Timing()
    assert usual.lease_seconds + usual.poll_seconds < 10


def _recorded(database: Database, hotel: Hotel) -> int:
    with database.reading() as reading:
        return reading.get_one(Hotel, hotel.id).seq


def _in_order_of_first_arrival(received: list[Received], hotel: Hotel) -> list[int]:
    """What a frontend shows that drops what it has seen."""
    return list(dict.fromkeys(each.seq for each in received if each.channel == f"hotel-{hotel.slug}"))
