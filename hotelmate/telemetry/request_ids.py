"""An id for each request and socket: what a proxy or a client has called it, or a new one."""

import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hotelmate.telemetry.origins import Origin, coming_from, new_id

_HEADER = b"x-request-id"
# Wide enough for every proxy's; nothing that could pass for another part of a line of the log.
_SANE = re.compile(rb"[A-Za-z0-9_.:=+/-]{1,128}")
_HEADS = {"http.response.start", "websocket.accept"}


class RequestIds:
    """ASGI middleware that answers each request with its id, and has its lines of the log carry it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or socket under its id."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        request_id = _sent_along(scope) or new_id()
        answered = (_HEADER, request_id.encode())

        async def send_with_id(message: Message) -> None:
            if message["type"] in _HEADS:
                message = {**message, "headers": [*message.get("headers", ()), answered]}
            await send(message)

        client = scope.get("client")
        with coming_from(Origin(request_id, client[0] if client else None)):
            await self._app(scope, receive, send_with_id)


def _sent_along(scope: Scope) -> str | None:
    """Return what the request is called already, if that will do for a name."""
    sent = next((value for name, value in scope["headers"] if name == _HEADER), b"")
    return sent.decode("ascii") if _SANE.fullmatch(sent) else None
