"""Bookings: making them, and each step of their life."""

from datetime import date
from functools import partial

import strawberry

from hotelmate import models
from hotelmate.database import Transaction
from hotelmate.resolvers import booking_life as operations
from hotelmate.resolvers.bookings import BookingDraft, create_booking, renew_guest_token
from hotelmate.resolvers.checks import row_id
from hotelmate.schema.bookings import Booking
from hotelmate.schema.context import Context
from hotelmate.schema.fields import Info, mutation
from hotelmate.schema.inputs import sent
from hotelmate.settings import Settings


@strawberry.type(description="A new booking, and the guest's only key to it.")
class CreatedBooking:
    booking: Booking
    guest_token: str
    status_url: str


@strawberry.input(description="A stay to be booked; the last night is the one before the departure.")
class BookingInput:
    room_type_id: strawberry.ID
    guest_name: str
    guest_email: str
    guest_phone: str | None = ""
    arrival: date
    departure: date
    adults: int | None = 1
    children: int | None = 0
    special_requests: str | None = ""


@strawberry.type
class BookingMutations:
    @mutation(
        "Made by a guest or by staff; status PENDING_PAYMENT. Answers with the guest token,"
        " the guest's only key to the booking. [public]"
    )
    def create_booking(self, info: Info, hotel_slug: str, input: BookingInput) -> CreatedBooking:
        context = info.context
        row = context.recorded(models.Booking)
        if row is None:
            draft = BookingDraft(**sent(input) | {"room_type_id": row_id(input.room_type_id)})
            row = _create(context, hotel_slug, draft)
        services = context.services
        token = services.guest_tokens.issue(row.reference, row.guest_token_nonce)
        return CreatedBooking(
            booking=Booking.of(row),
            guest_token=token,
            status_url=_status_url(services.settings, slug=hotel_slug, id=row.reference, token=token),
        )

    @mutation("PENDING_PAYMENT to CONFIRMED. [staff]")
    def confirm_booking(self, info: Info, id: strawberry.ID) -> Booking:
        return _changed(info, id, operations.confirm_booking)

    @mutation("A free room of the booked type; CONFLICT when taken for any of the nights. [staff]")
    def assign_room(self, info: Info, id: strawberry.ID, room_id: strawberry.ID) -> Booking:
        return _changed(info, id, partial(operations.assign_room, room_id=row_id(room_id)))

    @mutation("CONFIRMED, with a room, to CHECKED_IN. [staff]")
    def check_in(self, info: Info, id: strawberry.ID) -> Booking:
        return _changed(info, id, operations.check_in)

    @mutation("CHECKED_IN to CHECKED_OUT. [staff]")
    def check_out(self, info: Info, id: strawberry.ID) -> Booking:
        return _changed(info, id, operations.check_out)

    @mutation("PENDING_PAYMENT or CONFIRMED to CANCELLED. [guest]")
    def cancel_booking(self, info: Info, id: strawberry.ID, reason: str | None = None) -> Booking:
        return _changed(info, id, partial(operations.cancel_booking, reason=reason))

    @mutation("CONFIRMED to NO_SHOW. [staff]")
    def mark_no_show(self, info: Info, id: strawberry.ID) -> Booking:
        return _changed(info, id, operations.mark_no_show)

    @mutation("A new guest token; the old one stops working at once. [staff]")
    def renew_guest_token(self, info: Info, id: strawberry.ID) -> str:
        renew = partial(renew_guest_token, actor=info.context.actor, reference=id)
        row = info.context.change(models.Booking, renew)
        return info.context.services.guest_tokens.issue(row.reference, row.guest_token_nonce)


def _create(context: Context, hotel_slug: str, draft: BookingDraft) -> models.Booking:
    create = partial(create_booking, hotel_slug=hotel_slug, draft=draft, actor=context.actor, at=context.now)
    if context.keyed is None:
        context.allowance.spend_booking(context.actor)
        return context.change(models.Booking, create)

    def create_once(transaction: Transaction) -> models.Booking:
        # In here only the first of those who send the same at once is counted; the others wait for it.
        context.allowance.spend_booking(context.actor)
        return create(transaction)

    return context.change(models.Booking, create_once)


def _changed(info: Info, reference: str, step: operations.Step) -> Booking:
    context = info.context
    take = partial(step, actor=context.actor, reference=reference, at=context.now)
    return Booking.of(context.change(models.Booking, take))


def _status_url(settings: Settings, **values: str) -> str:
    return settings.booking_status_url.format(public_url=settings.origin, **values)
