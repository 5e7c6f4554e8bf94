"""What one server holds of one app, as the others know it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from hotelmate.channels.members import Member


@dataclass(slots=True)
class Share:
    """How many connections are on each channel, which users on presence channels, and who is signed in."""

    subscribers: dict[str, int] = field(default_factory=dict)
    members: dict[str, dict[str, Member]] = field(default_factory=dict)
    online: set[str] = field(default_factory=set)

    def as_json(self) -> dict[str, Any]:
        """Return it as it goes into a message."""
        return {
            "subscribers": self.subscribers,
            "members": {
                channel: {user_id: member.info.decode() for user_id, member in members.items()}
                for channel, members in self.members.items()
            },
            "online": sorted(self.online),
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Read it from a message."""
        return cls(
            subscribers=dict(content["subscribers"]),
            members={
                channel: {user_id: Member(user_id, info.encode()) for user_id, info in members.items()}
                for channel, members in content["members"].items()
            },
            online=set(content["online"]),
        )
