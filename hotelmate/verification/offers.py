"""Every offer is as its last events say, and every one that is gone was said to be deleted."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlmodel import col

from hotelmate.database import Reading
from hotelmate.events.catalogue import (
    OfferCreated,
    OfferDeleted,
    OfferImageUpdated,
    OfferSnapshot,
    OfferUpdated,
)
from hotelmate.models import Hotel, Offer
from hotelmate.resolvers.offers import snapshot
from hotelmate.verification.findings import Hole, HoleKind
from hotelmate.verification.recorded import Recorded, data_field, events_by_subject, stream, with_events

_KINDS = (OfferCreated, OfferUpdated, OfferImageUpdated, OfferDeleted)


@dataclass(slots=True)
class Story:
    """What an offer's events say: how it must be now, as far as they tell."""

    offer_id: int = 0
    seq: int = 0
    was_created: bool = False
    is_deleted: bool = False
    fields: Mapping[str, object] = field(default_factory=dict)

    def take(self, event: Recorded) -> bool:
        """Go on with the next event, and return whether it fits what was before it."""
        self.seq = event.seq
        match event.data:
            case OfferCreated(offer=offer):
                self.offer_id, self.was_created, self.fields = offer.id, True, _fields(offer)
            case OfferUpdated(offer=offer, was_active=was_active):
                fits = self.fields.get("is_active", was_active) == was_active
                self.offer_id, self.fields = offer.id, _fields(offer)
                return fits
            case OfferImageUpdated(offer_id=offer_id, photo_url=url):
                self.offer_id, self.fields = offer_id, {**self.fields, "photo_url": url}
            case OfferDeleted(offer_id=offer_id):
                self.offer_id, self.is_deleted = offer_id, True
        return True


def _fields(offer: OfferSnapshot) -> Mapping[str, object]:
    # What a later version added is not in the events of an earlier one.
    return offer.model_dump(exclude_unset=True)


def offer_holes(reading: Reading, hotel: Hotel, *, unreadable: Collection[int]) -> Iterator[Hole]:
    """Go through a hotel's offers and what its log says of them."""
    statement = select(Offer).where(col(Offer.hotel_id) == hotel.id).order_by(col(Offer.id))
    offers = (offer for (offer,) in stream(reading, statement))
    offer_id = func.coalesce(
        data_field(reading, "offer", "id").as_integer(), data_field(reading, "offer_id").as_integer()
    )
    by_subject = events_by_subject(reading, hotel.id, _KINDS, offer_id, leaving_out=unreadable)
    for offer, events in with_events(offers, by_subject, id_of=lambda row: row.id):
        story = Story()
        for event in events:
            if not story.take(event):
                says = f"offer {story.offer_id} was shown or hidden before event {event.seq} without an event"
                yield Hole(HoleKind.CHANGE_UNRECORDED, hotel.slug, says)
        kind_and_words = _of_what_is_gone(hotel, story) if offer is None else _of(hotel, offer, story)
        yield from (Hole(kind, hotel.slug, says) for kind, says in kind_and_words)


def _of_what_is_gone(hotel: Hotel, story: Story) -> Iterator[tuple[HoleKind, str]]:
    created_at = story.fields.get("created_at")
    if created_at is not None and not story.was_created and created_at > hotel.log_complete_after:  # type: ignore[operator]  # a time
        yield HoleKind.CHANGE_UNRECORDED, f"offer {story.offer_id} has no OfferCreated"
    if not story.is_deleted:
        yield HoleKind.CHANGE_UNRECORDED, f"offer {story.offer_id} is gone without an OfferDeleted"


def _of(hotel: Hotel, offer: Offer, story: Story) -> Iterator[tuple[HoleKind, str]]:
    if not story.was_created and offer.created_at > hotel.log_complete_after:
        yield HoleKind.CHANGE_UNRECORDED, f"offer {offer.id} has no OfferCreated"
    if story.is_deleted:
        yield HoleKind.STATE_DIFFERS, f"offer {offer.id} is there, and event {story.seq} deleted it"
    now = snapshot(offer).model_dump()
    if differing := [name for name, value in story.fields.items() if now[name] != value]:
        says = f"offer {offer.id} is not as event {story.seq} left it: {', '.join(differing)}"
        yield HoleKind.STATE_DIFFERS, says
