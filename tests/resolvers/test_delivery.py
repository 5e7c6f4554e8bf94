"""Staff see how far the bridge has come for their hotel, and have what failed sent again."""

from datetime import timedelta

import pytest
from sqlmodel import select

from hotelmate.database import Database, Transaction
from hotelmate.identity.actors import StaffActor
from hotelmate.models import BridgeCursor, DeadLetter, EventRecord, Hotel
from hotelmate.resolvers.clocking import toggle_clock
from hotelmate.resolvers.delivery import DeliveryState, dead_letters, delivery_state, retry_dead_letters
from tests.resolvers.steps import AT, change, look

MINUTE = timedelta(minutes=1)


@pytest.fixture
def three_events(database: Database, anna: StaffActor, carla: StaffActor) -> None:
    """Three events of killarney, a minute apart, and one of dublin."""
    for minute in range(3):
        change(database, toggle_clock, anna, at=AT + minute * MINUTE)
    change(database, toggle_clock, carla, at=AT)


def deliver(transaction: Transaction, hotel: Hotel, seq: int, *, last_error: str | None = None) -> None:
    cursor = transaction.get(BridgeCursor, hotel.id) or BridgeCursor(hotel_id=hotel.id)
    cursor.delivered_seq, cursor.last_error = seq, last_error
    transaction.add(cursor)


def fail(transaction: Transaction, hotel: Hotel, seq: int) -> None:
    event_id = transaction.exec(
        select(EventRecord.id).where(EventRecord.hotel_id == hotel.id, EventRecord.seq == seq)
    ).one()
    letter = DeadLetter(
        hotel_id=hotel.id,
        event_id=event_id,
        channel=f"hotel-{hotel.slug}",
        event_name="clock-status-updated",
        error="413 too large",
        failed_at=AT + 5 * MINUTE,
    )
    transaction.add(letter)


@pytest.mark.usefixtures("three_events")
def test_what_was_never_delivered_is_pending_from_the_first_event_on(
    database: Database, anna: StaffActor
) -> None:
    state = look(database, delivery_state, anna, at=AT + 10 * MINUTE)
    assert state == DeliveryState(
        delivered_seq=0,
        latest_seq=3,
        pending=3,
        oldest_pending_seconds=600.0,
        last_error=None,
        dead_letter_count=0,
    )


@pytest.mark.usefixtures("three_events")
def test_what_follows_the_last_delivered_event_is_pending(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    change(database, deliver, killarney, 2, last_error="503 from Pusher")
    state = look(database, delivery_state, anna, at=AT + 10 * MINUTE)
    assert (state.delivered_seq, state.latest_seq, state.pending) == (2, 3, 1)
    assert state.oldest_pending_seconds == 480.0
    assert state.last_error == "503 from Pusher"


@pytest.mark.usefixtures("three_events")
def test_nothing_is_pending_when_all_is_delivered(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    change(database, deliver, killarney, 3)
    state = look(database, delivery_state, anna, at=AT)
    assert (state.pending, state.oldest_pending_seconds) == (0, None)


@pytest.mark.usefixtures("three_events")
def test_an_event_from_a_clock_that_is_ahead_has_waited_for_no_time(
    database: Database, anna: StaffActor
) -> None:
    assert look(database, delivery_state, anna, at=AT - MINUTE).oldest_pending_seconds == 0.0


@pytest.mark.usefixtures("three_events")
def test_dead_letters_are_listed_with_their_events_oldest_first(
    database: Database, killarney: Hotel, dublin: Hotel, anna: StaffActor
) -> None:
    for hotel, seq in ((killarney, 2), (dublin, 1), (killarney, 3)):
        change(database, fail, hotel, seq)
    letters = look(database, dead_letters, anna)
    assert look(database, delivery_state, anna, at=AT).dead_letter_count == 2
    assert [letter.event.seq for letter in letters] == [2, 3]
    assert {letter.event.hotel_slug for letter in letters} == {"killarney"}
    assert (letters[0].channel, letters[0].event_name) == ("hotel-killarney", "clock-status-updated")
    assert (letters[0].error, letters[0].failed_at) == ("413 too large", AT + 5 * MINUTE)


@pytest.mark.usefixtures("three_events")
def test_the_hotels_dead_letters_are_queued_once(
    database: Database, killarney: Hotel, dublin: Hotel, anna: StaffActor
) -> None:
    for hotel, seq in ((killarney, 2), (dublin, 1), (killarney, 3)):
        change(database, fail, hotel, seq)
    assert change(database, retry_dead_letters, anna, at=AT) == 2
    assert change(database, retry_dead_letters, anna, at=AT + MINUTE) == 0
    with database.reading() as reading:
        queued = {letter.hotel_id: letter.queued_at for letter in reading.exec(select(DeadLetter))}
    assert queued == {killarney.id: AT, dublin.id: None}
