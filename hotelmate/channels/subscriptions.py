"""May this client join this channel? The rules for names, tokens and counts, in one place."""

from dataclasses import dataclass
from typing import Any

from hotelmate.channels import frames, tokens
from hotelmate.channels.config import App, Limits
from hotelmate.channels.connection import Connection
from hotelmate.channels.errors import FrameRefusedError, SubscriptionRefusedError
from hotelmate.channels.hub import Hub
from hotelmate.channels.members import Member, parse_member
from hotelmate.channels.names import is_channel_name, kind_of, user_of

LIMIT_REACHED = "LimitReached"

# The statuses that clients of soketi know; the documentation leaves them open.
NAME_REFUSED = 4009
COUNT_REFUSED = 4100
MEMBER_REFUSED = 4301


@dataclass(frozen=True, slots=True)
class SubscribeRequest:
    """What a client sends to join a channel; on public channels the rest is ignored."""

    channel: str
    auth: str
    channel_data: str | None


def parse(data: Any) -> SubscribeRequest:
    """Read the data of `pusher:subscribe`, which some clients encode once more.

    Raises:
        FrameRefusedError: It names no channel, or a part of it is not a string.
    """
    content = frames.unwrapped(data)
    channel, auth, channel_data = (content.get(key) for key in ("channel", "auth", "channel_data"))
    if not isinstance(channel, str):
        raise FrameRefusedError('A subscription needs a string "channel".')
    if not isinstance(auth, str | None) or not isinstance(channel_data, str | None):
        raise FrameRefusedError('"auth" and "channel_data" must be strings.', channel=channel)
    return SubscribeRequest(channel=channel, auth=auth or "", channel_data=channel_data)


def check(request: SubscribeRequest, connection: Connection, *, hub: Hub, limits: Limits) -> Member | None:
    """Let pass only what may be granted, and name the member that joins with it, on presence channels.

    Raises:
        FrameRefusedError: The connection is in this channel already.
        SubscriptionRefusedError: The name, a count, the token or the member will not do.
    """
    channel = request.channel
    if channel in connection.channels:
        raise FrameRefusedError(f"Existing subscription to channel {channel}", channel=channel)
    _check_name(channel, limits)
    if len(connection.channels) >= limits.subscriptions_per_connection:
        message = f"A connection can join at most {limits.subscriptions_per_connection} channels."
        raise SubscriptionRefusedError(channel, message, kind=LIMIT_REACHED, status=COUNT_REFUSED)
    kind = kind_of(channel)
    if kind.needs_token:
        _check_token(request, connection, hub.app)
    return _member(request, connection, hub=hub, limits=limits) if kind.has_members else None


def check_user_channel(request: SubscribeRequest, connection: Connection) -> None:
    """Let a user's own channel be joined only by who is signed in as that user; it needs no token.

    Raises:
        SubscriptionRefusedError: It is the channel of someone else.
    """
    if connection.user is None or connection.user.user_id != user_of(request.channel):
        raise SubscriptionRefusedError(request.channel, "Not signed in as the user of this channel.")


def _check_name(channel: str, limits: Limits) -> None:
    if len(channel) > limits.channel_name_characters:
        message = f"A channel's name has at most {limits.channel_name_characters} characters."
        raise SubscriptionRefusedError(channel, message, kind=LIMIT_REACHED, status=NAME_REFUSED)
    if not is_channel_name(channel):
        message = "A channel's name is made of letters, digits and _ - = @ , . ; only."
        raise SubscriptionRefusedError(channel, message, kind="InvalidChannelName", status=NAME_REFUSED)


def _check_token(request: SubscribeRequest, connection: Connection, app: App) -> None:
    """Compare the whole token, key included. What comes as `channel_data` is part of what was signed."""
    signatures = [
        tokens.channel_signature(
            secret,
            socket_id=connection.socket_id,
            channel=request.channel,
            channel_data=request.channel_data,
        )
        for secret in app.secrets
    ]
    if not tokens.is_one_of(request.auth, [f"{app.key}:{signature}" for signature in signatures]):
        signed = f"{connection.socket_id}:{request.channel}"
        message = f"Invalid signature: expected KEY:HMAC, the HMAC SHA256 hex digest being of {signed}"
        raise SubscriptionRefusedError(request.channel, message)


def _member(request: SubscribeRequest, connection: Connection, *, hub: Hub, limits: Limits) -> Member:
    """Take the member from what the token has proved, and see whether there is room for it."""
    member = _named_member(request, connection, limits)
    if len(member.info) > limits.member_bytes:
        message = f"user_info must not be larger than {limits.member_bytes} bytes."
        raise SubscriptionRefusedError(request.channel, message, kind=LIMIT_REACHED, status=MEMBER_REFUSED)
    members = hub.channel(request.channel).roster
    if member.user_id not in members and len(members) >= limits.members_per_channel:
        message = f"A presence channel has at most {limits.members_per_channel} members."
        raise SubscriptionRefusedError(request.channel, message, kind=LIMIT_REACHED, status=COUNT_REFUSED)
    return member


def _named_member(request: SubscribeRequest, connection: Connection, limits: Limits) -> Member:
    if request.channel_data is not None:
        return parse_member(request.channel, request.channel_data, limits)
    if connection.user is not None:
        return Member(connection.user.user_id, connection.user.info)
    raise SubscriptionRefusedError(
        request.channel, "A presence channel needs channel_data or a signed-in user."
    )
