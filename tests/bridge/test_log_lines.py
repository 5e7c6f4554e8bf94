"""The log says what was broadcast, and about what."""

from datetime import UTC, datetime

from structlog.testing import capture_logs

from hotelmate.bridge.pusher_client import PusherSender
from hotelmate.database import Database
from hotelmate.events.catalogue import (
    BookingCheckedOut,
    BookingCreated,
    EventData,
    GalleryReordered,
    OfferDeleted,
    RoomTypeImageUpdated,
)
from hotelmate.models import BookingStatus, Hotel
from tests.bridge.helpers import delivered, delivering, record

AT = datetime(2026, 11, 20, tzinfo=UTC)
HAPPENED: list[EventData] = [
    OfferDeleted(offer_id=7, offer_title="Spa", was_active=True),
    GalleryReordered(gallery=()),
    RoomTypeImageUpdated(room_type_id=2, photo_url="https://pictures.example/a.jpg"),
    # The frontends do not hear of it.
    BookingCreated(booking_id="BK-2026-0001", status=BookingStatus.PENDING_PAYMENT),
    # On two channels, and told of once.
    BookingCheckedOut(booking_id="BK-2026-0001", room_number="101", checked_out_at=AT),
]


async def test_each_event_is_named_with_what_it_is_about(
    sqlite_database: Database, killarney: Hotel, sender: PusherSender
) -> None:
    record(sqlite_database, killarney, *HAPPENED)
    with capture_logs() as lines:
        async with delivering(sqlite_database, sender):
            await delivered(sqlite_database, killarney, up_to=len(HAPPENED))
    told = [line for line in lines if line["event"] == "batch_delivered"]
    assert {line["hotel"] for line in told} == {"killarney"}
    assert [sentence for line in told for sentence in line["broadcast"]] == [
        "offer-deleted for offer 7",
        "gallery-reordered for hotel killarney",
        "room-type-image-updated for room type 2",
        "booking_checked_out for booking BK-2026-0001",
    ]


async def test_an_event_that_nobody_hears_of_is_not_told_of(
    sqlite_database: Database, killarney: Hotel, sender: PusherSender
) -> None:
    record(sqlite_database, killarney, HAPPENED[3])
    with capture_logs() as lines:
        async with delivering(sqlite_database, sender):
            await delivered(sqlite_database, killarney, up_to=1)
    assert [line for line in lines if line["event"] == "batch_delivered"] == []
