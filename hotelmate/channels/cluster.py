"""Several servers that share the clients of the same apps.

Each holds its own clients and knows what the others hold: how many are on each channel, who is on presence
channels, and who is signed in. Servers tell each other of changes as they happen, and of their whole state
when another may have missed some. A server that has not been heard for a while counts as dead, and its
clients as gone, until it is heard again.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import structlog

from hotelmate.channels.backplane import Backplane
from hotelmate.channels.elsewhere import Elsewhere
from hotelmate.channels.hub import Hub
from hotelmate.channels.messages import (
    Alive,
    ChannelChanged,
    ClientSaid,
    Message,
    Note,
    Published,
    State,
    StateWanted,
    UserChanged,
    UserTerminated,
    decode,
    encode,
)
from hotelmate.channels.shares import Share

# Several who ask for the state at once are answered together.
_GATHER_SECONDS = 0.05
_INTRODUCTION_SECONDS = 1.0

logger = structlog.get_logger()


@dataclass(slots=True)
class Other:
    """Another server: when it was last heard, and what it holds of each app."""

    heard_at: float
    elsewhere: Mapping[str, Elsewhere]
    is_known: asyncio.Event = field(default_factory=asyncio.Event)


class Cluster:
    """This server's view of the others: the `Peers` of the hubs, and the `Listener` of the backplane."""

    def __init__(
        self,
        backplane: Backplane,
        *,
        silent_seconds: float,
        on_note: Callable[[str], None],
        on_missed: Callable[[], None],
    ) -> None:
        """Prepare to talk over a backplane.

        Args:
            backplane: carries what is said.
            silent_seconds: how long a server may be silent until it counts as dead.
            on_note: called with the application's notes.
            on_missed: called when events for clients of this server have been lost on the way.
        """
        self._backplane = backplane
        self._silent_seconds = silent_seconds
        self._on_note = on_note
        self._on_missed = on_missed
        self._hubs: dict[str, Hub] = {}
        self._others: dict[str, Other] = {}
        self._answer: asyncio.TimerHandle | None = None
        self._watching: asyncio.Task[None] | None = None

    async def start(self, hubs: Mapping[str, Hub]) -> None:
        """Join the others, with these hubs by the ids of their apps."""
        self._hubs = dict(hubs)
        # Whoever was silent for longer counts as dead everywhere else.
        await self._backplane.start(self, look_back_seconds=self._silent_seconds)
        self._watching = asyncio.create_task(self._keep_watch())
        # So that the first client finds everybody there. One of them may have died just now.
        unknown = [other.is_known.wait() for other in self._others.values()]
        with suppress(TimeoutError):
            async with asyncio.timeout(_INTRODUCTION_SECONDS):
                await asyncio.gather(*unknown)

    async def stop(self) -> None:
        """Leave the others."""
        if self._watching is not None:
            self._watching.cancel()
        if self._answer is not None:
            self._answer.cancel()
        self.post(State(shares={}, is_last=True))
        await self._backplane.stop()

    async def send(self, messages: Sequence[Message]) -> None:
        """See `Peers.send`."""
        await self._backplane.send([encode(message) for message in messages])

    def post(self, message: Message) -> None:
        """See `Peers.post`; a note is kept until it can be sent, as nothing later makes up for it."""
        is_lasting = isinstance(message, Note)
        self._backplane.post(encode(message), is_lasting=is_lasting)

    def connected(self, *, has_missed: bool) -> None:
        """Tell the others what is here, and ask what they have."""
        now = asyncio.get_running_loop().time()
        for other in self._others.values():
            # They were silent only to us, while we were cut off.
            other.heard_at = now
        self._tell_state()
        self.post(StateWanted(server_id=None))
        if has_missed:
            self._on_missed()

    def receive(self, sender: str, message: bytes) -> None:
        """Take what another server has said."""
        try:
            told = decode(message)
        except ValueError as error:
            # A server of another version; it is still alive.
            logger.warning("message_not_understood", error=str(error))
            told = Alive()
        other = self._others.get(sender) or self._meet(sender, told)
        other.heard_at = asyncio.get_running_loop().time()
        self._take(other, told)
        if isinstance(told, State) and told.is_last:
            del self._others[sender]

    def _meet(self, sender: str, told: Message) -> Other:
        """Take note of a server that was not known, and ask for its state unless that is what it tells."""
        other = Other(0, {app_id: Elsewhere(hub) for app_id, hub in self._hubs.items()})
        self._others[sender] = other
        if not isinstance(told, State):
            self.post(StateWanted(server_id=sender))
        return other

    def _take(self, other: Other, told: Message) -> None:
        match told:
            case State(shares=shares):
                self._replace(other, shares)
            case StateWanted(server_id=server_id):
                if server_id in {None, self._backplane.server_id}:
                    self._answer_soon()
            case Note(text=text):
                self._on_note(text)
            case Alive():
                pass
            case _ if (hub := self._hubs.get(told.app_id)) is not None:
                self._take_for(hub, other, told)

    def _take_for(
        self,
        hub: Hub,
        other: Other,
        told: Published | ClientSaid | UserTerminated | ChannelChanged | UserChanged,
    ) -> None:
        match told:
            case Published():
                hub.deliver(told)
            case ClientSaid():
                hub.deliver_client_event(told)
            case UserTerminated(user_id=user_id):
                hub.terminate_here(user_id)
            case ChannelChanged():
                other.elsewhere[hub.app.id].change_channel(told)
            case UserChanged(user_id=user_id, is_online=is_online):
                other.elsewhere[hub.app.id].change_user(user_id, is_online=is_online)

    def _replace(self, other: Other, shares: Mapping[str, Any]) -> None:
        """Take in all that another server holds, in place of what was known of it."""
        other.is_known.set()
        for app_id, elsewhere in other.elsewhere.items():
            elsewhere.become(Share.from_json(shares[app_id]) if app_id in shares else Share())

    def _answer_soon(self) -> None:
        if self._answer is None:
            loop = asyncio.get_running_loop()
            self._answer = loop.call_later(_GATHER_SECONDS, self._tell_state)

    def _tell_state(self) -> None:
        self._answer = None
        shares = {app_id: hub.share.as_json() for app_id, hub in self._hubs.items()}
        self.post(State(shares=shares))

    async def _keep_watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._silent_seconds / 4)
            self.post(Alive())
            # Whoever cannot hear must not take the others for silent.
            if self._backplane.is_connected:
                silent_since = loop.time() - self._silent_seconds
                dead = [
                    server_id for server_id, other in self._others.items() if other.heard_at < silent_since
                ]
                for server_id in dead:
                    logger.warning("server_silent", server=server_id)
                    self._replace(self._others.pop(server_id), {})
