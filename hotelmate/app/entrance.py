"""Send each request and socket to whoever serves its path, with an id of its own, counted and traced."""

from collections.abc import Sequence

from prometheus_client import CollectorRegistry
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from hotelmate import deadlines
from hotelmate.channels import PATH_PREFIXES
from hotelmate.http.pace import Paced
from hotelmate.idempotency import keys
from hotelmate.media.names import URL_PATH
from hotelmate.settings import Settings
from hotelmate.telemetry.request_ids import RequestIds
from hotelmate.telemetry.requests import RequestMetrics
from hotelmate.telemetry.tracing import traced_requests

_GRAPHQL_PATHS = {"/graphql", "/graphql/"}
_MEDIA_PREFIX = f"{URL_PATH}/"


class Entrance:
    """The ASGI application that stands before all others."""

    def __init__(
        self,
        settings: Settings,
        registry: CollectorRegistry,
        *,
        graphql: ASGIApp,
        channels: ASGIApp | None,
        media: ASGIApp,
        rest: ASGIApp,
    ) -> None:
        """Send connections to those who serve them; to `rest` what is nobody else's, and the lifespan."""
        requests = RequestMetrics(registry)

        def observed(app: ASGIApp, *, route: str | None = None) -> ASGIApp:
            measured = requests.measured(app, route=route)
            return traced_requests(measured, route=route) if settings.tracing else measured

        self._graphql = observed(graphql, route="/graphql")
        self._channels = None if channels is None else observed(channels, route="/apps")
        self._media = observed(media, route=URL_PATH)
        self._rest = observed(_limited(rest, seconds=settings.operation_seconds))
        self._served = RequestIds(
            Paced(_with_cors(self._route, settings.cors_origins), seconds=settings.body_seconds)
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, request or lifespan, as ASGI describes."""
        await self._served(scope, receive, send)

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if path in _GRAPHQL_PATHS:
            await self._graphql(scope, receive, send)
        elif self._channels is not None and path.startswith(PATH_PREFIXES):
            await self._channels(scope, receive, send)
        elif path.startswith(_MEDIA_PREFIX) and scope["type"] == "http":
            await self._media(scope, receive, send)
        else:
            await self._rest(_as_get(scope), receive, send)


def _as_get(scope: Scope) -> Scope:
    """Have a HEAD answered as the GET that it asks about; uvicorn leaves the body out."""
    return {**scope, "method": "GET"} if scope.get("method") == "HEAD" else scope


def _limited(app: ASGIApp, *, seconds: float) -> ASGIApp:
    """Give each request so much time for its operation; GraphQL's own requests hold several operations."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        with deadlines.limited(seconds):
            await app(scope, receive, send)

    return serve


def _with_cors(app: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
        # Whichever a page sends: frontends have names of their own for clients and traces, and where no
        # cookie counts, a header lets nobody in.
        allow_headers=["*"],
        expose_headers=["retry-after", "x-request-id", keys.REPLAYED_HEADER],
    )
