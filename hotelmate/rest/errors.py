"""What a refused request looks like over REST: the one place where facts become statuses.

Source:
    LEGACY.md, "REST": `{"error": "…"}`, with `{"field": ["…"]}` beside it for an invalid field; never 422.
"""

import re
from collections.abc import Callable, Coroutine, Mapping
from contextlib import ExitStack
from typing import Any

import structlog
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match

from hotelmate.errors import (
    BadUserInput,
    Conflict,
    Forbidden,
    NotFound,
    RateLimited,
    Refused,
    Unauthenticated,
    Unavailable,
)
from hotelmate.idempotency import keys
from hotelmate.media.errors import ImageTooLarge, NotAnImage
from hotelmate.telemetry import origins

_STATUSES: Mapping[type[Refused], int] = {
    BadUserInput: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    ImageTooLarge: 413,
    NotAnImage: 415,
    RateLimited: 429,
}
_HEADERS = {
    401: {"WWW-Authenticate": "Token"},
    503: {"Retry-After": "5"},
}
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# The names that bodies have here for what GraphQL's arguments call otherwise.
_NAMES = {"roomId": "room_number", "urls": "gallery"}
_INSIDE_CAMEL_CASE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

logger = structlog.get_logger(__name__)


class InvalidFields(Exception):
    """Fields of the body that cannot be read; to each, in snake_case, a sentence."""

    def __init__(self, sentences: Mapping[str, str]) -> None:
        super().__init__(sentences)
        self.sentences = sentences


class LegacyRoute(APIRoute):
    """A route that answers refusals as the frontends of today expect them, and that no cache keeps.

    What a request's handler puts on its `state.open_files` is closed once there is an answer. In
    `state.is_replay` it says that it answers with what came of the request before.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the handler that the route would have."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            with ExitStack() as open_files:
                request.state.open_files = open_files
                request.state.is_replay = False
                try:
                    response = await handle(request)
                except Exception as error:  # noqa: BLE001 - what is not the caller's doing is logged there
                    response = _refusal(error)
            # What is answered depends on who asks, and can hold tokens and the WiFi's password.
            response.headers["Cache-Control"] = "no-store"
            if request.state.is_replay:
                response.headers[keys.REPLAYED_HEADER] = "true"
            return response

        return answer


async def answer_http_error(request: Request, error: Exception) -> Response:
    """Answer for a path that there is not, or not with this method; an exception handler of FastAPI's.

    Source:
        RFC 9110, 15.5.6: with 405 goes a list of the methods that there are. Here each is a route.
    """
    answer = _refusal(error)
    if answer.status_code == 405:
        answer.headers["Allow"] = ", ".join(_methods_at(request))
    return answer


def _methods_at(request: Request) -> list[str]:
    """Return the methods with which there is something at a request's path."""
    return [
        method
        for method in _METHODS
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL
            for route in request.app.routes
        )
    ]


def _refusal(error: Exception) -> JSONResponse:
    match error:
        case Unavailable():
            error_id = origins.error_id()
            logger.warning("unavailable", error_id=error_id, reason=str(error.__cause__ or error))
            return _answered({"error": error.message, "id": error_id}, 503)
        case Refused() as refused if (status := _status(refused)) is not None:
            return _refused(refused, status)
        case InvalidFields(sentences=sentences):
            first = next(iter(sentences.values()))
            listed = {name: [sentence] for name, sentence in sentences.items()}
            return _answered({"error": first, **listed}, 400)
        case HTTPException():
            return JSONResponse({"error": error.detail}, error.status_code, error.headers)
        case ClientDisconnect():
            return _answered({"error": "The request ended before its end."}, 400)
        case _:
            error_id = origins.error_id()
            logger.error("rest_error", error_id=error_id, exc_info=error)
            return _answered({"error": "Something went wrong on our side.", "id": error_id}, 500)


def _status(refused: Refused) -> int | None:
    """The status for the nearest class of the fact that has one."""
    return next((_STATUSES[kind] for kind in type(refused).__mro__ if kind in _STATUSES), None)


def _refused(refused: Refused, status: int) -> JSONResponse:
    content: dict[str, object] = {"error": refused.message}
    if isinstance(refused, BadUserInput):
        content[_name(refused.field)] = [refused.message]
    answer = _answered(content, status)
    if isinstance(refused, RateLimited):
        answer.headers["Retry-After"] = str(refused.retry_after)
    return answer


def _name(field: str) -> str:
    """Return what a body calls a field that the GraphQL contract spells so."""
    return _NAMES.get(field) or _INSIDE_CAMEL_CASE.sub("_", field).lower()


def _answered(content: Mapping[str, object], status: int) -> JSONResponse:
    return JSONResponse(content, status, _HEADERS.get(status))
