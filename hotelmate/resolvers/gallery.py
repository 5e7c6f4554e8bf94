"""What is in a hotel's gallery, and in which order."""

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import chain, count

from sqlmodel import select

from hotelmate.database import Transaction, take_turn
from hotelmate.errors import BadUserInput, NotFound
from hotelmate.events import log
from hotelmate.events.catalogue import GalleryImageRemoved, GalleryImageUploaded, GalleryReordered
from hotelmate.identity import audit
from hotelmate.identity.actors import Actor
from hotelmate.identity.permissions import require_staff
from hotelmate.media.storage import Location
from hotelmate.models import AuditAction, GalleryImage, HotelSettings
from hotelmate.resolvers import checks
from hotelmate.resolvers.hotels import gallery_by_hotel
from hotelmate.resolvers.settings import hero_image_display

_URLS = checks.list_of(checks.text(at_most=checks.URL), at_most=10_000)


def add_gallery_image(
    transaction: Transaction, actor: Actor, image: Location, *, at: datetime
) -> GalleryImage:
    """[staff] Put a picture at the end of the gallery, at a url of its own also where it is there already."""
    hotel = take_turn(transaction, require_staff(actor).hotel_id)
    images = gallery_by_hotel(transaction, [hotel.id])[hotel.id]
    url = _free_url(image.url, taken={other.url for other in images})
    added = GalleryImage(hotel_id=hotel.id, url=url, public_id=image.public_id, position=len(images))
    transaction.add(added)
    log.record(transaction, hotel, GalleryImageUploaded(url=url, public_id=image.public_id), at=at)
    audit.record(transaction, AuditAction.GALLERY_IMAGE_ADDED, actor, hotel_id=hotel.id, subject=url)
    return added


def reorder_gallery(
    transaction: Transaction, actor: Actor, urls: Sequence[str], *, at: datetime
) -> list[GalleryImage]:
    """[staff] Put the gallery in the order of `urls`; that is told even when it is the order that it has.

    Raises:
        BadUserInput: `urls` are not exactly those of the gallery.
    """
    hotel = take_turn(transaction, require_staff(actor).hotel_id)
    images = gallery_by_hotel(transaction, [hotel.id])[hotel.id]
    by_url = {image.url: image for image in images}
    order = _URLS("urls", urls)
    if sorted(order) != sorted(by_url):
        raise BadUserInput("urls", "Send every url of the gallery exactly once, and no other.")
    reordered = [by_url[url] for url in order]
    _number(transaction, reordered)
    log.record(transaction, hotel, GalleryReordered(gallery=tuple(order)), at=at)
    audit.record(transaction, AuditAction.GALLERY_REORDERED, actor, hotel_id=hotel.id)
    return reordered


def remove_gallery_image(
    transaction: Transaction, actor: Actor, url: str, *, at: datetime
) -> list[GalleryImage]:
    """[staff] Take a picture out of the gallery; returns those that remain.

    Raises:
        NotFound: the gallery has no picture with this url.
    """
    hotel = take_turn(transaction, require_staff(actor).hotel_id)
    images = gallery_by_hotel(transaction, [hotel.id])[hotel.id]
    removed = next((image for image in images if image.url == url), None)
    if removed is None:
        raise NotFound("There is no such picture in the gallery.")
    images.remove(removed)
    transaction.delete(removed)
    _number(transaction, images)
    settings = transaction.exec(select(HotelSettings).where(HotelSettings.hotel_id == hotel.id)).one()
    settings.updated_at = at
    transaction.add(settings)
    data = GalleryImageRemoved(
        url=url,
        gallery=tuple(image.url for image in images),
        hero_image=settings.hero_image,
        hero_image_display=hero_image_display(settings),
        updated_at=at,
    )
    log.record(transaction, hotel, data, at=at)
    audit.record(transaction, AuditAction.GALLERY_IMAGE_REMOVED, actor, hotel_id=hotel.id, subject=url)
    return images


def _free_url(url: str, *, taken: Collection[str]) -> str:
    """Return a url of the picture that the gallery has not: what follows # is not asked of the store."""
    again = (f"{url}#{number}" for number in count(2))
    return next(each for each in chain([url], again) if each not in taken)


def _number(transaction: Transaction, images: Sequence[GalleryImage]) -> None:
    for position, image in enumerate(images):
        image.position = position
        transaction.add(image)
