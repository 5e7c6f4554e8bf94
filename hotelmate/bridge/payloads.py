"""The legacy table: each event's name for the frontends of today, and what its payload says.

Source:
    LEGACY.md, "Events". Times are ISO 8601 in UTC with an offset, ids are numbers, and a booking's id is its
    reference.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime

from hotelmate.events import catalogue
from hotelmate.events.catalogue import OfferSnapshot
from hotelmate.events.log import Event

Payload = Mapping[str, object]


def name_and_payload(event: Event) -> tuple[str, Payload] | None:  # noqa: PLR0911, PLR0912 - one per row of the table
    """Return an event's legacy name and payload; None when the frontends do not hear of it."""
    at = _time(event.occurred_at)
    match event.data:
        case catalogue.ClockStatusUpdated() as clock:
            return "clock-status-updated", _clock_status(clock)
        case catalogue.OfferCreated(offer=offer):
            return "offer-created", {"offer": offer_payload(offer), "action": "created"}
        case catalogue.OfferUpdated(offer=offer):
            return "offer-updated", {"offer": offer_payload(offer), "action": "updated"}
        case catalogue.OfferDeleted(offer_id=id_, offer_title=title):
            return "offer-deleted", {"offer_id": id_, "offer_title": title, "action": "deleted"}
        case catalogue.OfferImageUpdated(offer_id=id_, offer_title=title, photo_url=url):
            image = {"offer_id": id_, "offer_title": title, "photo_url": url, "timestamp": at}
            return "offer-image-updated", image
        case catalogue.SettingsUpdated(settings=settings, gallery=gallery):
            return "settings-updated", _public_page(settings, gallery)
        case catalogue.GalleryImageRemoved(gallery=gallery) as removed:
            return "settings-updated", _public_page(removed, gallery)
        case catalogue.GalleryImageUploaded(url=url, public_id=public_id):
            return "gallery-image-uploaded", {"url": url, "public_id": public_id}
        case catalogue.GalleryReordered(gallery=gallery):
            return "gallery-reordered", {"gallery": gallery}
        case catalogue.RoomTypeImageUpdated(room_type_id=id_, photo_url=url):
            return "room-type-image-updated", {"room_type_id": id_, "photo_url": url, "timestamp": at}
        case catalogue.BookingCheckedIn(booking_id=id_, room_number=room, checked_in_at=time):
            arrived = {"booking_id": id_, "room_number": room, "checked_in_at": _time(time)}
            return "booking_checked_in", arrived
        case catalogue.BookingCheckedOut(booking_id=id_, room_number=room, checked_out_at=time):
            left = {"booking_id": id_, "room_number": room, "checked_out_at": _time(time)}
            return "booking_checked_out", left
        case catalogue.BookingRoomAssigned(booking_id=id_, room_number=room, room_type=room_type):
            assigned = {"booking_id": id_, "room_number": room, "room_type": room_type, "assigned_at": at}
            return "booking_room_assigned", assigned
        case catalogue.BookingStatusChanged(booking_id=id_, status=status, previous_status=previous):
            changed = {"booking_id": id_, "status": status, "previous_status": previous, "changed_at": at}
            return "booking_status_changed", changed
        case catalogue.BookingCreated():
            return None
        case _:
            raise AssertionError(f"{event.type} has no row in the legacy table")


def subject(event: Event) -> str:
    """Return what an event is about, in words for the log."""
    match event.data:
        case catalogue.ClockStatusUpdated(staff_id=id_):
            return f"staff {id_}"
        case catalogue.OfferCreated(offer=offer) | catalogue.OfferUpdated(offer=offer):
            return f"offer {offer.id}"
        case catalogue.OfferDeleted(offer_id=id_) | catalogue.OfferImageUpdated(offer_id=id_):
            return f"offer {id_}"
        case catalogue.RoomTypeImageUpdated(room_type_id=id_):
            return f"room type {id_}"
        case catalogue.BookingEventData(booking_id=reference):
            return f"booking {reference}"
        case _:
            return f"hotel {event.hotel_slug}"


def offer_payload(offer: OfferSnapshot) -> Payload:
    """Return the offer as the legacy events hold it, and as the REST doors answer with it."""
    return {
        "id": offer.id,
        "title": offer.title,
        "short_description": offer.short_description,
        "details_text": offer.details_text,
        "details_html": offer.details_html,
        "valid_from": _date(offer.valid_from),
        "valid_to": _date(offer.valid_to),
        "tag": offer.tag,
        "book_now_url": offer.book_now_url,
        "photo": offer.photo_url,
        "photo_url": offer.photo_url,
        "sort_order": offer.sort_order,
        "is_active": offer.is_active,
        "created_at": _time(offer.created_at),
    }


def _clock_status(data: catalogue.ClockStatusUpdated) -> Payload:
    return {
        "user_id": data.user_id,
        "staff_id": data.staff_id,
        "is_on_duty": data.is_on_duty,
        "clock_time": _time(data.clock_time),
        "first_name": data.first_name,
        "last_name": data.last_name,
        "action": data.action,
    }


def _public_page(
    images: catalogue.SettingsSnapshot | catalogue.GalleryImageRemoved, gallery: tuple[str, ...]
) -> Payload:
    return {
        "hero_image": images.hero_image,
        "hero_image_display": images.hero_image_display,
        "gallery": gallery,
        "updated_at": _time(images.updated_at),
    }


def _time(value: datetime) -> str:
    return value.astimezone(UTC).isoformat()


def _date(value: date | None) -> str | None:
    return None if value is None else value.isoformat()
