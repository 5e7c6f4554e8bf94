"""Offers: reading and changing them."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import partial
from typing import Any, Self

import strawberry

from hotelmate import models
from hotelmate.events.catalogue import OfferSnapshot
from hotelmate.resolvers import offers as operations
from hotelmate.resolvers.checks import row_id
from hotelmate.schema.context import Context
from hotelmate.schema.fields import Info, field, mutation
from hotelmate.schema.inputs import sent
from hotelmate.schema.scalars import graphql_id
from hotelmate.schema.uploads import Upload


@strawberry.type(description="Something that a hotel offers on its public page.")
class Offer:
    id: strawberry.ID
    title: str
    short_description: str
    details_text: str
    details_html: str
    valid_from: date | None
    valid_to: date | None
    tag: str
    book_now_url: str
    photo_url: str | None
    sort_order: int
    is_active: bool
    created_at: datetime

    @classmethod
    def of(cls, offer: models.Offer | OfferSnapshot) -> Self:
        """Return an offer as it is, or as it was when an event told of it."""
        return cls(
            id=graphql_id(offer.id),
            title=offer.title,
            short_description=offer.short_description,
            details_text=offer.details_text,
            details_html=offer.details_html,
            valid_from=offer.valid_from,
            valid_to=offer.valid_to,
            tag=offer.tag,
            book_now_url=offer.book_now_url,
            photo_url=offer.photo_url,
            sort_order=offer.sort_order,
            is_active=offer.is_active,
            created_at=offer.created_at,
        )


@strawberry.type(description="What an offer was that is gone.")
class DeletedOffer:
    id: strawberry.ID
    title: str


@strawberry.input(description="A new offer; both days of its validity belong to it.")
class OfferInput:
    title: str
    short_description: str
    details_text: str | None = ""
    details_html: str | None = ""
    valid_from: date | None
    valid_to: date | None
    tag: str | None = ""
    book_now_url: str | None = ""
    sort_order: int | None = 0
    is_active: bool | None = True


@strawberry.input(description="Changes of an offer: fields left out stay as they are.")
class OfferPatch:
    title: str | None = strawberry.UNSET
    short_description: str | None = strawberry.UNSET
    details_text: str | None = strawberry.UNSET
    details_html: str | None = strawberry.UNSET
    valid_from: date | None = strawberry.UNSET
    valid_to: date | None = strawberry.UNSET
    tag: str | None = strawberry.UNSET
    book_now_url: str | None = strawberry.UNSET
    sort_order: int | None = strawberry.UNSET
    is_active: bool | None = strawberry.UNSET


@strawberry.type
class OfferQueries:
    @field("One offer; an inactive one only for staff of its hotel. [public]")
    def offer(self, info: Info, id: strawberry.ID) -> Offer | None:
        found = operations.get_offer(info.context.reading, info.context.actor, row_id(id))
        return None if found is None else Offer.of(found)


@strawberry.type
class OfferMutations:
    @mutation("[staff]")
    def create_offer(self, info: Info, input: OfferInput, photo: Upload | None = None) -> Offer:
        created = info.context.recorded(models.Offer)
        return Offer.of(_create(info.context, sent(input), photo) if created is None else created)

    @mutation("Fields left out stay as they are. [staff]")
    def update_offer(
        self, info: Info, id: strawberry.ID, input: OfferPatch, photo: Upload | None = None
    ) -> Offer:
        updated = info.context.recorded(models.Offer)
        return Offer.of(_update(info.context, row_id(id), sent(input), photo) if updated is None else updated)

    @mutation("[staff]")
    def upload_offer_image(self, info: Info, id: strawberry.ID, photo: Upload) -> Offer:
        changed = info.context.recorded(models.Offer)
        return Offer.of(_set_photo(info.context, row_id(id), photo) if changed is None else changed)

    @mutation("[staff]")
    def delete_offer(self, info: Info, id: strawberry.ID) -> DeletedOffer:
        context = info.context
        delete = partial(operations.delete_offer, actor=context.actor, offer_id=row_id(id), at=context.now)
        deleted = context.change(models.Offer, delete)
        return DeletedOffer(id=graphql_id(deleted.id), title=deleted.title)


def _create(context: Context, fields: dict[str, Any], photo: Upload | None) -> models.Offer:
    draft, kept = operations.OfferDraft(**fields), None
    if photo is not None:
        operations.check_draft(context.actor, draft)
        kept = context.keep_image(photo, field="photo")
    actor, at = context.actor, context.now
    create = partial(operations.create_offer, actor=actor, draft=draft, at=at, photo=kept)
    return context.change(models.Offer, create)


def _update(
    context: Context, offer_id: int, changes: Mapping[str, object], photo: Upload | None
) -> models.Offer:
    kept = None
    if photo is not None:
        operations.check_changes(context.reading, context.actor, offer_id, changes)
        kept = context.keep_image(photo, field="photo")
    actor, at = context.actor, context.now
    update = partial(
        operations.update_offer, actor=actor, offer_id=offer_id, changes=changes, at=at, photo=kept
    )
    return context.change(models.Offer, update)


def _set_photo(context: Context, offer_id: int, photo: Upload) -> models.Offer:
    operations.own_offer(context.reading, context.actor, offer_id)
    kept = context.keep_image(photo, field="photo")
    actor, at = context.actor, context.now
    set_photo = partial(operations.set_offer_photo, actor=actor, offer_id=offer_id, photo=kept, at=at)
    return context.change(models.Offer, set_photo)
