"""Prometheus figures of HTTP requests: how many, to which route, with which status, and how fast."""

import time
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""The bounds of every histogram of how long callers wait."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# Pages, and whatever a client makes up: that must not become a label, as each value is kept for ever.
_OTHER = "other"


class RequestMetrics:
    """The figures of all HTTP requests of a process; sockets are not requests."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._answered = Counter(
            "hotelmate_http_requests",
            "HTTP requests by method, route and the status that they were answered with.",
            ["method", "route", "status"],
            registry=registry,
        )
        self._seconds = Histogram(
            "hotelmate_http_request_seconds",
            "From the head of a request until the head of its answer: an event stream goes on after that.",
            ["method", "route"],
            buckets=SECONDS,
            registry=registry,
        )

    def measured(self, app: ASGIApp, *, route: str | None = None) -> ASGIApp:
        """Return an ASGI application whose requests are counted.

        Args:
            app: what answers them.
            route: what they are counted under; if not said, the path of the route that Starlette has found.
        """

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            began = time.perf_counter()

            async def send_measured(message: Message) -> None:
                if message["type"] == "http.response.start":
                    seconds = time.perf_counter() - began
                    self._count(scope, route or route_of(scope), message["status"], seconds)
                await send(message)

            await app(scope, receive, send_measured)

        return serve

    def _count(self, scope: Scope, route: str, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else _OTHER
        self._answered.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)


def route_of(scope: Scope) -> str:
    """Return the path of a request's route as it was declared; a slash at its end makes no other."""
    route: Any = scope.get("route")
    path: str | None = getattr(route, "path", None)
    return _OTHER if path is None else path.rstrip("/") or "/"
