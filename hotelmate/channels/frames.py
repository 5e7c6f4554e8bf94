"""Messages as they travel: what the server sends, encoded to the last byte, and what clients send.

A server's frame is unmasked, so it is the same for every receiver: it is built once and its bytes are
shared by all.

Source: Pusher docs, "Pusher Channels protocol".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from hotelmate.channels.errors import FrameRefusedError
from hotelmate.sockets import text_frame


@dataclass(frozen=True, slots=True)
class ClientMessage:
    """What a client sent; `data` is any JSON value, None when absent."""

    event: str
    channel: str | None
    data: Any


def parse(text: str) -> ClientMessage:
    """Read one message of a client.

    Raises:
        FrameRefusedError: It is not a JSON object with an `event`, or `channel` is not a string.
    """
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise FrameRefusedError("The message is not valid JSON.") from error
    if not isinstance(message, dict) or not isinstance(message.get("event"), str):
        raise FrameRefusedError('The message must be a JSON object with a string "event".')
    channel = message.get("channel")
    if channel is not None and not isinstance(channel, str):
        raise FrameRefusedError('"channel" must be a string.')
    return ClientMessage(event=message["event"], channel=channel, data=message.get("data"))


def unwrapped(data: Any) -> dict[str, Any]:
    """Read the data of a protocol message, which some clients send as an object and some as its JSON text.

    Raises:
        FrameRefusedError: It is neither.
    """
    try:
        content = orjson.loads(data) if isinstance(data, str) else data
    except orjson.JSONDecodeError as error:
        raise FrameRefusedError('"data" is not valid JSON.') from error
    if not isinstance(content, dict):
        raise FrameRefusedError('"data" must be a JSON object.')
    return content


def encoded(value: Any) -> bytes:
    """Encode a value that a client sent, to be passed on as it is.

    Raises:
        FrameRefusedError: It is nested deeper than can be encoded, though not than can be read.
    """
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError as error:
        raise FrameRefusedError("The data is nested too deeply.") from error


def byte_length(text: str) -> int:
    """Measure a text as the protocol does: in bytes of UTF-8."""
    return len(text) if text.isascii() else len(text.encode())


def frame(message: dict[str, Any]) -> bytes:
    """Encode a message as one whole WebSocket text frame, header included."""
    return text_frame(orjson.dumps(message))


def connection_established(*, socket_id: str, activity_timeout_seconds: int) -> bytes:
    """Say welcome. Nothing may be sent before it."""
    data = {"socket_id": socket_id, "activity_timeout": activity_timeout_seconds}
    return frame({"event": "pusher:connection_established", "data": _nested(data)})


def error(message: str, *, code: int | None, channel: str | None = None) -> bytes:
    """Say what was wrong; `channel` makes clients hand it to that channel's handlers as well."""
    content: dict[str, Any] = {"event": "pusher:error", "data": {"code": code, "message": message}}
    if channel is not None:
        content["channel"] = channel
    return frame(content)


def subscription_succeeded(channel: str) -> bytes:
    """Confirm a subscription."""
    return frame({"event": "pusher_internal:subscription_succeeded", "channel": channel, "data": "{}"})


def presence_subscription_succeeded(channel: str, info_by_user: Mapping[str, bytes]) -> bytes:
    """Confirm a subscription to a presence channel; says who is there, the new one included."""
    users = {user_id: orjson.Fragment(info) for user_id, info in info_by_user.items()}
    data = _nested({"presence": {"ids": list(users), "hash": users, "count": len(users)}})
    return frame({"event": "pusher_internal:subscription_succeeded", "channel": channel, "data": data})


def subscription_error(channel: str, message: str, *, kind: str, status: int) -> bytes:
    """Refuse a subscription, in the form in which pusher-js reports a failing auth endpoint."""
    data = {"type": kind, "error": message, "status": status}
    return frame({"event": "pusher:subscription_error", "channel": channel, "data": data})


def member_added(channel: str, user_id: str, info: bytes) -> bytes:
    """Tell the others of a user who has come; `info` is JSON."""
    data = _nested({"user_id": user_id, "user_info": orjson.Fragment(info)})
    return frame({"event": "pusher_internal:member_added", "channel": channel, "data": data})


def member_removed(channel: str, user_id: str) -> bytes:
    """Tell the others of a user who has gone."""
    data = _nested({"user_id": user_id})
    return frame({"event": "pusher_internal:member_removed", "channel": channel, "data": data})


def cache_miss(channel: str) -> bytes:
    """Say that there is no last event to begin with."""
    return frame({"event": "pusher:cache_miss", "channel": channel})


def event(name: str, *, channel: str, data: str) -> bytes:
    """Carry an event of the HTTP API; `data` is the very string that was published."""
    return frame({"event": name, "channel": channel, "data": data})


def client_event(name: str, *, channel: str, data: bytes, user: Mapping[str, str]) -> bytes:
    """Carry a client's event, built anew: `data` is JSON, `user` holds the sender's `user_id` if known."""
    return frame({"event": name, "channel": channel, "data": orjson.Fragment(data), **user})


def signin_success(user_data: str) -> bytes:
    """Confirm a sign-in with the very text that was signed."""
    return frame({"event": "pusher:signin_success", "data": _nested({"user_data": user_data})})


def watchlist_events(change: str, user_ids: Sequence[str]) -> bytes:
    """Tell that watched users have come `online` or gone `offline`."""
    data = _nested({"events": [{"name": change, "user_ids": user_ids}]})
    return frame({"event": "pusher_internal:watchlist_events", "data": data})


def subscription_count(channel: str, count: int) -> bytes:
    """Tell how many connections are subscribed."""
    data = _nested({"subscription_count": count})
    return frame({"event": "pusher_internal:subscription_count", "channel": channel, "data": data})


def _nested(value: dict[str, Any]) -> str:
    """Encode data as the JSON text that the protocol puts inside a string."""
    return orjson.dumps(value).decode()


PING = frame({"event": "pusher:ping", "data": "{}"})
PONG = frame({"event": "pusher:pong", "data": "{}"})
