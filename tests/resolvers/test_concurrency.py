"""What several do at once comes out as if they had done it one after the other."""

import random
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from sqlmodel import col, select

from hotelmate.database import Database, Transaction
from hotelmate.identity.actors import StaffActor
from hotelmate.models import Booking, EventRecord, Hotel, Shift
from hotelmate.resolvers.administration.staff import Removed, remove_staff, restore_staff
from hotelmate.resolvers.booking_life import assign_room, cancel_booking
from hotelmate.resolvers.bookings import create_booking
from hotelmate.resolvers.clocking import Clocked, NotOnTheStaff, clock_in, toggle_clock
from tests.resolvers.steps import AT, TODAY, at_once, book, change, draft, nights_held, room_id

DAY = timedelta(days=1)
ROUNDS = 25


def booked(database: Database, hotel: Hotel, since: int, until: int) -> str:
    return book(database, hotel, arrival=TODAY + since * DAY, departure=TODAY + until * DAY)


def test_of_two_who_assign_one_room_for_nights_in_common_one_has_a_conflict(
    database: Database, killarney: Hotel, anna: StaffActor, ben: StaffActor
) -> None:
    chance = random.Random(40)
    room = room_id(database, killarney, "101")
    for _ in range(ROUNDS):
        night = chance.randrange(10, 20)
        references = [
            booked(database, killarney, night - chance.randrange(1, 5), night + chance.randrange(1, 5))
            for _ in range(2)
        ]
        outcomes = at_once(
            *(
                partial(change, database, assign_room, actor, reference, room, at=AT)
                for actor, reference in zip((anna, ben), references, strict=True)
            )
        )
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Booking", "RoomTaken"]
        [winner] = [outcome for outcome in outcomes if isinstance(outcome, Booking)]
        [loser] = [reference for reference in references if reference != winner.reference]
        assert len(nights_held(database, winner.reference)) == (winner.departure - winner.arrival).days
        assert nights_held(database, loser) == []
        change(database, cancel_booking, anna, winner.reference, reason=None, at=AT)


def test_of_two_who_assign_one_room_to_one_booking_one_has_a_conflict(
    database: Database, killarney: Hotel, anna: StaffActor, ben: StaffActor
) -> None:
    rooms = [room_id(database, killarney, number) for number in ("101", "102")]
    reference = book(database, killarney)
    for turn in range(ROUNDS):
        outcomes = at_once(
            *(
                partial(change, database, assign_room, actor, reference, rooms[turn % 2], at=AT)
                for actor in (anna, ben)
            )
        )
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AlreadyInThisRoom", "Booking"]
        assert len(nights_held(database, reference)) == 2


def test_two_who_assign_one_room_for_nights_one_after_the_other_both_have_it(
    database: Database, killarney: Hotel, anna: StaffActor, ben: StaffActor
) -> None:
    room = room_id(database, killarney, "101")
    for turn in range(5):
        outcomes = at_once(
            *(
                partial(
                    change,
                    database,
                    assign_room,
                    actor,
                    booked(database, killarney, 4 * turn + nights, 4 * turn + nights + 2),
                    room,
                    at=AT,
                )
                for actor, nights in ((anna, 0), (ben, 2))
            )
        )
        assert [type(outcome) for outcome in outcomes] == [Booking, Booking]


def test_of_many_clock_ins_of_one_person_one_counts(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    outcomes = at_once(*[partial(change, database, clock_in, anna, at=AT)] * 8)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AlreadyOnDuty"] * 7 + ["Clocked"]
    with database.reading() as reading:
        assert len(reading.exec(select(Shift)).all()) == 1


def test_colleagues_who_clock_in_at_once_are_all_on_duty(
    database: Database, anna: StaffActor, ben: StaffActor, carla: StaffActor
) -> None:
    outcomes = at_once(*(partial(change, database, clock_in, actor, at=AT) for actor in (anna, ben, carla)))
    assert [type(outcome) for outcome in outcomes] == [Clocked, Clocked, Clocked]


def test_toggles_at_once_alternate_and_leave_at_most_one_shift_open(
    database: Database, anna: StaffActor
) -> None:
    moments = [AT + timedelta(seconds=second) for second in range(7)]
    random.Random(40).shuffle(moments)
    outcomes = at_once(*(partial(change, database, toggle_clock, anna, at=moment) for moment in moments))
    assert sorted(outcome.action for outcome in outcomes if isinstance(outcome, Clocked)) == [
        *["clock_in"] * 4,
        *["clock_out"] * 3,
    ]
    with database.reading() as reading:
        shifts = reading.exec(select(Shift)).all()
    assert [shift.clock_out for shift in shifts].count(None) == 1


def test_who_clocks_in_while_being_removed_leaves_no_shift_open(database: Database, anna: StaffActor) -> None:
    chance = random.Random(40)
    came_first = set()
    for turn in range(ROUNDS):
        at = AT + turn * DAY
        clock = partial(change, database, chance.choice((clock_in, toggle_clock)), anna, at=at)
        remove = partial(change, database, remove_staff, "anna", at=at)
        works = [after(chance.random() / 200, work) for work in (clock, remove)]
        clocked, removed = at_once(*works)
        assert isinstance(removed, Removed)
        assert removed.clocked_out == isinstance(clocked, Clocked)
        assert type(clocked) in {Clocked, NotOnTheStaff}
        came_first.add(type(clocked))
        with database.reading() as reading:
            assert None not in reading.exec(select(Shift.clock_out)).all()
        change(database, restore_staff, "anna")
    assert came_first == {Clocked, NotOnTheStaff}


def after(seconds: float, work: Callable[[], object]) -> Callable[[], object]:
    def wait_and_work() -> object:
        time.sleep(seconds)
        return work()

    return wait_and_work


def test_references_made_at_once_are_all_different_and_leave_none_out(
    database: Database, killarney: Hotel, dublin: Hotel
) -> None:
    hotels = (killarney, dublin) * 6
    drafts = [draft(database, hotel) for hotel in hotels]
    outcomes = at_once(
        *(
            partial(change, database, create_booking, hotel.slug, request, at=AT)
            for hotel, request in zip(hotels, drafts, strict=True)
        )
    )
    references = sorted(outcome.reference for outcome in outcomes if isinstance(outcome, Booking))
    assert references == [f"BK-2040-{number:04}" for number in range(1, 13)]


class ChangedMind(Exception):
    """The transaction is rolled back."""


def clock_in_and_perhaps_not(transaction: Transaction, actor: StaffActor, *, stays: bool) -> Clocked:
    clocked = toggle_clock(transaction, actor, at=AT)
    if not stays:
        raise ChangedMind
    return clocked


def test_events_of_many_writers_are_numbered_without_a_gap_though_some_roll_back(
    database: Database, killarney: Hotel, anna: StaffActor, ben: StaffActor
) -> None:
    chance = random.Random(40)
    stayed = 0
    for _ in range(5):
        works = [(chance.choice((anna, ben)), chance.random() < 0.6) for _ in range(8)]
        outcomes = at_once(
            *(
                partial(change, database, clock_in_and_perhaps_not, actor, stays=stays)
                for actor, stays in works
            )
        )
        assert [isinstance(outcome, Clocked) for outcome in outcomes] == [stays for _, stays in works]
        stayed += sum(stays for _, stays in works)
    with database.reading() as reading:
        in_order_of_commit = reading.exec(
            select(EventRecord.seq).where(EventRecord.hotel_id == killarney.id).order_by(col(EventRecord.seq))
        ).all()
        assert reading.get_one(Hotel, killarney.id).seq == stayed
    assert list(in_order_of_commit) == list(range(1, stayed + 1))
