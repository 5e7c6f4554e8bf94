"""Staff read their hotel's log from a cursor on, or from its beginning."""

from datetime import timedelta

import pytest
from sqlmodel import select

from hotelmate.database import Database, take_turn
from hotelmate.errors import BadUserInput, CursorExpired
from hotelmate.events import log
from hotelmate.events.cursor import Cursor
from hotelmate.identity.actors import StaffActor
from hotelmate.models import BridgeCursor, Hotel
from hotelmate.resolvers.clocking import toggle_clock
from hotelmate.resolvers.event_log import events_after
from tests.resolvers.steps import AT, change, look


@pytest.fixture
def log_of_five(database: Database, anna: StaffActor, carla: StaffActor) -> None:
    """Five events of killarney, an hour apart, and one of dublin."""
    for hour in range(5):
        change(database, toggle_clock, anna, at=AT + timedelta(hours=hour))
    change(database, toggle_clock, carla, at=AT)


def seqs(database: Database, actor: StaffActor, *, after: str | None = None, first: int = 100) -> list[int]:
    return [event.seq for event in look(database, events_after, actor, after=after, first=first)]


@pytest.mark.usefixtures("log_of_five")
def test_the_log_is_read_from_its_beginning_or_after_a_cursor(
    database: Database, killarney: Hotel, anna: StaffActor, carla: StaffActor
) -> None:
    assert seqs(database, anna) == [1, 2, 3, 4, 5]
    assert seqs(database, anna, first=2) == [1, 2]
    assert seqs(database, anna, first=0) == []
    assert seqs(database, anna, after=str(Cursor(killarney.epoch, 3))) == [4, 5]
    assert seqs(database, anna, after=str(Cursor(killarney.epoch, 5))) == []
    assert seqs(database, carla) == [1]
    [event] = look(database, events_after, anna, after=None, first=1)
    assert seqs(database, anna, after=event.cursor) == [2, 3, 4, 5]


@pytest.mark.usefixtures("log_of_five")
def test_a_log_that_was_pruned_begins_with_what_is_kept(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    with database.transaction() as transaction:
        hotel = take_turn(transaction, killarney.id)
        cursor = transaction.exec(select(BridgeCursor).where(BridgeCursor.hotel_id == hotel.id)).first()
        cursor = cursor or BridgeCursor(hotel_id=hotel.id)
        cursor.delivered_seq = 5
        transaction.add(cursor)
        transaction.flush()
        assert log.prune(transaction, hotel, before=AT + timedelta(hours=3)) == 3
    assert seqs(database, anna) == [4, 5]
    assert seqs(database, anna, after=str(Cursor(killarney.epoch, 3))) == [4, 5]
    with pytest.raises(CursorExpired):
        seqs(database, anna, after=str(Cursor(killarney.epoch, 2)))


@pytest.mark.usefixtures("log_of_five")
def test_a_cursor_from_elsewhere_has_expired(
    database: Database, killarney: Hotel, dublin: Hotel, anna: StaffActor
) -> None:
    for cursor in (Cursor(dublin.epoch, 1), Cursor(killarney.epoch, 6), Cursor("restored", 1)):
        with pytest.raises(CursorExpired):
            seqs(database, anna, after=str(cursor))


def test_a_reading_has_up_to_five_hundred_events(database: Database, anna: StaffActor) -> None:
    assert seqs(database, anna, first=500) == []
    for first in (-1, 501):
        with pytest.raises(BadUserInput) as refused:
            seqs(database, anna, first=first)
        assert refused.value.field == "first"
    with pytest.raises(BadUserInput) as refused:
        seqs(database, anna, after="?")
    assert refused.value.field == "after"
