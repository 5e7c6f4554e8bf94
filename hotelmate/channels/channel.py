"""One channel: who is subscribed here, how many are elsewhere, and who are its members."""

from typing import NamedTuple

from hotelmate.channels.connection import Connection
from hotelmate.channels.members import Member, Roster
from hotelmate.channels.names import kind_of


class UserChange(NamedTuple):
    """A user that a connection has brought or taken away: to or from this server, and all servers at that."""

    member: Member
    is_everywhere: bool


class Channel:
    """A channel with its subscribers on this server.

    `len` and `roster` count those on other servers as well; `roster` stays empty unless it is a presence
    channel, and counts a user once for each server that it is on.
    """

    __slots__ = ("_here", "_members", "elsewhere", "kind", "name", "roster")

    def __init__(self, name: str) -> None:
        self.name = name
        self.kind = kind_of(name)
        self.roster = Roster()
        self.elsewhere = 0
        self._here = Roster()
        self._members: dict[Connection, Member | None] = {}

    def __len__(self) -> int:
        return len(self._members) + self.elsewhere

    @property
    def subscribers(self) -> list[Connection]:
        """Every connection here that is subscribed, as a copy."""
        return list(self._members)

    @property
    def members_here(self) -> dict[str, Member]:
        """The members that have a connection here, by their ids."""
        return {member.user_id: member for member in self._here}

    def add(self, connection: Connection, member: Member | None) -> UserChange | None:
        """Take in a connection, and return the user that has come with it."""
        self._members[connection] = member
        if member is None or not self._here.join(member):
            return None
        return UserChange(member, self.roster.join(member))

    def remove(self, connection: Connection) -> UserChange | None:
        """Let a connection go, and return the user that is gone with it."""
        member = self._members.pop(connection)
        if member is None or not self._here.leave(member):
            return None
        return UserChange(member, self.roster.leave(member))

    def member(self, connection: Connection) -> Member | None:
        """Return the user that a subscriber has joined as; None on channels without members."""
        return self._members[connection]

    def send(self, frame: bytes, *, except_for: Connection | None = None) -> None:
        """Write a frame to every subscriber here but one."""
        # Writing changes no membership, even where it cuts a connection off: that is noticed later.
        for connection in self._members:
            if connection is not except_for:
                connection.socket.write(frame)
