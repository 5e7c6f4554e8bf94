"""Staff go on and off duty, everybody of the hotel hears of it, and each shift is kept."""

from datetime import timedelta

from sqlmodel import select

from hotelmate.database import Database
from hotelmate.errors import BadUserInput, NotFound
from hotelmate.events.catalogue import ClockAction, ClockStatusUpdated
from hotelmate.identity.actors import StaffActor
from hotelmate.models import Hotel, Shift, Staff
from hotelmate.resolvers.clocking import (
    AlreadyOnDuty,
    NotOnDuty,
    clock_in,
    clock_out,
    shift_page,
    staff_by_id,
    staff_page,
    toggle_clock,
)
from tests.resolvers.steps import AT, change, look, recorded, refused

LATER = AT + timedelta(hours=8)


def member(database: Database, actor: StaffActor) -> Staff:
    return look(database, staff_by_id, [actor.staff_id])[actor.staff_id]


def shifts(database: Database) -> list[Shift]:
    with database.reading() as reading:
        return list(reading.exec(select(Shift).order_by("id")))


def test_clocking_in_puts_the_caller_on_duty_and_opens_a_shift(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    with recorded(database, killarney) as events:
        clocked = change(database, clock_in, anna, at=AT)
    assert (clocked.action, clocked.clock_time, clocked.staff.id) == (
        ClockAction.CLOCK_IN,
        AT,
        anna.staff_id,
    )
    assert events == [
        ClockStatusUpdated(
            user_id=anna.user_id,
            staff_id=anna.staff_id,
            is_on_duty=True,
            clock_time=AT,
            first_name="Anna",
            last_name="Kelly",
            action=ClockAction.CLOCK_IN,
        )
    ]
    staff = member(database, anna)
    assert (staff.is_on_duty, staff.last_clock_in, staff.last_clock_out) == (True, AT, None)
    [shift] = shifts(database)
    assert (shift.staff_id, shift.clock_in, shift.clock_out) == (anna.staff_id, AT, None)


def test_clocking_out_takes_the_caller_off_duty_and_closes_the_shift(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    change(database, clock_in, anna, at=AT)
    with recorded(database, killarney) as events:
        clocked = change(database, clock_out, anna, at=LATER)
    assert (clocked.action, clocked.clock_time) == (ClockAction.CLOCK_OUT, LATER)
    assert events == [
        ClockStatusUpdated(
            user_id=anna.user_id,
            staff_id=anna.staff_id,
            is_on_duty=False,
            clock_time=LATER,
            first_name="Anna",
            last_name="Kelly",
            action=ClockAction.CLOCK_OUT,
        )
    ]
    staff = member(database, anna)
    assert (staff.is_on_duty, staff.last_clock_in, staff.last_clock_out) == (False, AT, LATER)
    [shift] = shifts(database)
    assert (shift.clock_in, shift.clock_out) == (AT, LATER)


def test_clocking_in_twice_is_a_conflict(database: Database, anna: StaffActor) -> None:
    change(database, clock_in, anna, at=AT)
    with refused(database, AlreadyOnDuty):
        change(database, clock_in, anna, at=LATER)


def test_clocking_out_while_off_duty_is_a_conflict(database: Database, anna: StaffActor) -> None:
    with refused(database, NotOnDuty):
        change(database, clock_out, anna, at=AT)


def test_toggling_clocks_in_then_out_then_in(database: Database, anna: StaffActor) -> None:
    actions = [change(database, toggle_clock, anna, at=AT + timedelta(hours=n)).action for n in range(3)]
    assert actions == [ClockAction.CLOCK_IN, ClockAction.CLOCK_OUT, ClockAction.CLOCK_IN]
    assert [shift.clock_out is None for shift in shifts(database)] == [False, True]


def test_a_shift_whose_end_was_asked_for_before_its_beginning_is_of_no_length(
    database: Database, anna: StaffActor
) -> None:
    change(database, clock_in, anna, at=AT)
    clocked = change(database, clock_out, anna, at=AT - timedelta(seconds=1))
    assert clocked.clock_time == AT
    [shift] = shifts(database)
    assert (shift.clock_in, shift.clock_out) == (AT, AT)


def test_a_shift_that_was_asked_for_before_the_last_one_ended_begins_at_its_end(
    database: Database, anna: StaffActor
) -> None:
    change(database, clock_in, anna, at=AT)
    change(database, clock_out, anna, at=LATER)
    clocked = change(database, clock_in, anna, at=LATER - timedelta(seconds=1))
    assert clocked.clock_time == LATER
    assert [shift.clock_in for shift in shifts(database)] == [AT, LATER]


def test_staff_are_listed_by_last_then_first_name_and_no_other_hotels(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    with database.transaction() as transaction:
        users = transaction.exec(select(Staff).where(Staff.hotel_id == killarney.id)).all()
        users[0].first_name, users[0].last_name = "Zoe", "Byrne"
        users[1].first_name, users[1].last_name = "Aoife", "Byrne"
        transaction.add_all(users)
    page = look(database, staff_page, anna, on_duty=None, first=50, after=None)
    assert [staff.first_name for staff in page.rows] == ["Aoife", "Zoe"]


def test_staff_can_be_listed_by_whether_they_are_on_duty(
    database: Database, anna: StaffActor, ben: StaffActor
) -> None:
    change(database, clock_in, ben, at=AT)
    on_duty = look(database, staff_page, anna, on_duty=True, first=50, after=None)
    off_duty = look(database, staff_page, anna, on_duty=False, first=50, after=None)
    assert [staff.first_name for staff in on_duty.rows] == ["Ben"]
    assert [staff.first_name for staff in off_duty.rows] == ["Anna"]


def test_shifts_are_listed_newest_first_of_one_hotel_one_person_and_one_span(
    database: Database, anna: StaffActor, ben: StaffActor, carla: StaffActor
) -> None:
    for actor, hour in ((anna, 0), (ben, 1), (carla, 2), (anna, 3)):
        change(database, clock_in, actor, at=AT + timedelta(hours=hour))
        change(database, clock_out, actor, at=AT + timedelta(hours=hour, minutes=30))

    def hours(staff_id: int | None = None, since: int | None = None, until: int | None = None) -> list[float]:
        page = look(
            database,
            shift_page,
            anna,
            staff_id=staff_id,
            since=None if since is None else AT + timedelta(hours=since),
            until=None if until is None else AT + timedelta(hours=until),
            first=50,
            after=None,
        )
        return [(shift.clock_in - AT).total_seconds() / 3600 for shift in page.rows]

    assert hours() == [3, 1, 0]
    assert hours(staff_id=anna.staff_id) == [3, 0]
    assert hours(since=1) == [3, 1]
    assert hours(until=3) == [1, 0]
    assert hours(since=1, until=2) == [1]


def test_shifts_are_paged_by_when_they_began_then_by_which_came_last(
    database: Database, anna: StaffActor, ben: StaffActor
) -> None:
    for actor in (anna, ben):
        change(database, clock_in, actor, at=AT)
    change(database, clock_out, ben, at=AT)
    change(database, clock_in, ben, at=AT + timedelta(microseconds=1))
    seen, after = [], None
    for _ in range(3):
        page = look(database, shift_page, anna, staff_id=None, since=None, until=None, first=1, after=after)
        seen += [(shift.staff_id, shift.clock_in) for shift in page.rows]
        after = page.cursors[-1]
    assert seen == [
        (ben.staff_id, AT + timedelta(microseconds=1)),
        (ben.staff_id, AT),
        (anna.staff_id, AT),
    ]
    assert not page.has_next


def test_the_shifts_of_another_hotels_staff_are_not_found(
    database: Database, anna: StaffActor, carla: StaffActor
) -> None:
    with refused(database, NotFound):
        look(
            database,
            shift_page,
            anna,
            staff_id=carla.staff_id,
            since=None,
            until=None,
            first=50,
            after=None,
        )


def test_a_page_of_staff_has_up_to_a_hundred(database: Database, anna: StaffActor) -> None:
    for first in [-1, 101]:
        with refused(database, BadUserInput, field="first"):
            look(database, staff_page, anna, on_duty=None, first=first, after=None)
