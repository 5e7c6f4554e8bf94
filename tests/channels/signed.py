"""Requests to the HTTP API, signed step by step as Pusher's documentation describes it."""

import hashlib
import hmac
import json
import time
from collections.abc import Collection
from typing import Any

from hotelmate.channels import ChannelsServer, Request
from tests.channels.running import APP


def signed(
    method: str,
    path: str,
    content: Any = None,
    *,
    body: bytes | None = None,
    query: dict[str, str] | None = None,
    without: Collection[str] = (),
    secret: str = APP.secret,
) -> Request:
    """Sign a request. `query` adds to its parameters or replaces them, `without` leaves some out."""
    sent = body if body is not None else (b"" if content is None else json.dumps(content).encode())
    parameters = {
        "auth_key": APP.key,
        "auth_timestamp": str(int(time.time())),
        "auth_version": "1.0",
        "body_md5": hashlib.md5(sent, usedforsecurity=False).hexdigest(),
    }
    parameters |= query or {}
    in_order = sorted((name, value) for name, value in parameters.items() if name not in without)
    decorated = "&".join(f"{name}={value}" for name, value in in_order)
    text = f"{method}\n{path}\n{decorated}"
    signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return Request(method, path, f"{decorated}&auth_signature={signature}", {}, sent)


async def ask(server: ChannelsServer, request: Request) -> tuple[int, Any]:
    """Hand a request to the server, and return the status and the content of the answer."""
    response = await server.handle(request)
    assert response.headers["content-type"] == "application/json"
    return response.status, json.loads(response.body)


async def publish(server: ChannelsServer, channel: str, data: str = "{}", **rest: Any) -> None:
    """Publish the event `moved` to a channel; `rest` is what else the body holds."""
    event = {"name": "moved", "channels": [channel], "data": data, **rest}
    assert await ask(server, signed("POST", f"/apps/{APP.id}/events", event)) == (200, {})
