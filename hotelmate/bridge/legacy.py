"""From an event to its legacy messages: on which channels, and who is told what.

The same for an event however often it is asked, so that a repeat can be told by its `meta`.

Source:
    LEGACY.md, "Public and private channels".
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self

from hotelmate.bridge.names import ChannelKind, ChannelName
from hotelmate.bridge.payloads import Payload, name_and_payload
from hotelmate.bridge.sending import LegacyMessage
from hotelmate.bridge.truncation import encode
from hotelmate.events.catalogue import BookingCheckedIn, BookingEventData
from hotelmate.events.log import Event
from hotelmate.settings import ChannelVisibility, Settings

IssueGuestToken = Callable[[str, str], str | None]
"""Makes the guest token of a booking from its reference and the nonce that it is signed over.

None when it must not be published.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Legacy:
    """Turns events into legacy messages, on the channels that the settings ask for."""

    hotel_channels: ChannelVisibility
    booking_channels: ChannelVisibility
    is_guest_token_public: bool
    issue_guest_token: IssueGuestToken

    @classmethod
    def configured(cls, settings: Settings, issue_guest_token: IssueGuestToken) -> Self:
        """Follow the settings."""
        return cls(
            hotel_channels=settings.pusher_hotel_channels,
            booking_channels=settings.pusher_booking_channels,
            is_guest_token_public=settings.pusher_public_guest_token,
            issue_guest_token=issue_guest_token,
        )

    def messages_of(self, event: Event) -> list[LegacyMessage]:
        """Return what goes out for an event, the public channel first; nothing if it has no legacy event."""
        legacy = name_and_payload(event)
        if legacy is None:
            return []
        name, payload = legacy
        return [
            LegacyMessage(str(channel), name, _encoded(event, {**payload, **self._secret(event, channel)}))
            for channel in self._channels(event)
        ]

    def channels_of(self, event: Event) -> list[ChannelName]:
        """Return the channels that an event goes out on, the public one first."""
        return [] if name_and_payload(event) is None else list(self._channels(event))

    def _channels(self, event: Event) -> Iterator[ChannelName]:
        match event.data:
            case BookingEventData(booking_id=reference):
                visibility, public, private = (
                    self.booking_channels,
                    ChannelName(ChannelKind.BOOKING, reference),
                    ChannelName(ChannelKind.PRIVATE_BOOKING, reference),
                )
            case _:
                visibility, public, private = (
                    self.hotel_channels,
                    ChannelName(ChannelKind.HOTEL, event.hotel_slug),
                    ChannelName(ChannelKind.PRIVATE_HOTEL, event.hotel_slug),
                )
        if visibility is not ChannelVisibility.PRIVATE:
            yield public
        if visibility is not ChannelVisibility.PUBLIC:
            yield private

    def _secret(self, event: Event, channel: ChannelName) -> Payload:
        """What only the booking's own audience may know, as far as the settings do not say otherwise."""
        is_told = channel.kind is ChannelKind.PRIVATE_BOOKING or self.is_guest_token_public
        match event.data:
            case BookingCheckedIn(booking_id=reference, guest_token_nonce=nonce) if is_told:
                token = self.issue_guest_token(reference, nonce)
                return {} if token is None else {"guest_token": token}
            case _:
                return {}


def _encoded(event: Event, payload: Payload) -> str:
    meta = {"event_id": event.id, "seq": event.seq, "cursor": event.cursor}
    return encode({**payload, "meta": meta}).decode()
