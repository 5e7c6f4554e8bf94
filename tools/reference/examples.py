"""One event of each kind, as the pages show it. Made up, but each as the log would hold it."""

from datetime import UTC, date, datetime

from hotelmate.events import catalogue
from hotelmate.events.catalogue import EventData
from hotelmate.events.log import Event
from hotelmate.models import BookingStatus, ThemeMode

_AT = datetime(2026, 5, 22, 14, 30, tzinfo=UTC)
_REFERENCE = "BK-2026-0002"
_HERO = "https://pictures.example/hero.jpg"
_GALLERY = ("https://pictures.example/lobby.jpg", "https://pictures.example/garden.jpg")
_OFFER = catalogue.OfferSnapshot(
    id=5,
    title="Two nights, one dinner",
    short_description="Stay two nights and dine with us on one of them.",
    details_text="",
    details_html="",
    valid_from=date(2026, 5, 1),
    valid_to=None,
    tag="Popular",
    book_now_url="https://killarney.example/book",
    photo_url="https://pictures.example/dinner.jpg",
    sort_order=0,
    is_active=True,
    created_at=_AT,
)
_SETTINGS = catalogue.SettingsSnapshot(
    hero_image=_HERO,
    hero_image_display=_HERO,
    landing_page_image=None,
    logo=None,
    tagline="Between the lakes and the mountains",
    short_description="A family-run hotel.",
    long_description="",
    welcome_message="Céad míle fáilte!",
    amenities=("Free WiFi", "Breakfast"),
    contact_email="hello@killarney.example",
    contact_phone="+353 1 555 0100",
    contact_address="Muckross Road, Killarney",
    website="https://killarney.example",
    theme=catalogue.ThemeSnapshot(
        mode=ThemeMode.LIGHT,
        primary_color="#1F4E5F",
        secondary_color="#79A8A9",
        accent_color="#F4A261",
        background_color="#FFFFFF",
        text_color="#1A1A1A",
        button_color="#1F4E5F",
        link_color="#1F6F8B",
    ),
    updated_at=_AT,
)

EXAMPLES: tuple[EventData, ...] = (
    catalogue.ClockStatusUpdated(
        user_id=1,
        staff_id=1,
        is_on_duty=True,
        clock_time=_AT,
        first_name="Anna",
        last_name="Kelly",
        action=catalogue.ClockAction.CLOCK_IN,
    ),
    catalogue.OfferCreated(offer=_OFFER),
    catalogue.OfferUpdated(offer=_OFFER, was_active=True),
    catalogue.OfferDeleted(offer_id=_OFFER.id, offer_title=_OFFER.title, was_active=True),
    catalogue.OfferImageUpdated(
        offer_id=_OFFER.id,
        offer_title=_OFFER.title,
        photo_url="https://pictures.example/dinner.jpg",
        is_active=True,
    ),
    catalogue.SettingsUpdated(settings=_SETTINGS, gallery=_GALLERY, changed=("tagline",)),
    catalogue.GalleryImageUploaded(url=_GALLERY[1], public_id="garden"),
    catalogue.GalleryImageRemoved(
        url="https://pictures.example/bar.jpg",
        gallery=_GALLERY,
        hero_image=_HERO,
        hero_image_display=_HERO,
        updated_at=_AT,
    ),
    catalogue.GalleryReordered(gallery=_GALLERY[::-1]),
    catalogue.RoomTypeImageUpdated(room_type_id=2, photo_url="https://pictures.example/family.jpg"),
    catalogue.BookingCreated(booking_id=_REFERENCE, status=BookingStatus.PENDING_PAYMENT),
    catalogue.BookingStatusChanged(
        booking_id=_REFERENCE,
        status=BookingStatus.CHECKED_IN,
        previous_status=BookingStatus.CONFIRMED,
    ),
    catalogue.BookingRoomAssigned(booking_id=_REFERENCE, room_number="102", room_type="Standard Double"),
    catalogue.BookingCheckedIn(
        booking_id=_REFERENCE, room_number="102", checked_in_at=_AT, guest_token_nonce=""
    ),
    catalogue.BookingCheckedOut(booking_id=_REFERENCE, room_number="102", checked_out_at=_AT),
)


def event(data: EventData) -> Event:
    """Return what happened as an event of the log."""
    return Event(
        id=4711, hotel_id=1, hotel_slug="killarney", epoch="868e957f", seq=42, occurred_at=_AT, data=data
    )
