"""The bodies of requests that publish: read and checked whole, before anything is sent.

Source:
    Pusher docs, "HTTP API": POST event, POST batch events, their limits, and the deprecated POST to the
    events of a channel.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from hotelmate.channels import frames
from hotelmate.channels.config import Limits
from hotelmate.channels.errors import RequestRefusedError
from hotelmate.channels.names import is_channel_name, user_of
from hotelmate.channels.reports import Attributes, parse_attributes

_SOCKET_ID = re.compile(r"[0-9]+\.[0-9]+")


@dataclass(frozen=True, slots=True)
class Publication:
    """One event for one or more channels.

    `except_for` is the socket id of who caused it, `info` what the answer is to tell of the channels.
    """

    name: str
    data: str
    channels: tuple[str, ...]
    except_for: str | None
    info: Attributes


def parse_event(body: bytes, limits: Limits) -> Publication:
    """Read the body of `POST /apps/A/events`.

    Raises:
        RequestRefusedError: 413 when the data is too large, 400 for everything else.
    """
    content = _json_object(body)
    channels = content["channels"] if "channels" in content else [content.get("channel")]
    if not isinstance(channels, list):
        raise RequestRefusedError(400, "channels must be a list.")
    return _publication(content, channels, limits)


def parse_batch(body: bytes, limits: Limits) -> Sequence[Publication]:
    """Read the body of `POST /apps/A/batch_events`; one bad event refuses all.

    Raises:
        RequestRefusedError: 413 when an event's data is too large, 400 for everything else.
    """
    batch = _json_object(body).get("batch")
    if not isinstance(batch, list) or not all(isinstance(event, dict) for event in batch):
        raise RequestRefusedError(400, "batch must be a list of objects.")
    if not 1 <= len(batch) <= limits.events_per_batch:
        raise RequestRefusedError(400, f"A batch has 1 to {limits.events_per_batch} events.")
    return [_publication(event, [event.get("channel")], limits) for event in batch]


def parse_data(body: bytes, *, channel: str, query: Mapping[str, str], limits: Limits) -> Publication:
    """Read the body of `POST /apps/A/channels/C/events`, which is the data, and the query beside it.

    Raises:
        RequestRefusedError: 413 when the data is too large, 400 for everything else.
    """
    try:
        content = {**query, "data": body.decode()}
    except UnicodeDecodeError as error:
        raise RequestRefusedError(400, "The body is not valid UTF-8.") from error
    return _publication(content, [channel], limits)


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise RequestRefusedError(400, "The body is not valid JSON.") from error
    if not isinstance(content, dict):
        raise RequestRefusedError(400, "The body must be a JSON object.")
    return content


def _publication(content: Mapping[str, Any], channels: list[Any], limits: Limits) -> Publication:
    return Publication(
        name=_name(content.get("name"), limits),
        data=_data(content.get("data"), limits),
        channels=_channels(channels, limits),
        except_for=_socket_id(content.get("socket_id")),
        info=_info(content.get("info")),
    )


def _name(name: Any, limits: Limits) -> str:
    if not isinstance(name, str) or not 1 <= len(name) <= limits.event_name_characters:
        raise RequestRefusedError(400, f"name must have 1 to {limits.event_name_characters} characters.")
    return name


def _data(data: Any, limits: Limits) -> str:
    if not isinstance(data, str):
        raise RequestRefusedError(400, "data must be a string; encode anything else as JSON.")
    if frames.byte_length(data) > limits.event_bytes:
        raise RequestRefusedError(413, f"data must not be larger than {limits.event_bytes} bytes.")
    return data


def _channels(channels: list[Any], limits: Limits) -> tuple[str, ...]:
    """Check each name; naming a channel twice sends once."""
    if not 1 <= len(channels) <= limits.channels_per_event:
        raise RequestRefusedError(400, f"An event goes to 1 to {limits.channels_per_event} channels.")
    for channel in channels:
        if not isinstance(channel, str) or not _may_publish_to(channel, limits):
            raise RequestRefusedError(400, f"Invalid channel name {channel!r:.220}.")
    return tuple(dict.fromkeys(channels))


def _may_publish_to(channel: str, limits: Limits) -> bool:
    name = user_of(channel) or channel
    return len(name) <= limits.channel_name_characters and is_channel_name(name)


def _socket_id(socket_id: Any) -> str | None:
    if socket_id is None or (isinstance(socket_id, str) and _SOCKET_ID.fullmatch(socket_id)):
        return socket_id
    raise RequestRefusedError(400, "socket_id must be two numbers joined by a dot.")


def _info(info: Any) -> Attributes:
    if not isinstance(info, str | None):
        raise RequestRefusedError(400, "info must be a string of names joined by commas.")
    return parse_attributes(info or "")
