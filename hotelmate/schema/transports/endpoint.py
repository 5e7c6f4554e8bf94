"""The GraphQL endpoint: one ASGI application for HTTP, event streams and WebSockets."""

from graphql import GraphQLSchema
from prometheus_client import CollectorRegistry
from starlette.types import Receive, Scope, Send

from hotelmate.schema.context import Services
from hotelmate.schema.transports.capacity import Capacity
from hotelmate.schema.transports.connections import Connections, End
from hotelmate.schema.transports.conversations import Conversation
from hotelmate.schema.transports.execution import Engine
from hotelmate.schema.transports.http import HttpTransport
from hotelmate.schema.transports.limits import Limits
from hotelmate.schema.transports.multipart import MultipartReader
from hotelmate.schema.transports.selections import AsGraphQL
from hotelmate.schema.transports.sse import EventStream, EventStreams
from hotelmate.schema.transports.subscriptions import Subscriptions
from hotelmate.schema.transports.websocket import WebSocketTransport
from hotelmate.telemetry.gauges import watch, watch_each
from hotelmate.telemetry.operations import OperationMetrics


class GraphQLEndpoint:
    """Serves a schema at whatever path it is mounted at."""

    def __init__(
        self,
        schema: GraphQLSchema,
        services: Services,
        as_graphql: AsGraphQL,
        *,
        registry: CollectorRegistry,
        limits: Limits | None = None,
    ) -> None:
        limits = limits or Limits.of(services.settings)
        self._connections = Connections(limits)
        self._subscriptions = Subscriptions(
            schema, services.broker, as_graphql, limits, hide_suggestions=not services.settings.introspection
        )
        engine = Engine(schema, services, self._subscriptions, OperationMetrics(registry))
        self._watch(registry)
        self.capacity = Capacity(
            per_address=services.settings.sockets_per_address, per_actor=services.settings.sockets_per_actor
        )
        event_streams = EventStreams(
            self._subscriptions, services.rights, self._connections, self.capacity, limits
        )
        multipart = MultipartReader(
            engine,
            limits,
            file_bytes=services.settings.media_max_bytes,
            origins=services.settings.socket_origins,
        )
        self._http = HttpTransport(engine, multipart, event_streams, limits)
        self._websocket = WebSocketTransport(
            engine,
            self._subscriptions,
            services,
            self._connections,
            capacity=self.capacity,
            limits=limits,
        )

    @property
    def followers(self) -> int:
        """How many subscriptions are being followed at present."""
        return self._subscriptions.followers

    def _watch(self, registry: CollectorRegistry) -> None:
        connections, subscriptions = self._connections, self._subscriptions
        watch_each(
            registry,
            "hotelmate_graphql_connections",
            "Connections for GraphQL that are open: sockets and event streams.",
            "transport",
            {
                "websocket": lambda: connections.count(Conversation),
                "sse": lambda: connections.count(EventStream),
            },
        )
        watch(
            registry,
            "hotelmate_graphql_subscribers",
            "GraphQL subscriptions that are followed.",
            lambda: subscriptions.followers,
        )
        watch(
            registry,
            "hotelmate_graphql_groups",
            "Groups of subscribers: those in one share each execution.",
            lambda: subscriptions.groups,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or socket."""
        transport = self._websocket if scope["type"] == "websocket" else self._http
        await transport(scope, receive, send)

    async def close(
        self, code: int = 1001, *, spread_seconds: float = 0, patience_seconds: float = 5
    ) -> None:
        """End every socket, with this code, and every event stream; clients are meant to come back.

        They end spread over a while, and each when what is under way on it is done (`Connections.close`).
        Returns when they have ended. To be called before uvicorn stops: it would wait for the event streams,
        and close the sockets with a code of its own.
        """
        await self._connections.close(
            End(code, "The server is stopping"),
            spread_seconds=spread_seconds,
            patience_seconds=patience_seconds,
        )
