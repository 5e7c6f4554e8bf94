"""What a verification says."""

from dataclasses import dataclass
from enum import StrEnum


class HoleKind(StrEnum):
    """What is wrong."""

    EVENT_MISSING = "event_missing"
    EVENT_UNREADABLE = "event_unreadable"
    EVENT_OUT_OF_PLACE = "event_out_of_place"
    CHANGE_UNRECORDED = "change_unrecorded"
    STATE_DIFFERS = "state_differs"
    DELIVERY_IMPOSSIBLE = "delivery_impossible"
    LEDGER_UNREADABLE = "ledger_unreadable"
    LOST = "lost"
    DOUBLED = "doubled"
    OUT_OF_ORDER = "out_of_order"


@dataclass(frozen=True, slots=True)
class Hole:
    """Something that is not as it must be; `hotel` is a slug, None for what belongs to none."""

    kind: HoleKind
    hotel: str | None
    says: str


@dataclass(frozen=True, slots=True)
class HotelFindings:
    """How a hotel's log stands: what is kept of it, and what became of that.

    `delivered` counts the kept events that the bridge has dealt with, `dead_letters` the messages that Pusher
    refused, and `pending` the events that it has not been told yet.
    """

    hotel: str
    first_seq: int
    last_seq: int
    events: int
    delivered: int
    pending: int
    dead_letters: int
    holes: int
