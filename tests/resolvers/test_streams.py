"""Who may follow what, from where, and what of each event they see."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from hotelmate.database import Database, Reading
from hotelmate.errors import BadUserInput, CursorExpired, Forbidden, NotFound, Unauthenticated
from hotelmate.events import catalogue, log
from hotelmate.events.catalogue import EventData
from hotelmate.events.cursor import Cursor
from hotelmate.events.log import Event
from hotelmate.identity.actors import Actor, Anonymous, GuestActor, StaffActor
from hotelmate.models import BookingStatus, Hotel
from hotelmate.resolvers import streams
from hotelmate.resolvers.clocking import clock_in
from hotelmate.resolvers.settings import update_settings
from hotelmate.resolvers.streams import EventSource
from tests.resolvers.steps import AT, book, change, guest_of, look

URL = "https://pictures.example/a.jpg"


def offer(*, is_active: bool) -> catalogue.OfferSnapshot:
    return catalogue.OfferSnapshot(
        id=7,
        title="Spa day",
        short_description="",
        details_text="",
        details_html="",
        valid_from=None,
        valid_to=None,
        tag="",
        book_now_url="",
        photo_url=None,
        sort_order=0,
        is_active=is_active,
        created_at=AT,
    )


def clocked(staff_id: int) -> catalogue.ClockStatusUpdated:
    return catalogue.ClockStatusUpdated(
        user_id=1,
        staff_id=staff_id,
        is_on_duty=True,
        clock_time=AT,
        first_name="Anna",
        last_name="Kelly",
        action=catalogue.ClockAction.CLOCK_IN,
    )


def booked(reference: str) -> catalogue.BookingCreated:
    return catalogue.BookingCreated(booking_id=reference, status=BookingStatus.PENDING_PAYMENT)


CREATED, CREATED_HIDDEN = (catalogue.OfferCreated(offer=offer(is_active=active)) for active in (True, False))
IMAGE, IMAGE_HIDDEN = (
    catalogue.OfferImageUpdated(offer_id=7, offer_title="Spa day", photo_url=URL, is_active=active)
    for active in (True, False)
)
DELETED, DELETED_HIDDEN = (
    catalogue.OfferDeleted(offer_id=7, offer_title="Spa day", was_active=active) for active in (True, False)
)


def updated(was_active: bool, is_active: bool) -> catalogue.OfferUpdated:
    return catalogue.OfferUpdated(offer=offer(is_active=is_active), was_active=was_active)


OFFER_EVENTS: list[EventData] = [
    CREATED,
    CREATED_HIDDEN,
    updated(True, True),
    updated(True, False),
    updated(False, True),
    updated(False, False),
    DELETED,
    DELETED_HIDDEN,
    IMAGE,
    IMAGE_HIDDEN,
]
SETTINGS_EVENTS: list[EventData] = [
    catalogue.GalleryImageUploaded(url=URL, public_id="a"),
    catalogue.GalleryImageRemoved(
        url=URL, gallery=(), hero_image=None, hero_image_display=None, updated_at=AT
    ),
    catalogue.GalleryReordered(gallery=(URL,)),
    catalogue.RoomTypeImageUpdated(room_type_id=3, photo_url=URL),
]
BOOKING_EVENTS: list[EventData] = [
    booked("BK-2040-0001"),
    booked("BK-2040-0002"),
    catalogue.BookingRoomAssigned(booking_id="BK-2040-0001", room_number="101", room_type="Standard Double"),
    catalogue.BookingCheckedOut(booking_id="BK-2040-0001", room_number="101", checked_out_at=AT),
]
CLOCK_EVENTS: list[EventData] = [clocked(1), clocked(2)]
ALL_EVENTS = [*OFFER_EVENTS, *SETTINGS_EVENTS, *BOOKING_EVENTS, *CLOCK_EVENTS]


def seen(source: EventSource) -> list[EventData]:
    """What of all events the followers of a source see."""
    shown = []
    for number, data in enumerate(ALL_EVENTS, start=1):
        event = Event(
            id=number,
            hotel_id=source.hotel_id,
            hotel_slug="killarney",
            epoch="e",
            seq=number,
            occurred_at=datetime(2040, 6, 15, tzinfo=UTC),
            data=data,
        )
        selected = source.select(event)
        if selected is not None:
            assert (selected.id, selected.seq, selected.cursor) == (number, number, event.cursor)
            shown.append(selected.data)
    return shown


def test_staff_of_the_hotel_see_every_change_of_an_offer(database: Database, anna: StaffActor) -> None:
    assert seen(look(database, streams.offers, anna, "killarney", after=None)) == OFFER_EVENTS


def test_to_everybody_else_an_offer_exists_while_it_is_active(
    database: Database, killarney: Hotel, carla: StaffActor
) -> None:
    guest = GuestActor("BK-2040-0001", killarney.id, "nonce")
    for actor in (Anonymous(), guest, carla):
        assert seen(look(database, streams.offers, actor, "killarney", after=None)) == [
            CREATED,
            updated(True, True),
            DELETED,
            CREATED,
            DELETED,
            IMAGE,
        ]


def test_anyone_follows_settings_gallery_and_room_type_images(database: Database) -> None:
    assert seen(look(database, streams.settings, "killarney", after=None)) == SETTINGS_EVENTS


def test_settings_themselves_are_among_what_is_followed(database: Database, anna: StaffActor) -> None:
    change(database, update_settings, anna, {"tagline": "Lakeside"}, at=AT)
    source = look(database, streams.settings, "killarney", after=None)
    [event] = look(database, log.read, source.hotel_id, after=source.after - 1, limit=1)
    assert source.select(event) is event


def test_staff_follow_everybody_at_the_clock_or_one_colleague(
    database: Database, anna: StaffActor, ben: StaffActor
) -> None:
    assert (anna.staff_id, ben.staff_id) == (1, 2)
    everybody = look(database, streams.clock_status, anna, staff_id=None, after=None)
    one = look(database, streams.clock_status, anna, staff_id=ben.staff_id, after=None)
    assert seen(everybody) == [clocked(1), clocked(2)]
    assert seen(one) == [clocked(2)]


def test_another_hotels_staff_cannot_be_followed(
    database: Database, anna: StaffActor, carla: StaffActor
) -> None:
    with pytest.raises(NotFound):
        look(database, streams.clock_status, anna, staff_id=carla.staff_id, after=None)


def test_one_booking_is_followed_by_its_guest_and_the_hotels_staff(
    database: Database, killarney: Hotel, anna: StaffActor, carla: StaffActor
) -> None:
    reference, other = book(database, killarney), book(database, killarney)
    assert (reference, other) == ("BK-2040-0001", "BK-2040-0002")
    for actor in (anna, guest_of(database, reference)):
        assert seen(look(database, streams.booking, actor, reference, after=None)) == [
            BOOKING_EVENTS[0],
            *BOOKING_EVENTS[2:],
        ]
    for follower, error in (
        (Anonymous(), Unauthenticated),
        (guest_of(database, other), Forbidden),
        (carla, NotFound),
    ):
        with pytest.raises(error):
            look(database, streams.booking, follower, reference, after=None)
    with pytest.raises(NotFound):
        look(database, streams.booking, anna, "BK-2040-9999", after=None)


def test_staff_follow_all_bookings_or_everything(database: Database, anna: StaffActor) -> None:
    assert seen(look(database, streams.bookings, anna, after=None)) == BOOKING_EVENTS
    assert seen(look(database, streams.hotel_events, anna, after=None)) == ALL_EVENTS


def test_a_hotel_that_there_is_not_cannot_be_followed(database: Database, anna: StaffActor) -> None:
    with pytest.raises(NotFound):
        look(database, streams.offers, anna, "nowhere", after=None)
    with pytest.raises(NotFound):
        look(database, streams.settings, "nowhere", after=None)


Open = Callable[[Reading, Actor, str | None], EventSource]


def every_source(staff_id: int, reference: str) -> dict[str, Open]:
    return {
        "clock_status": lambda r, a, after: streams.clock_status(r, a, staff_id=None, after=after),
        "clock_status of one": lambda r, a, after: streams.clock_status(r, a, staff_id=staff_id, after=after),
        "offers": lambda r, a, after: streams.offers(r, a, "killarney", after=after),
        "settings": lambda r, _, after: streams.settings(r, "killarney", after=after),
        "booking": lambda r, a, after: streams.booking(r, a, reference, after=after),
        "bookings": lambda r, a, after: streams.bookings(r, a, after=after),
        "hotel_events": lambda r, a, after: streams.hotel_events(r, a, after=after),
    }


def test_a_source_begins_now_or_after_a_cursor_that_the_log_still_follows(
    database: Database, killarney: Hotel, dublin: Hotel, anna: StaffActor
) -> None:
    reference = book(database, killarney)
    change(database, clock_in, anna, at=AT)
    for open_source in every_source(anna.staff_id, reference).values():
        source = look(database, open_source, anna, None)
        assert (source.hotel_id, source.after) == (killarney.id, 2)
        assert look(database, open_source, anna, str(Cursor(killarney.epoch, 1))).after == 1
        for elsewhere in (Cursor(killarney.epoch, 3), Cursor(dublin.epoch, 0)):
            with pytest.raises(CursorExpired):
                look(database, open_source, anna, str(elsewhere))
        with pytest.raises(BadUserInput) as refused:
            look(database, open_source, anna, "?")
        assert refused.value.field == "after"


def test_an_audience_is_shared_by_exactly_those_who_see_the_same(
    database: Database, killarney: Hotel, anna: StaffActor, ben: StaffActor, carla: StaffActor
) -> None:
    reference = book(database, killarney)
    sources = every_source(anna.staff_id, reference)

    def audience(name: str, actor: Actor) -> Any:
        return look(database, sources[name], actor, None).audience

    assert len({audience(name, anna) for name in sources}) == len(sources)
    assert all(audience(name, anna) == audience(name, ben) for name in sources)
    assert audience("offers", anna) != audience("offers", carla)
    assert audience("offers", Anonymous()) == audience("offers", carla)
    assert audience("booking", anna) == audience("booking", guest_of(database, reference))
    for name in ("clock_status", "bookings", "hotel_events"):
        assert audience(name, anna) != audience(name, carla)
    for name, field in (
        ("offers", partial(streams.offers, actor=Anonymous())),
        ("settings", streams.settings),
    ):
        with database.reading() as reading:
            elsewhere = field(reading, hotel_slug="dublin", after=None)
        assert elsewhere.audience != audience(name, Anonymous())
    another = every_source(anna.staff_id, book(database, killarney))
    assert look(database, another["booking"], anna, None).audience != audience("booking", anna)
