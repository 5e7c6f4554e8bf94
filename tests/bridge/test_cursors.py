"""Only who holds a hotel's lease moves its cursor, and a lease can always be had again."""

from datetime import UTC, datetime, timedelta

import pytest

from hotelmate.bridge import cursors
from hotelmate.bridge.cursors import Lease, LeaseLost
from hotelmate.database import Database
from hotelmate.models import Hotel
from tests.bridge.helpers import cursor_of, record

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(seconds=15)
A_MINUTE = timedelta(minutes=1)


def take(database: Database, hotel: Hotel, owner: str, *, at: datetime = NOW) -> Lease | None:
    with database.transaction() as transaction:
        return cursors.take(
            transaction, hotel_id=hotel.id, owner=owner, at=at, until=at + timedelta(seconds=15)
        )


def take_anyway(database: Database, hotel: Hotel, owner: str, *, at: datetime = NOW) -> Lease:
    lease = take(database, hotel, owner, at=at)
    assert lease is not None
    return lease


def put_off(database: Database, lease: Lease, *, at: datetime = NOW) -> None:
    with database.transaction() as transaction:
        cursors.put_off(
            transaction, lease, at=at, pause_after=lambda attempts: attempts * A_MINUTE, error="503"
        )


def move(database: Database, lease: Lease, *, to: int) -> None:
    with database.transaction() as transaction:
        cursors.move(transaction, lease, to=to, until=LATER)


def due(database: Database, owner: str, *, at: datetime = NOW) -> list[int]:
    with database.reading() as reading:
        return cursors.due_hotels(reading, owner=owner, at=at)


def test_one_owner_at_a_time_has_a_hotel(database: Database, killarney: Hotel, dublin: Hotel) -> None:
    take_anyway(database, killarney, "first")
    assert take(database, killarney, "second") is None
    assert take(database, dublin, "second") is not None


def test_a_lease_that_was_taken_over_moves_nothing(database: Database, killarney: Hotel) -> None:
    stale = take_anyway(database, killarney, "first")
    move(database, stale, to=3)
    take_anyway(database, killarney, "second", at=LATER)
    with pytest.raises(LeaseLost):
        move(database, stale, to=5)
    with pytest.raises(LeaseLost):
        put_off(database, stale)
    cursor = cursor_of(database, killarney)
    assert (cursor.delivered_seq, cursor.attempts, cursor.lease_owner) == (3, 0, "second")


def test_a_lease_that_was_given_back_moves_nothing(database: Database, killarney: Hotel) -> None:
    lease = take_anyway(database, killarney, "first")
    with database.transaction() as transaction:
        cursors.give_back(transaction, lease)
    with pytest.raises(LeaseLost):
        move(database, lease, to=1)
    assert cursor_of(database, killarney).delivered_seq == 0


def test_a_lease_goes_on_where_the_one_before_had_come_to(database: Database, killarney: Hotel) -> None:
    move(database, take_anyway(database, killarney, "first"), to=7)
    assert take_anyway(database, killarney, "second", at=LATER).delivered_seq == 7


def test_an_owner_that_could_not_give_its_lease_back_takes_it_again(
    database: Database, killarney: Hotel
) -> None:
    record(database, killarney)
    stale = take_anyway(database, killarney, "first")
    assert due(database, "first") == [killarney.id]
    assert due(database, "second") == []
    take_anyway(database, killarney, "first")
    with pytest.raises(LeaseLost):
        move(database, stale, to=1)


def test_a_hotel_that_was_put_off_is_nobodys_until_then(database: Database, killarney: Hotel) -> None:
    record(database, killarney)
    put_off(database, take_anyway(database, killarney, "first"))
    for owner in ("first", "second"):
        assert take(database, killarney, owner, at=NOW + timedelta(seconds=59)) is None
        assert due(database, owner, at=NOW + timedelta(seconds=59)) == []
    assert due(database, "second", at=NOW + A_MINUTE) == [killarney.id]
    put_off(database, take_anyway(database, killarney, "second", at=NOW + A_MINUTE), at=NOW + A_MINUTE)
    assert cursor_of(database, killarney).next_try_at == NOW + 3 * A_MINUTE


def test_a_clock_that_is_set_back_does_not_stop_a_hotel(database: Database, killarney: Hotel) -> None:
    an_hour_ago = NOW - timedelta(hours=1)
    record(database, killarney)
    take_anyway(database, killarney, "first")
    assert due(database, "second", at=an_hour_ago) == [killarney.id]
    put_off(database, take_anyway(database, killarney, "second", at=an_hour_ago))
    assert take(database, killarney, "first", at=an_hour_ago) is not None


def test_a_hotel_with_nothing_to_send_is_not_due(database: Database, killarney: Hotel, dublin: Hotel) -> None:
    record(database, killarney)
    assert due(database, "first") == [killarney.id]
    move(database, take_anyway(database, killarney, "second"), to=1)
    assert due(database, "first", at=LATER) == []
