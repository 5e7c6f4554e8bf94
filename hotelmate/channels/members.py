"""Who is in a presence channel: users, each counted once however many connections they have.

Source:
    Pusher docs, "Presence channels" and the presence events of the protocol page.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hotelmate.channels import frames
from hotelmate.channels.config import Limits
from hotelmate.channels.errors import FrameRefusedError, SubscriptionRefusedError


@dataclass(frozen=True, slots=True)
class Member:
    """A user as others see it. `info` is JSON of the application's choice, `null` when there is none."""

    user_id: str
    info: bytes


class Roster:
    """The members of one channel, in the order in which they came."""

    def __init__(self) -> None:
        self._members: dict[str, Member] = {}
        self._connections: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._members)

    def __iter__(self) -> Iterator[Member]:
        return iter(self._members.values())

    def __contains__(self, user_id: object) -> bool:
        return user_id in self._members

    def join(self, member: Member) -> bool:
        """Count one connection more; true for the user's first."""
        self._members.setdefault(member.user_id, member)
        self._connections[member.user_id] = self._connections.get(member.user_id, 0) + 1
        return self._connections[member.user_id] == 1

    def leave(self, member: Member) -> bool:
        """Count one connection less; true for the user's last."""
        self._connections[member.user_id] -= 1
        if self._connections[member.user_id]:
            return False
        del self._connections[member.user_id], self._members[member.user_id]
        return True


def parse_member(channel: str, channel_data: str, limits: Limits) -> Member:
    """Read the user that an application has signed into a presence token.

    Raises:
        SubscriptionRefusedError: It is not such data, or there is no usable `user_id`.
    """
    try:
        content = frames.unwrapped(channel_data)
        info = frames.encoded(content.get("user_info"))
    except FrameRefusedError as refused:
        raise SubscriptionRefusedError(channel, f"channel_data: {refused.message}") from refused
    user_id = _user_id(content.get("user_id"))
    if not 1 <= len(user_id) <= limits.user_id_characters:
        message = f"channel_data needs a user_id of 1 to {limits.user_id_characters} characters."
        raise SubscriptionRefusedError(channel, message)
    return Member(user_id=user_id, info=info)


def _user_id(value: Any) -> str:
    """Ids are compared and listed as strings, though some applications sign them as numbers."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""
