"""The names of channels: made here for what is sent, and read here for whoever asks to join.

Each kind has one form and nothing else is one of ours, so that what is signed is what was understood.

Source:
    LEGACY.md, "Public and private channels" and "Channel authorization".
"""

from dataclasses import dataclass
from enum import Enum

from hotelmate.models import REFERENCE, SLUG


class ChannelKind(Enum):
    """What a channel is about and who may join; the value is the prefix of its name."""

    HOTEL = "hotel-"
    PRIVATE_HOTEL = "private-hotel-"
    PRESENCE_HOTEL = "presence-hotel-"
    BOOKING = "booking."
    PRIVATE_BOOKING = "private-guest-booking."


_OF_A_BOOKING = {ChannelKind.BOOKING, ChannelKind.PRIVATE_BOOKING}


@dataclass(frozen=True, slots=True)
class ChannelName:
    """A channel's kind, and the slug of its hotel or the reference of its booking."""

    kind: ChannelKind
    id: str

    def __str__(self) -> str:
        return self.kind.value + self.id


def parse(text: str) -> ChannelName | None:
    """Return what a name stands for; None when it is not one of ours."""
    for kind in ChannelKind:
        form = REFERENCE if kind in _OF_A_BOOKING else SLUG
        if text.startswith(kind.value) and form.fullmatch(text, len(kind.value)):
            return ChannelName(kind, text.removeprefix(kind.value))
    return None
