"""Bookings are requested by anyone, listed to the hotel's staff, and shown to whoever holds their key."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from hotelmate.database import Database
from hotelmate.errors import BadUserInput, Forbidden, NotFound, Unauthenticated
from hotelmate.events.catalogue import BookingCreated
from hotelmate.identity.actors import Anonymous, StaffActor
from hotelmate.identity.rights import GuestTokenRenewed
from hotelmate.models import Booking, BookingNumber, BookingStatus, Hotel
from hotelmate.resolvers.bookings import (
    BookingFilter,
    all_bookings,
    booking_page,
    create_booking,
    get_booking,
    renew_guest_token,
    require_booking,
    shows_wifi,
)
from tests.resolvers.steps import (
    AT,
    TODAY,
    book,
    booked_until,
    booking,
    change,
    draft,
    guest_of,
    look,
    recorded,
    refused,
    room_type_id,
)

DAY = timedelta(days=1)


def test_a_new_booking_is_kept_under_its_reference_and_told(database: Database, killarney: Hotel) -> None:
    request = draft(
        database,
        killarney,
        guest_name=" Ada Lovelace ",
        guest_phone="+353 1 555 0199",
        adults=1,
        children=1,
        special_requests="A quiet room.",
    )
    with recorded(database, killarney) as events:
        made = change(database, create_booking, "killarney", request, at=AT)
    assert made.reference == "BK-2040-0001"
    assert events == [BookingCreated(booking_id="BK-2040-0001", status=BookingStatus.PENDING_PAYMENT)]
    kept = booking(database, "BK-2040-0001")
    assert (kept.hotel_id, kept.status, kept.room_id) == (
        killarney.id,
        BookingStatus.PENDING_PAYMENT,
        None,
    )
    assert (kept.guest_name, kept.guest_email, kept.guest_phone) == (
        "Ada Lovelace",
        "ada@guests.example",
        "+353 1 555 0199",
    )
    assert (kept.arrival, kept.departure) == (date(2040, 6, 15), date(2040, 6, 17))
    assert (kept.adults, kept.children, kept.special_requests) == (1, 1, "A quiet room.")
    assert kept.created_at == AT
    assert re.fullmatch(r"first-[0-9a-f]{24}", kept.guest_token_nonce)


def test_references_count_on_over_all_hotels(database: Database, killarney: Hotel, dublin: Hotel) -> None:
    references = [book(database, hotel) for hotel in (killarney, dublin, killarney)]
    assert references == ["BK-2040-0001", "BK-2040-0002", "BK-2040-0003"]


def test_a_reference_has_more_digits_when_it_needs_them(database: Database, killarney: Hotel) -> None:
    with database.transaction() as transaction:
        transaction.add(BookingNumber(year=2040, last=9998))
    assert [book(database, killarney) for _ in range(2)] == ["BK-2040-9999", "BK-2040-10000"]


def test_the_year_is_the_hotels_own(database: Database, killarney: Hotel, dublin: Hotel) -> None:
    with database.transaction() as transaction:
        transaction.get_one(Hotel, dublin.id).timezone = "Pacific/Auckland"
    new_years_eve = datetime(2040, 12, 31, 18, 0, tzinfo=UTC)
    references = [
        change(
            database,
            create_booking,
            hotel.slug,
            draft(database, hotel, arrival=date(2041, 1, 1), departure=date(2041, 1, 2)),
            at=new_years_eve,
        ).reference
        for hotel in (killarney, dublin, killarney)
    ]
    assert references == ["BK-2040-0001", "BK-2041-0001", "BK-2040-0002"]


def test_a_guest_may_arrive_on_the_day_that_it_is_where_the_hotel_is(
    database: Database, killarney: Hotel
) -> None:
    # Half past midnight on the 16th in Killarney.
    late = datetime(2040, 6, 15, 23, 30, tzinfo=UTC)
    yesterday = draft(database, killarney, arrival=date(2040, 6, 15))
    today = draft(database, killarney, arrival=date(2040, 6, 16))
    with refused(database, BadUserInput, field="arrival"):
        change(database, create_booking, "killarney", yesterday, at=late)
    change(database, create_booking, "killarney", today, at=late)


def test_a_stay_lasts_from_one_night_to_a_year(database: Database, killarney: Hotel) -> None:
    book(database, killarney, departure=TODAY + DAY)
    book(database, killarney, departure=TODAY + 365 * DAY)


def test_a_room_takes_as_many_guests_as_its_type_says(database: Database, killarney: Hotel) -> None:
    family = room_type_id(database, killarney, "family")
    book(database, killarney, room_type_id=family, adults=4)
    book(database, killarney, room_type_id=family, adults=1, children=3)
    with refused(database, BadUserInput, field="adults"):
        book(database, killarney, room_type_id=family, adults=2, children=3)


def test_a_booking_that_cannot_be_is_not_made(database: Database, killarney: Hotel) -> None:
    for values, field in [
        ({"arrival": TODAY - DAY}, "arrival"),
        ({"arrival": "2040-06-15"}, "arrival"),
        ({"departure": TODAY}, "departure"),
        ({"departure": TODAY - DAY}, "departure"),
        ({"departure": TODAY + 366 * DAY}, "departure"),
        ({"departure": date.max}, "departure"),
        ({"adults": 0}, "adults"),
        ({"adults": 3}, "adults"),
        ({"adults": 2, "children": 1}, "adults"),
        ({"adults": None}, "adults"),
        ({"children": -1}, "children"),
        ({"guest_name": " "}, "guestName"),
        ({"guest_name": "n" * 201}, "guestName"),
        ({"guest_name": "a\0b"}, "guestName"),
        ({"guest_email": ""}, "guestEmail"),
        ({"guest_email": "ada"}, "guestEmail"),
        ({"guest_email": "a" * 250 + "@b.ie"}, "guestEmail"),
        ({"guest_phone": "1" * 51}, "guestPhone"),
        ({"special_requests": "s" * 20_001}, "specialRequests"),
        ({"room_type_id": 0}, "roomTypeId"),
        ({"room_type_id": 999_999}, "roomTypeId"),
        ({"room_type_id": 2**31}, "roomTypeId"),
    ]:
        with refused(database, BadUserInput, field=field):
            book(database, killarney, **values)


def test_another_hotels_room_type_cannot_be_booked(
    database: Database, killarney: Hotel, dublin: Hotel
) -> None:
    with refused(database, BadUserInput, field="roomTypeId"):
        book(database, killarney, room_type_id=room_type_id(database, dublin))


def test_a_hotel_that_there_is_not_cannot_be_booked(database: Database, killarney: Hotel) -> None:
    with refused(database, NotFound):
        change(database, create_booking, "nowhere", draft(database, killarney), at=AT)


def test_a_booking_is_shown_to_its_guest_and_its_hotels_staff(
    database: Database, killarney: Hotel, anna: StaffActor, carla: StaffActor
) -> None:
    reference, other = book(database, killarney), book(database, killarney)
    for actor in (anna, guest_of(database, reference)):
        found = look(database, get_booking, actor, reference)
        assert found is not None
        assert found.reference == reference
    assert look(database, get_booking, carla, reference) is None
    with pytest.raises(NotFound):
        look(database, require_booking, carla, reference)
    with pytest.raises(Unauthenticated):
        look(database, get_booking, Anonymous(), reference)
    with pytest.raises(Forbidden):
        look(database, get_booking, guest_of(database, other), reference)


def test_an_unknown_reference_is_nobodys(database: Database, killarney: Hotel, anna: StaffActor) -> None:
    for reference in ["", "BK-2040-9999", "bk-2040-0001", "\0", "\ud800"]:
        book(database, killarney)
        assert look(database, get_booking, anna, reference) is None


def found(database: Database, actor: StaffActor, **wanted: Any) -> list[str]:
    page = look(database, booking_page, actor, BookingFilter(**wanted), first=100, after=None)
    return [row.reference for row in page.rows if row.reference.startswith("BK-2040-")]


def test_bookings_are_listed_newest_first_and_no_other_hotels(
    database: Database, killarney: Hotel, dublin: Hotel, anna: StaffActor
) -> None:
    for hotel in (killarney, killarney, dublin, killarney):
        book(database, hotel)
    assert found(database, anna) == ["BK-2040-0004", "BK-2040-0002", "BK-2040-0001"]
    page = look(database, booking_page, anna, BookingFilter(), first=2, after=None)
    rest = look(database, booking_page, anna, BookingFilter(), first=2, after=page.cursors[-1])
    assert [row.reference for row in page.rows] == ["BK-2040-0004", "BK-2040-0002"]
    assert rest.rows[0].reference == "BK-2040-0001"
    assert rest.has_next


def test_all_bookings_of_a_hotel_are_listed_newest_first(
    database: Database, killarney: Hotel, dublin: Hotel, anna: StaffActor
) -> None:
    before = look(database, all_bookings, anna)
    made = [book(database, killarney) for _ in range(101)]
    book(database, dublin)
    listed = [booking.reference for booking in look(database, all_bookings, anna)]
    assert listed == made[::-1] + [booking.reference for booking in before]


def test_bookings_can_be_listed_by_status_and_arrival(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    confirmed = booked_until(database, killarney, anna, BookingStatus.CONFIRMED)
    cancelled = booked_until(database, killarney, anna, BookingStatus.CANCELLED)
    later = book(database, killarney, arrival=TODAY + DAY)
    assert found(database, anna, statuses=(BookingStatus.CONFIRMED,)) == [confirmed]
    assert found(database, anna, statuses=(BookingStatus.CONFIRMED, BookingStatus.CANCELLED)) == [
        cancelled,
        confirmed,
    ]
    assert found(database, anna, arriving_from=TODAY + DAY) == [later]
    assert found(database, anna, arriving_to=TODAY) == [cancelled, confirmed]
    assert found(database, anna, arriving_from=TODAY, arriving_to=TODAY + DAY) == [
        later,
        cancelled,
        confirmed,
    ]
    assert found(database, anna, statuses=(BookingStatus.CONFIRMED,), arriving_from=TODAY + DAY) == []


def test_bookings_are_searched_by_reference_name_and_email_in_any_case(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    ada = book(database, killarney, guest_name="Ada Lovelace", guest_email="ada@guests.example")
    percent = book(database, killarney, guest_name="100% Wool", guest_email="under_score@guests.example")
    zoe = book(database, killarney, guest_name="Zoë Ó Briain", guest_email="zoe@guests.example")
    assert found(database, anna, search="LOVE") == [ada]
    assert found(database, anna, search="ZOË ó") == [zoe]
    assert found(database, anna, search="Ada@Guests") == [ada]
    assert found(database, anna, search=f" {ada.lower()} ") == [ada]
    assert found(database, anna, search="%") == [percent]
    assert found(database, anna, search="_") == [percent]
    assert found(database, anna, search="/") == []
    assert found(database, anna, search="\\") == []
    assert found(database, anna, search="") == [zoe, percent, ada]


def test_a_search_for_what_no_text_holds_is_refused(database: Database, anna: StaffActor) -> None:
    for search in ["\0", "\ud800", "a" * 201]:
        with refused(database, BadUserInput, field="search"):
            found(database, anna, search=search)


def test_renewing_the_guest_token_ends_the_old_one(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    reference = book(database, killarney)
    before = booking(database, reference).guest_token_nonce
    announced: list[object] = []
    database.on_commit(announced.extend)
    with recorded(database, killarney) as events:
        renewed = change(database, renew_guest_token, anna, reference)
    assert events == []
    assert announced == [GuestTokenRenewed(reference, before)]
    assert renewed.guest_token_nonce != before
    assert booking(database, reference).guest_token_nonce == renewed.guest_token_nonce


def test_a_guest_token_is_renewed_by_the_hotels_staff_only(
    database: Database, killarney: Hotel, carla: StaffActor
) -> None:
    reference = book(database, killarney)
    with refused(database, NotFound):
        change(database, renew_guest_token, carla, reference)
    with refused(database, Forbidden):
        change(database, renew_guest_token, guest_of(database, reference), reference)


def test_a_guest_sees_the_wifi_during_the_stay_only(
    database: Database, killarney: Hotel, anna: StaffActor, carla: StaffActor
) -> None:
    with database.reading() as reading:
        rows = reading.exec(select(Booking).where(Booking.hotel_id == killarney.id)).all()
    assert {row.status for row in rows} == {*BookingStatus}
    seen_by_guest = {row.status for row in rows if shows_wifi(guest_of(database, row.reference), row)}
    assert seen_by_guest == {BookingStatus.CHECKED_IN}
    assert all(shows_wifi(anna, row) for row in rows)
    assert not any(shows_wifi(actor, row) for row in rows for actor in (carla, Anonymous()))
    other = guest_of(database, book(database, killarney))
    assert not any(shows_wifi(other, row) for row in rows)
