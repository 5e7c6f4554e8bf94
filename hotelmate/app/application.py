"""Build everything that one process serves, and run it.

An ASGI application for uvicorn. GraphQL and the embedded Channels server are reached without a framework in
the way; everything else is FastAPI's.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

import structlog
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from hotelmate.app import figures, upkeep
from hotelmate.app.destinations import destination_of
from hotelmate.app.distribution import Distribution
from hotelmate.app.entrance import Entrance
from hotelmate.bridge.bridge import Bridge
from hotelmate.bridge.legacy import Legacy
from hotelmate.bridge.metrics import BridgeMetrics
from hotelmate.channels import RedisStream
from hotelmate.database import Database
from hotelmate.events.polling import polling
from hotelmate.identity.guest_tokens import GuestTokens
from hotelmate.identity.rates import Rates
from hotelmate.media.pictures import Pictures
from hotelmate.media.serving import MediaFiles
from hotelmate.processes.pubsub import PubSub
from hotelmate.processes.redis import connect
from hotelmate.rest import health, metrics
from hotelmate.rest.errors import answer_http_error
from hotelmate.rest.health import Probe
from hotelmate.rest.router import build_router
from hotelmate.schema import build_schema
from hotelmate.schema.context import Services
from hotelmate.schema.events import as_graphql
from hotelmate.schema.transports.endpoint import GraphQLEndpoint
from hotelmate.settings import Settings
from hotelmate.web import pages
from hotelmate.web.graphiql import GraphiQL

logger = structlog.get_logger(__name__)


class Application:
    """Everything that one process serves, from its start to its end (ASGI's lifespan)."""

    def __init__(self, settings: Settings) -> None:
        _warn_of(settings)
        self._settings = settings
        self._database = Database(settings.database)
        self._redis = None if settings.redis_url is None else connect(settings.redis_url)
        # Another installation may use the same Redis.
        namespace = f"hotelmate:{settings.derived_key('processes').hex()[:16]}"
        registry = CollectorRegistry()
        self._distribution = Distribution(
            settings,
            self._database,
            None if self._redis is None else PubSub(self._redis, namespace=namespace),
            recorded=figures.events_recorded(registry),
        )
        self._destination = destination_of(
            settings,
            self._distribution.rights,
            None if self._redis is None else RedisStream(self._redis, key=f"{namespace}:channels"),
        )
        guest_tokens = GuestTokens(*settings.derived_keys("guest-tokens"))
        bridge_metrics = BridgeMetrics(registry)
        legacy = Legacy.configured(settings, self._destination.published_guest_tokens(guest_tokens))
        self._bridge = Bridge(
            self._database,
            self._destination.sender,
            legacy.messages_of,
            metrics=bridge_metrics,
            ask_others=self._distribution.peers.ask,
        )
        self._services = Services(
            settings=settings,
            database=self._database,
            broker=self._distribution.broker,
            rights=self._distribution.rights,
            guest_tokens=guest_tokens,
            pictures=Pictures.of(settings),
            rates=Rates.of(settings),
            sessions=self._distribution.sessions,
        )
        self._graphql = GraphQLEndpoint(build_schema()._schema, self._services, as_graphql, registry=registry)
        self._rest = self._build_rest(registry, bridge_metrics)
        figures.watch_process(registry, self._database, self._destination.server)
        self._entrance: ASGIApp = Entrance(
            settings,
            registry,
            graphql=GraphiQL(self._graphql) if settings.graphiql else self._graphql,
            channels=self._destination.server,
            media=MediaFiles(settings.media_folder),
            rest=self._rest,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, request or lifespan, as ASGI describes."""
        await self._entrance(scope, receive, send)

    async def close_connections(self) -> None:
        """End the connections that would last for ever, and tell their clients to come back.

        To be called before uvicorn shuts down: it waits for event streams, and closes sockets in its own way.
        """
        spread = self._settings.shutdown_spread_seconds
        closing = [
            self._graphql.close(spread_seconds=spread, patience_seconds=self._settings.shutdown_seconds)
        ]
        if self._destination.server is not None:
            closing.append(self._destination.server.close(spread_seconds=spread))
        await asyncio.gather(*closing)

    def _build_rest(self, registry: CollectorRegistry, bridge_metrics: BridgeMetrics) -> FastAPI:
        """Return the doors for the frontends of today, those for who runs the server, and the pages."""
        services = self._services
        rest = FastAPI(
            title="HotelMate",
            description="The doors for the frontends of today. Everything else is GraphQL, at `/graphql`.",
            version=version("hotelmate"),
            lifespan=self._lifespan,
            docs_url=None,
            redoc_url=None,
            exception_handlers={HTTPException: answer_http_error},
        )
        rest.include_router(
            health.build_router(_probes(self._database, self._redis), lag=health.bridge_lag(self._database))
        )
        rest.include_router(metrics.build_router(self._database, registry, bridge_metrics))
        rest.include_router(
            build_router(
                services.settings,
                services.database,
                pictures=services.pictures,
                guest_tokens=services.guest_tokens,
                sessions=services.sessions,
                rates=services.rates,
                signer=self._destination.sender.client,
                on_signed=self._destination.remember_admission,
            )
        )
        rest.include_router(pages.build_router(services.settings))
        return rest

    @asynccontextmanager
    async def _lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        """Run what goes on beside the connections; at the end, let what was begun arrive."""
        async with self._distribution.running(self._bridge):
            if self._destination.server is not None:
                await self._destination.server.start()
            await self._bridge.start()
            async with polling(upkeep.polls(self._settings, self._database)):
                yield
                await asyncio.to_thread(self._services.pictures.close)
            await self._bridge.stop()
        await self._destination.sender.close()
        if self._redis is not None:
            await self._redis.aclose()
        self._database.close()


def _warn_of(settings: Settings) -> None:
    """Log what is allowed, and seldom meant."""
    if settings.pusher_public_guest_token:
        logger.warning("guest_tokens_are_public", setting="HOTELMATE_PUSHER_PUBLIC_GUEST_TOKEN")
    if settings.leads_nowhere:
        logger.warning("links_lead_nowhere", origin=settings.origin, setting="HOTELMATE_PUBLIC_URL")


def _probes(database: Database, redis: Redis | None) -> dict[str, Probe]:
    probes = {"database": health.database_probe(database)}
    if redis is not None:
        probes["redis"] = redis.ping
    return probes
