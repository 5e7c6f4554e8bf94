"""How the Pusher bridge stands for a hotel, and sending again what Pusher had refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hotelmate.bridge import backlog, letters
from hotelmate.bridge.letters import Letter
from hotelmate.database import Reading, Transaction, take_turn
from hotelmate.identity.actors import Actor
from hotelmate.identity.permissions import require_staff

_LETTERS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class DeliveryState:
    """How far a hotel's events have gone, what still waits, and how much has failed."""

    delivered_seq: int
    latest_seq: int
    pending: int
    oldest_pending_seconds: float | None
    last_error: str | None
    dead_letter_count: int


def delivery_state(reading: Reading, actor: Actor, *, at: datetime) -> DeliveryState:
    """[staff] Return how delivery stands for the caller's hotel."""
    hotel_id = require_staff(actor).hotel_id
    stands = backlog.of_hotel(reading, hotel_id)
    return DeliveryState(
        delivered_seq=stands.delivered_seq,
        latest_seq=stands.latest_seq,
        pending=stands.pending,
        oldest_pending_seconds=stands.oldest_pending_seconds(at),
        last_error=stands.last_error,
        dead_letter_count=stands.dead_letters,
    )


def dead_letters(reading: Reading, actor: Actor) -> Sequence[Letter]:
    """[staff] Return the oldest of the hotel's dead letters: after a bad day there can be many."""
    ids = letters.ids(reading, letters.of_hotel(require_staff(actor).hotel_id), limit=_LETTERS_AT_ONCE)
    return letters.read(reading, letters.with_ids(ids))


def retry_dead_letters(transaction: Transaction, actor: Actor, *, at: datetime) -> int:
    """[staff] Queue the hotel's dead letters to be sent again; returns how many were not queued already."""
    hotel = take_turn(transaction, require_staff(actor).hotel_id)
    return letters.queue(transaction, letters.of_hotel(hotel.id), at=at)
