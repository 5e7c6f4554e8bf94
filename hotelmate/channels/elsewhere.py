"""What one other server holds of one app, and how that counts here."""

from hotelmate.channels.hub import Hub
from hotelmate.channels.members import Member
from hotelmate.channels.messages import ChannelChanged
from hotelmate.channels.shares import Share


class Elsewhere:
    """Another server's share, counted into this server's hub; telling the same twice changes nothing."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._share = Share()

    def change_channel(self, told: ChannelChanged) -> None:
        """Note how many are on a channel there now, and who has come or gone."""
        # A channel is forgotten with its last subscriber, so members leave before and come after that counts.
        if told.left is not None:
            self._leave(told.channel, told.left)
        self._count(told.channel, told.subscribers)
        if told.joined is not None:
            self._join(told.channel, Member(told.joined, told.info.encode()))

    def change_user(self, user_id: str, *, is_online: bool) -> None:
        """Note whether a user is signed in there now."""
        if is_online and user_id not in self._share.online:
            self._share.online.add(user_id)
            self._hub.online.come_elsewhere(user_id)
        elif not is_online and user_id in self._share.online:
            self._share.online.remove(user_id)
            self._hub.online.go_elsewhere(user_id)

    def become(self, new: Share) -> None:
        """Note all that is there now, in place of what was."""
        for channel, members in tuple(self._share.members.items()):
            for user_id in members.keys() - new.members.get(channel, {}).keys():
                self._leave(channel, user_id)
        for channel in self._share.subscribers.keys() | new.subscribers.keys():
            self._count(channel, new.subscribers.get(channel, 0))
        for channel, members in new.members.items():
            for member in members.values():
                self._join(channel, member)
        for user_id in self._share.online | new.online:
            self.change_user(user_id, is_online=user_id in new.online)

    def _count(self, channel: str, subscribers: int) -> None:
        by = subscribers - self._share.subscribers.get(channel, 0)
        if by == 0:
            return
        self._share.subscribers[channel] = subscribers
        if subscribers == 0:
            del self._share.subscribers[channel]
        self._hub.count_elsewhere(channel, by=by)

    def _join(self, channel: str, member: Member) -> None:
        members = self._share.members.setdefault(channel, {})
        if member.user_id not in members:
            members[member.user_id] = member
            self._hub.come_elsewhere(channel, member)

    def _leave(self, channel: str, user_id: str) -> None:
        members = self._share.members.get(channel, {})
        if user_id in members:
            self._hub.go_elsewhere(channel, members.pop(user_id))
        if not members:
            self._share.members.pop(channel, None)
