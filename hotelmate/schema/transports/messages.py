"""The messages of graphql-transport-ws, as they come in and as they go out.

Source: PROTOCOL.md of enisdenjo/graphql-ws.
"""

from dataclasses import dataclass
from typing import Any

import orjson

from hotelmate.schema.transports.requests import GraphQLRequest, MalformedRequest, from_parameters

SUBPROTOCOL = "graphql-transport-ws"

ACKNOWLEDGED = b'{"type":"connection_ack"}'
PING = b'{"type":"ping"}'

# An id comes back with every event; clients use UUIDs.
_LONGEST_ID = 256


class InvalidMessage(Exception):
    """What came in is no message of the protocol, or none that a client sends."""


@dataclass(frozen=True, slots=True)
class ConnectionInit:
    """The client introduces itself, with what it would send as an `Authorization` header."""

    credentials: str | None


@dataclass(frozen=True, slots=True)
class Ping:
    """The client asks whether we are there; `answer` is the pong, with the same payload."""

    answer: bytes


@dataclass(frozen=True, slots=True)
class Pong:
    """The client is there."""


@dataclass(frozen=True, slots=True)
class Subscribe:
    """The client wants an operation carried out, and calls it by this id."""

    id: str
    request: GraphQLRequest


@dataclass(frozen=True, slots=True)
class Complete:
    """The client wants no more of the operation with this id."""

    id: str


Message = ConnectionInit | Ping | Pong | Subscribe | Complete


def parse(frame: bytes) -> Message:
    """Return the message that a frame holds.

    Raises:
        InvalidMessage: it holds none; says why.
    """
    try:
        fields = orjson.loads(frame)
    except orjson.JSONDecodeError:
        raise InvalidMessage("The message is not valid JSON") from None
    if not isinstance(fields, dict):
        raise InvalidMessage("The message is not an object")
    match fields.get("type"):
        case "connection_init":
            return ConnectionInit(_credentials(_payload(fields) or {}))
        case "ping":
            return Ping(_pong(_payload(fields)))
        case "pong":
            _payload(fields)
            return Pong()
        case "subscribe":
            return Subscribe(_id(fields), _request(fields))
        case "complete":
            return Complete(_id(fields))
        case _:
            raise InvalidMessage("The message's type is unknown")


def next_opening(operation_id: str) -> bytes:
    """Return what comes before the result in a message for one result."""
    return b'{"id":%b,"type":"next","payload":' % orjson.dumps(operation_id)


def next_result(opening: bytes, payload: bytes) -> bytes:
    """Return the message for one result, which is JSON already."""
    return b"%b%b}" % (opening, payload)


def error(operation_id: str, errors: list[dict[str, Any]]) -> bytes:
    """Return the message that ends an operation with errors."""
    return orjson.dumps({"id": operation_id, "type": "error", "payload": errors})


def complete(operation_id: str) -> bytes:
    """Return the message that ends an operation well."""
    return orjson.dumps({"id": operation_id, "type": "complete"})


def _payload(fields: dict[str, Any]) -> dict[str, Any] | None:
    payload = fields.get("payload")
    if not isinstance(payload, dict | None):
        raise InvalidMessage("'payload' must be an object")
    return payload


def _credentials(payload: dict[str, Any]) -> str | None:
    """Return the payload's `authorization`, in whatever letter case its key is."""
    values = (value for key, value in payload.items() if key.lower() == "authorization")
    credentials = next(values, None)
    if not isinstance(credentials, str | None):
        raise InvalidMessage("'authorization' must be a string")
    return credentials


def _pong(payload: dict[str, Any] | None) -> bytes:
    message = {"type": "pong"} if payload is None else {"type": "pong", "payload": payload}
    try:
        return orjson.dumps(message)
    except orjson.JSONEncodeError:
        raise InvalidMessage("'payload' is nested too deeply") from None


def _id(fields: dict[str, Any]) -> str:
    operation_id = fields.get("id")
    if not isinstance(operation_id, str) or not 0 < len(operation_id) <= _LONGEST_ID:
        raise InvalidMessage(f"'id' must be a string of 1 to {_LONGEST_ID} characters")
    return operation_id


def _request(fields: dict[str, Any]) -> GraphQLRequest:
    try:
        return from_parameters(fields.get("payload"))
    except MalformedRequest as malformed:
        raise InvalidMessage(str(malformed)) from None
