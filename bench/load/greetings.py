"""What a subscriber says on each transport until it is subscribed."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from bench import data
from bench.load.frames import request, text_frame, upgrade

_HTTP_HEAD_ENDS = b"\r\n\r\n"
_FIELDS = "id hotelSlug seq cursor occurredAt userId staffId isOnDuty clockTime firstName lastName action"


@dataclass(frozen=True, slots=True)
class Step:
    """Something to send, and what its answer must hold before the next step; empty when nothing answers."""

    says: bytes
    expects: bytes


@dataclass(frozen=True, slots=True)
class Greeting:
    """All steps of one subscriber, and what it can send at any time to be known to be there."""

    steps: tuple[Step, ...]
    sign_of_life: bytes = b""


Greet = Callable[[int, int], Greeting]
"""Makes the greeting of the subscriber with a number, who follows the hotel with a number."""


def graphql_transport_ws(_subscriber: int, hotel: int) -> Greeting:
    """Subscribe to a hotel's clock."""
    return _over_websocket(hotel, f"subscription {{ clockStatus {{ {_FIELDS} }} }}")


def graphql_transport_ws_alone(subscriber: int, hotel: int) -> Greeting:
    """Subscribe with a document that nobody else sends, which makes a group of one."""
    return _over_websocket(hotel, f"subscription Of{subscriber:05} {{ clockStatus {{ {_FIELDS} }} }}")


def graphql_sse(_subscriber: int, hotel: int) -> Greeting:
    """Follow a hotel's clock as an event stream."""
    headers = {
        "Accept": "text/event-stream",
        "Authorization": f"Token {data.token(hotel)}",
        "Content-Type": "application/json",
    }
    body = json.dumps({"query": f"subscription {{ clockStatus {{ {_FIELDS} }} }}"}).encode()
    return Greeting((Step(request("POST", "/graphql", headers, body), _HTTP_HEAD_ENDS),))


def pusher(_subscriber: int, hotel: int) -> Greeting:
    """Subscribe to a hotel's legacy channel as pusher-js does."""
    path = "/app/hotelmate-key?protocol=7&client=js&version=8.6.0&flash=false"
    subscribe = {"event": "pusher:subscribe", "data": {"channel": f"hotel-{data.slug(hotel)}"}}
    return Greeting(
        (
            Step(upgrade(path), b"connection_established"),
            Step(text_frame(json.dumps(subscribe)), b"subscription_succeeded"),
        )
    )


def bare_socket(_subscriber: int, hotel: int) -> Greeting:
    """Open a WebSocket that is sent the constant."""
    return Greeting((Step(upgrade(f"/{hotel}", subprotocol="graphql-transport-ws"), _HTTP_HEAD_ENDS),))


def bare_stream(_subscriber: int, hotel: int) -> Greeting:
    """Open a stream of the constant."""
    return Greeting((Step(request("GET", f"/{hotel}", {}), _HTTP_HEAD_ENDS),))


def _over_websocket(hotel: int, document: str) -> Greeting:
    # Clients name their operations by random UUIDs.
    subscribe = {"id": str(uuid4()), "type": "subscribe", "payload": {"query": document}}
    credentials = {"authorization": f"Token {data.token(hotel)}"}
    steps = (
        Step(upgrade("/graphql", subprotocol="graphql-transport-ws"), _HTTP_HEAD_ENDS),
        Step(_text(type="connection_init", payload=credentials), b"connection_ack"),
        Step(_text(**subscribe), b""),
    )
    # A pong that nobody asked for is allowed, and answered with nothing.
    return Greeting(steps, sign_of_life=_text(type="pong"))


def _text(**message: object) -> bytes:
    return text_frame(json.dumps(message))
