"""The little of ASGI that the HTTP transports share."""

from collections.abc import AsyncIterator, Sequence

from starlette.types import Receive, Scope, Send

from hotelmate.sockets import joined

Header = tuple[bytes, bytes]


class ClientGone(Exception):
    """The client has closed the connection; there is nobody to answer."""


class BodyTooLarge(Exception):
    """The request's body, or a part of it, is larger than is taken."""

    def __init__(self, most_bytes: int) -> None:
        super().__init__(most_bytes)
        self.most_bytes = most_bytes


def header(scope: Scope, name: bytes) -> str | None:
    """Return a request's header, joined by commas when it was sent several times; None when it was not."""
    values = [value.decode("latin-1") for key, value in scope["headers"] if key == name]
    return ", ".join(values) if values else None


async def read_body(scope: Scope, receive: Receive, *, most_bytes: int) -> bytes:
    """Return the request's body, holding no more of it than is allowed.

    Raises:
        BodyTooLarge: as soon as it is known.
        ClientGone: before the body was complete.
    """
    announced = header(scope, b"content-length") or ""
    if announced.isdecimal() and int(announced) > most_bytes:
        raise BodyTooLarge(most_bytes)
    body = bytearray()
    async for chunk in chunks(receive):
        body += chunk
        if len(body) > most_bytes:
            raise BodyTooLarge(most_bytes)
    return bytes(body)


async def chunks(receive: Receive) -> AsyncIterator[bytes]:
    """Yield the request's body as it comes in.

    Raises:
        ClientGone: before the body was complete.
    """
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        yield message.get("body", b"")
        if not message.get("more_body", False):
            return


async def respond(
    scope: Scope, send: Send, status: int, body: bytes, media_type: str, *, headers: Sequence[Header] = ()
) -> None:
    """Send a whole response, its text in UTF-8."""
    all_headers = [
        (b"content-type", f"{media_type}; charset=utf-8".encode()),
        (b"content-length", str(len(body)).encode()),
        # Whatever is answered depends on who asks, and on what they accept.
        (b"cache-control", b"no-store"),
        *headers,
    ]
    with joined(scope):
        await send({"type": "http.response.start", "status": status, "headers": all_headers})
        await send({"type": "http.response.body", "body": body})
