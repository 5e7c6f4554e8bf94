"""Offers: what a hotel shows on its public page."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_
from sqlmodel import col, select

from hotelmate.database import Reading, Transaction, take_turn
from hotelmate.errors import BadUserInput, Forbidden, NotFound
from hotelmate.events import log
from hotelmate.events.catalogue import (
    OfferCreated,
    OfferDeleted,
    OfferImageUpdated,
    OfferSnapshot,
    OfferUpdated,
)
from hotelmate.identity import audit
from hotelmate.identity.actors import Actor
from hotelmate.identity.permissions import is_staff_of, require_staff
from hotelmate.media.storage import Location
from hotelmate.models import AuditAction, Hotel, Offer
from hotelmate.resolvers import checks
from hotelmate.resolvers.checks import Check
from hotelmate.resolvers.hotels import today_in

_CHECKS: Mapping[str, Check[object]] = {
    "title": checks.filled(at_most=checks.TITLE),
    "short_description": checks.text(at_most=checks.SHORT_TEXT),
    "details_text": checks.text(at_most=checks.LONG_TEXT),
    "details_html": checks.text(at_most=checks.LONG_TEXT),
    "valid_from": checks.optional(checks.day),
    "valid_to": checks.optional(checks.day),
    "tag": checks.text(at_most=50),
    "book_now_url": checks.empty_or(checks.url),
    "sort_order": checks.integer(),
    "is_active": checks.boolean,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferDraft:
    """What a new offer is made of; both days of its validity belong to it."""

    title: str
    short_description: str
    details_text: str = ""
    details_html: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    tag: str = ""
    book_now_url: str = ""
    sort_order: int = 0
    is_active: bool = True


def get_offer(reading: Reading, actor: Actor, offer_id: int) -> Offer | None:
    """[public] Return an offer of an active hotel; an inactive offer only to staff of its hotel."""
    statement = select(Offer).where(Offer.id == offer_id, Hotel.id == Offer.hotel_id, col(Hotel.is_active))
    offer = reading.exec(statement).first()
    if offer is None or not (offer.is_active or is_staff_of(actor, offer.hotel_id)):
        return None
    return offer


def own_offer(reading: Reading, actor: Actor, offer_id: int) -> Offer:
    """[staff] Return an offer of the caller's own hotel.

    Raises:
        NotFound: the hotel has no such offer.
    """
    return _of_hotel(reading, require_staff(actor).hotel_id, offer_id)


def offers_by_hotel(
    reading: Reading, hotels: Sequence[Hotel], *, include_inactive: bool, at: datetime
) -> dict[int, list[Offer]]:
    """Return each hotel's offers by sort order, then newest; every hotel has an entry.

    Without the inactive ones these are what the public sees: active, and valid today where the hotel is.
    With them it is for the caller to have asked `require_all_offers`.
    """
    wanted = (
        col(Offer.hotel_id).in_([hotel.id for hotel in hotels]) if include_inactive else _public(hotels, at)
    )
    order = (col(Offer.sort_order), col(Offer.created_at).desc(), col(Offer.id).desc())
    groups: defaultdict[int, list[Offer]] = defaultdict(list)
    for offer in reading.exec(select(Offer).where(wanted).order_by(*order)):
        groups[offer.hotel_id].append(offer)
    return {hotel.id: groups[hotel.id] for hotel in hotels}


def require_all_offers(actor: Actor, hotel_id: int) -> None:
    """[staff] Let through whoever may see the inactive offers of a hotel.

    Raises:
        Forbidden: staff of another hotel.
    """
    require_staff(actor)
    if not is_staff_of(actor, hotel_id):
        raise Forbidden("Only staff of the hotel may see its inactive offers.")


def check_draft(actor: Actor, draft: OfferDraft) -> None:
    """[staff] Raise what `create_offer` would, before a photo is kept for an offer that is refused."""
    require_staff(actor)
    _accepted_draft(draft)


def check_changes(reading: Reading, actor: Actor, offer_id: int, changes: Mapping[str, object]) -> None:
    """[staff] Raise what `update_offer` would, before a photo is kept for changes that are refused."""
    _accepted_changes(own_offer(reading, actor, offer_id), changes)


def create_offer(
    transaction: Transaction, actor: Actor, draft: OfferDraft, *, at: datetime, photo: Location | None = None
) -> Offer:
    """[staff] Make an offer.

    Raises:
        BadUserInput: the field that cannot be accepted.
    """
    hotel = take_turn(transaction, require_staff(actor).hotel_id)
    photo_url = photo.url if photo else None
    offer = Offer(hotel_id=hotel.id, created_at=at, photo_url=photo_url, **_accepted_draft(draft))
    transaction.add(offer)
    transaction.flush()
    log.record(transaction, hotel, OfferCreated(offer=snapshot(offer)), at=at)
    _audit(transaction, AuditAction.OFFER_CREATED, actor, offer)
    return offer


def update_offer(
    transaction: Transaction,
    actor: Actor,
    offer_id: int,
    changes: Mapping[str, object],
    *,
    at: datetime,
    photo: Location | None = None,
) -> Offer:
    """[staff] Change the fields of an offer that `changes` names, in snake_case; no change records nothing.

    Without a photo the offer keeps the one that it has; with one the change is told even when it is that one.

    Raises:
        NotFound: the hotel has no such offer.
        BadUserInput: the field that cannot be accepted.
    """
    hotel = take_turn(transaction, require_staff(actor).hotel_id)
    offer = _of_hotel(transaction, hotel.id, offer_id)
    before = snapshot(offer)
    offer.sqlmodel_update(_accepted_changes(offer, changes))
    if photo is not None:
        offer.photo_url = photo.url
    after = snapshot(offer)
    if after != before or photo is not None:
        log.record(transaction, hotel, OfferUpdated(offer=after, was_active=before.is_active), at=at)
        _audit(transaction, AuditAction.OFFER_UPDATED, actor, offer)
    return offer


def set_offer_photo(
    transaction: Transaction, actor: Actor, offer_id: int, photo: Location, *, at: datetime
) -> Offer:
    """[staff] Give an offer a photo; that is told even when it is the one that the offer has.

    Raises:
        NotFound: the hotel has no such offer.
    """
    hotel = take_turn(transaction, require_staff(actor).hotel_id)
    offer = _of_hotel(transaction, hotel.id, offer_id)
    offer.photo_url = photo.url
    data = OfferImageUpdated(
        offer_id=offer.id, offer_title=offer.title, photo_url=photo.url, is_active=offer.is_active
    )
    log.record(transaction, hotel, data, at=at)
    _audit(transaction, AuditAction.OFFER_IMAGE_UPDATED, actor, offer)
    return offer


def delete_offer(transaction: Transaction, actor: Actor, offer_id: int, *, at: datetime) -> Offer:
    """[staff] Remove an offer; returns it as it was.

    Raises:
        NotFound: the hotel has no such offer.
    """
    hotel = take_turn(transaction, require_staff(actor).hotel_id)
    offer = _of_hotel(transaction, hotel.id, offer_id)
    transaction.delete(offer)
    data = OfferDeleted(offer_id=offer.id, offer_title=offer.title, was_active=offer.is_active)
    log.record(transaction, hotel, data, at=at)
    _audit(transaction, AuditAction.OFFER_DELETED, actor, offer)
    return offer


def snapshot(offer: Offer) -> OfferSnapshot:
    """Return the offer as events hold it."""
    return OfferSnapshot.model_validate(offer, from_attributes=True)


def _audit(transaction: Transaction, action: AuditAction, actor: Actor, offer: Offer) -> None:
    # Of an offer that is gone the number alone says little.
    subject = f"{offer.id} {offer.title}"
    audit.record(transaction, action, actor, hotel_id=offer.hotel_id, subject=subject)


def _of_hotel(reading: Reading, hotel_id: int, offer_id: int) -> Offer:
    offer = reading.exec(select(Offer).where(Offer.id == offer_id, Offer.hotel_id == hotel_id)).first()
    if offer is None:
        raise NotFound("There is no such offer.")
    return offer


def _accepted_draft(draft: OfferDraft) -> dict[str, Any]:
    accepted = checks.accept(asdict(draft), _CHECKS)
    _require_validity(accepted["valid_from"], accepted["valid_to"])
    return accepted


def _accepted_changes(offer: Offer, changes: Mapping[str, object]) -> dict[str, Any]:
    accepted = checks.accept(changes, _CHECKS)
    _require_validity(accepted.get("valid_from", offer.valid_from), accepted.get("valid_to", offer.valid_to))
    return accepted


def _require_validity(valid_from: date | None, valid_to: date | None) -> None:
    if valid_from is not None and valid_to is not None and valid_to < valid_from:
        raise BadUserInput("validTo", "The last day must not be before the first.")


def _public(hotels: Sequence[Hotel], at: datetime) -> ColumnElement[bool]:
    """Active and valid today; at any one time the world has up to three dates."""
    hotel_ids_by_today: defaultdict[date, list[int]] = defaultdict(list)
    for hotel in hotels:
        hotel_ids_by_today[today_in(hotel, at)].append(hotel.id)
    valid_today = [
        and_(col(Offer.hotel_id).in_(hotel_ids), _valid_on(today))
        for today, hotel_ids in hotel_ids_by_today.items()
    ]
    return and_(col(Offer.is_active), or_(false(), *valid_today))


def _valid_on(today: date) -> ColumnElement[bool]:
    return and_(
        or_(col(Offer.valid_from).is_(None), col(Offer.valid_from) <= today),
        or_(col(Offer.valid_to).is_(None), col(Offer.valid_to) >= today),
    )
