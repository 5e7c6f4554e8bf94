"""Dead letters are sent again when somebody asks for it, in order, and in nobody's way."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

from hotelmate.bridge.pusher_client import PusherSender
from hotelmate.database import Database
from hotelmate.events.catalogue import BookingCheckedIn
from hotelmate.models import Hotel
from hotelmate.settings import ChannelVisibility
from tests.bridge.helpers import (
    LEGACY,
    QUICK,
    deletion,
    delivered,
    delivering,
    eventually,
    letters_of,
    queue_letters,
    record,
)
from tests.bridge.pusher_endpoint import PusherEndpoint


async def bury_three(
    database: Database, hotel: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    """Have the events 1, 2 and 4 of a hotel refused."""
    await endpoint.fail(status=400, holding="poison")
    poison = deletion("poison")
    record(database, hotel, poison, poison, deletion(), poison)
    async with delivering(database, sender):
        await delivered(database, hotel, up_to=4)
    assert len(letters_of(database, hotel)) == 3
    await endpoint.reset()


async def test_queued_letters_are_sent_in_the_order_of_their_events(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    await bury_three(database, killarney, sender, endpoint)
    queue_letters(database, killarney)
    async with delivering(database, sender):
        received = await endpoint.received(at_least=3)
        await eventually(lambda: letters_of(database, killarney) == [])
    assert [message.seq for message in received] == [1, 2, 4]


async def test_letters_that_nobody_queued_stay(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    await bury_three(database, killarney, sender, endpoint)
    async with delivering(database, sender):
        record(database, killarney)
        await delivered(database, killarney, up_to=5)
    assert [message.seq for message in await endpoint.received()] == [5]
    assert len(letters_of(database, killarney)) == 3


async def test_a_letter_that_is_refused_again_waits_to_be_queued_again(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    await bury_three(database, killarney, sender, endpoint)
    before = letters_of(database, killarney)[1]
    await endpoint.fail(status=413, body="Still too much", holding='\\"seq\\":2,')
    queue_letters(database, killarney)
    async with delivering(database, sender):
        received = await endpoint.received(at_least=2)
        await eventually(lambda: len(letters_of(database, killarney)) == 1)
    assert [message.seq for message in received] == [1, 4]
    [letter] = letters_of(database, killarney)
    assert letter.id == before.id
    assert (letter.error, letter.queued_at, letter.next_try_at) == ("413 Still too much", None, None)
    assert letter.failed_at > before.failed_at


async def test_a_letter_that_cannot_be_sent_now_is_tried_again(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    await bury_three(database, killarney, sender, endpoint)
    await endpoint.fail(status=500, times=3)
    queue_letters(database, killarney)
    async with delivering(database, sender):
        received = await endpoint.received(at_least=3)
        await eventually(lambda: letters_of(database, killarney) == [])
    assert [message.seq for message in received] == [1, 2, 4]
    assert [request["status"] for request in await endpoint.requests()] == [500, 500, 500, 200, 200, 200]


async def test_a_letter_that_hangs_does_not_keep_live_events_waiting(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    await bury_three(database, killarney, sender, endpoint)
    await endpoint.fail(hangs=True, holding="poison")
    queue_letters(database, killarney)
    async with delivering(
        database, sender, timing=replace(QUICK, lease_seconds=60, send_seconds=50)
    ) as bridge:
        await endpoint.requests(at_least=1)
        for _ in range(3):
            bridge.wake(*record(database, killarney))
        async with asyncio.timeout(20):  # less than it takes until the letter that hangs is given up
            assert [message.seq for message in await endpoint.received(at_least=3)] == [5, 6, 7]
        await endpoint.recover()
        received = await endpoint.received(at_least=6)
    assert [message.seq for message in received] == [5, 6, 7, 1, 2, 4]


async def test_a_letter_whose_channel_the_settings_have_closed_says_so(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    await bury_three(database, killarney, sender, endpoint)
    queue_letters(database, killarney)
    private = replace(LEGACY, hotel_channels=ChannelVisibility.PRIVATE)
    async with delivering(database, sender, legacy=private):
        await eventually(lambda: all(letter.queued_at is None for letter in letters_of(database, killarney)))
    errors = {letter.error for letter in letters_of(database, killarney)}
    assert errors == {"the settings no longer send this event to this channel"}
    assert await endpoint.requests() == []


async def test_a_letter_that_cannot_be_told_says_so_and_does_not_hold_up_the_others(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    def lock_the_safe(reference: str, nonce: str) -> str:
        raise RuntimeError("no tokens today")

    now = datetime.now(UTC)
    arrived = BookingCheckedIn(
        booking_id="BK-2026-0001", room_number="101", checked_in_at=now, guest_token_nonce="n"
    )
    await endpoint.fail(status=400)
    record(database, killarney, arrived, deletion())
    async with delivering(database, sender):
        await delivered(database, killarney, up_to=2)
    await endpoint.reset()
    queue_letters(database, killarney)
    async with delivering(database, sender, legacy=replace(LEGACY, issue_guest_token=lock_the_safe)):
        assert [message.seq for message in await endpoint.received(at_least=1)] == [2]
        await eventually(lambda: len(letters_of(database, killarney)) == 2)
    assert {letter.error for letter in letters_of(database, killarney)} == {"RuntimeError, see the log"}


async def test_two_bridges_send_each_letter_once(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    await bury_three(database, killarney, sender, endpoint)
    queue_letters(database, killarney)
    async with delivering(database, sender), delivering(database, sender):
        await eventually(lambda: letters_of(database, killarney) == [])
    assert [message.seq for message in await endpoint.received()] == [1, 2, 4]


async def test_a_letter_whose_sender_died_is_sent_by_another(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    await bury_three(database, killarney, sender, endpoint)
    await endpoint.fail(hangs=True, times=1)
    queue_letters(database, killarney)
    timing = replace(QUICK, lease_seconds=0.5, stop_seconds=0)
    async with delivering(database, sender, timing=timing):
        await endpoint.requests(at_least=1)
    assert len(letters_of(database, killarney)) == 3
    async with delivering(database, sender), asyncio.timeout(20):
        received = await endpoint.received(at_least=3)
    assert [message.seq for message in received] == [1, 2, 4]
