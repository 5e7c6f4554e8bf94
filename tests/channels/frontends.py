"""Let a pusher-js of wherever it runs connect to a server of these tests."""

from collections.abc import Awaitable, Callable
from typing import Any

from tests.channels.running import APP, MASTER_KEY, Running
from tests.clients.client import Client

LOBBY = "presence-hotel-killarney"

StartFrontend = Callable[[], Awaitable[Client]]
StartPusher = Callable[..., Awaitable[Client]]


async def connect(
    client: Client,
    channels: Running,
    *,
    key: str = APP.key,
    secret: str = APP.secret,
    user: dict[str, Any] | None = None,
    **options: Any,
) -> None:
    """Let pusher-js connect.

    Args:
        client: what it runs in.
        channels: the server.
        key: of the app.
        secret: with which its tokens are signed.
        user: who it joins presence channels and signs in as.
        options: go to pusher-js as they are.
    """
    address = {"wsHost": "127.0.0.1", "wsPort": channels.port, "forceTLS": False}
    signer = {"appId": APP.id, "secret": secret, "encryptionMasterKeyBase64": MASTER_KEY, "user": user}
    usual = {"cluster": "any", "enabledTransports": ["ws"], **address}
    await client.command("connect", key=key, options=usual | options, signer=signer)


async def joined(client: Client, channel: str) -> None:
    """Have the client join a channel."""
    await client.command("subscribe", channel=channel)
    await client.wait_for("event", channel=channel, name="pusher:subscription_succeeded")
