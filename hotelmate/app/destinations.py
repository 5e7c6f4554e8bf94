"""Where the bridge sends, and frontends listen: at a Pusher service, or at the embedded Channels server."""

from collections.abc import Mapping
from typing import Protocol

from hotelmate.bridge.legacy import IssueGuestToken
from hotelmate.bridge.pusher_client import PusherSender
from hotelmate.channels import App, ChannelsServer, Limits, RedisStream, Request, Response
from hotelmate.identity.actors import Actor
from hotelmate.identity.admissions import Admissions
from hotelmate.identity.guest_tokens import GuestTokens, was_renewed
from hotelmate.identity.rights import Rights
from hotelmate.settings import EMBEDDED_APP_ID, EMBEDDED_KEY, PusherSettings, Settings

# Hosted Pusher has room for a hundred members in a channel; a hotel can have more staff than that.
_STAFF_PRESENT = 1_000


class Destination(Protocol):
    """What the bridge sends to."""

    sender: PusherSender
    server: ChannelsServer | None
    """What is to be served in this process, if anything."""

    def remember_admission(self, actor: Actor, socket_id: str) -> None:
        """Have a socket that was signed for closed when the rights end that it was signed by, if possible."""

    def published_guest_tokens(self, guest_tokens: GuestTokens) -> IssueGuestToken:
        """Return what makes the guest tokens that events may carry."""


def destination_of(settings: Settings, rights: Rights, backplane: RedisStream | None) -> Destination:
    """Return the Pusher service that the settings name, else the embedded server.

    Args:
        settings: name it.
        rights: let clients in to the embedded server; with their end it puts them off.
        backplane: connects the embedded servers of several processes.
    """
    if settings.pusher.is_configured:
        return PusherService(settings.pusher)
    return EmbeddedServer(settings, rights, backplane)


class PusherService:
    """A Pusher service, as a `Destination`. It cannot be told to put anybody off a channel."""

    def __init__(self, settings: PusherSettings) -> None:
        self.sender = PusherSender.to_service(settings)
        self.server: ChannelsServer | None = None

    def remember_admission(self, actor: Actor, socket_id: str) -> None:
        """Remember nothing, as nothing could be done."""

    def published_guest_tokens(self, guest_tokens: GuestTokens) -> IssueGuestToken:
        """Leave renewed tokens out: whoever held the old one may still listen where the new one would go."""
        return lambda reference, nonce: None if was_renewed(nonce) else guest_tokens.issue(reference, nonce)


class EmbeddedServer:
    """The embedded Channels server, as a `Destination`."""

    def __init__(self, settings: Settings, rights: Rights, backplane: RedisStream | None) -> None:
        server = ChannelsServer(
            [_app(settings)],
            limits=Limits(
                members_per_channel=_STAFF_PRESENT, connections_per_address=settings.sockets_per_address
            ),
            backplane=backplane,
            on_note=self._hear_of_admission,
        )
        self._admissions = Admissions(
            rights, is_open=server.has_socket, close=server.disconnect_socket, tell=server.note
        )
        self.server: ChannelsServer | None = server
        self.sender = _sender_to(server, secret=settings.embedded_secret)

    def remember_admission(self, actor: Actor, socket_id: str) -> None:
        """Have the socket closed with the actor's rights, whichever process it is at."""
        self._admissions.remember(actor, socket_id)

    def published_guest_tokens(self, guest_tokens: GuestTokens) -> IssueGuestToken:
        """Publish each: whoever held a token that was renewed has been put off the channel."""
        return guest_tokens.issue

    def _hear_of_admission(self, told: str) -> None:
        self._admissions.hear(told)


def _app(settings: Settings) -> App:
    return App(
        id=EMBEDDED_APP_ID,
        key=EMBEDDED_KEY,
        secret=settings.embedded_secret,
        previous_secret=settings.embedded_previous_secret,
        webhook_url=settings.channels_webhook_url,
        webhook_batches=settings.channels_webhook_batches,
        subscription_counts=settings.channels_subscription_counts,
        allowed_origins=settings.socket_origins,
    )


def _sender_to(server: ChannelsServer, *, secret: str) -> PusherSender:
    async def door(
        method: str, path: str, query_string: str, headers: Mapping[str, str], body: bytes
    ) -> Response:
        return await server.handle(Request(method, path, query_string, headers, body))

    return PusherSender.in_process(app_id=EMBEDDED_APP_ID, key=EMBEDDED_KEY, secret=secret, door=door)
