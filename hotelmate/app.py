"""The application: the one place where the parts meet.

An ASGI application for uvicorn. GraphQL and the embedded Channels server are reached without a framework in
the way; everything else is FastAPI's.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import Context
from datetime import timedelta
from functools import partial
from importlib.metadata import version

import structlog
from fastapi import FastAPI
from prometheus_client import CollectorRegistry, Counter, ProcessCollector
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from hotelmate import deadlines
from hotelmate.bridge.delivery import Bridge
from hotelmate.bridge.legacy import IssueGuestToken, Legacy
from hotelmate.bridge.metrics import BridgeMetrics
from hotelmate.bridge.pusher_client import PusherSender
from hotelmate.channels import PATH_PREFIXES, App, ChannelsServer, Limits, RedisStream, Request, Response
from hotelmate.database import Database
from hotelmate.errors import Unavailable
from hotelmate.events import log
from hotelmate.events.broker import Broker
from hotelmate.events.heads import catch_up
from hotelmate.events.log import Event
from hotelmate.events.polling import Poll
from hotelmate.events.retention import keep_pruned
from hotelmate.idempotency import keys, outcomes
from hotelmate.identity import audit
from hotelmate.identity.actors import Actor
from hotelmate.identity.admissions import Admissions
from hotelmate.identity.guest_tokens import GuestTokens, was_renewed
from hotelmate.identity.known_sessions import KnownSessions
from hotelmate.identity.rates import Rates
from hotelmate.identity.rights import GuestTokenRenewed, Rights, SessionEnded
from hotelmate.identity.rights_relay import ended_among
from hotelmate.media.names import URL_PATH
from hotelmate.media.pictures import Pictures
from hotelmate.media.serving import MediaFiles
from hotelmate.pace import Paced
from hotelmate.peers import Alone, Notice, Peers
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
from hotelmate.settings import EMBEDDED_APP_ID, EMBEDDED_KEY, Settings
from hotelmate.telemetry.gauges import watch, watch_each
from hotelmate.telemetry.request_ids import RequestIds
from hotelmate.telemetry.requests import RequestMetrics
from hotelmate.telemetry.tracing import traced_requests
from hotelmate.web import pages
from hotelmate.web.graphiql import GraphiQL

_RETRY_SECONDS = 1.0
_HOUR = 3600.0
# Who was put out must be out within a second, also when a command did it, which tells nobody.
_ENDED_RIGHTS_SECONDS = 0.7
_GRAPHQL_PATHS = {"/graphql", "/graphql/"}
# Hosted Pusher has room for a hundred members in a channel; a hotel can have more staff than that.
_STAFF_PRESENT = 1_000
_MEDIA_PREFIX = f"{URL_PATH}/"


logger = structlog.get_logger(__name__)


class Application:
    """Everything that one process serves, from its start to its end (ASGI's lifespan)."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._database = Database(settings.database)
        self._redis = None if settings.redis_url is None else connect(settings.redis_url)
        # Another installation may use the same Redis.
        namespace = f"hotelmate:{settings.derived_key('processes').hex()[:16]}"
        self._peers = (
            Alone()
            if self._redis is None
            else Peers(
                PubSub(self._redis, namespace=namespace),
                hear=self._hear,
                on_missed=self._look,
                on_asked=self._go_on,
            )
        )
        self._broker = Broker(self._read_log, ring_size=settings.stream_ring_size, follow=self._peers.follow)
        self._rights = Rights()
        self._sessions = KnownSessions(self._database)
        self._polls = [
            Poll(partial(catch_up, self._database, self._broker), every_seconds=settings.poll_seconds),
            Poll(self._find_ended_rights, every_seconds=min(settings.poll_seconds, _ENDED_RIGHTS_SECONDS)),
        ]
        self._audit_pruning = Poll(
            partial(audit.prune, self._database, keep=timedelta(days=settings.audit_retention_days)),
            every_seconds=_HOUR,
        )
        self._idempotency_pruning = Poll(partial(outcomes.prune, self._database), every_seconds=_HOUR)
        guest_tokens = GuestTokens(*settings.derived_keys("guest-tokens"))
        backplane = None if self._redis is None else RedisStream(self._redis, key=f"{namespace}:channels")
        self._pictures = Pictures.of(settings)
        self._media = MediaFiles(settings.media_folder)
        self._channels = (
            None
            if settings.pusher.is_configured
            else _embedded_server(settings, backplane, on_note=self._hear_of_admission)
        )
        self._sender = _sender(settings, self._channels)
        self._admissions = self._watch_admissions()
        if settings.pusher_public_guest_token:
            logger.warning("guest_tokens_are_public", setting="HOTELMATE_PUSHER_PUBLIC_GUEST_TOKEN")
        if settings.leads_nowhere:
            logger.warning("links_lead_nowhere", origin=settings.origin, setting="HOTELMATE_PUBLIC_URL")
        legacy = Legacy.configured(settings, self._guest_token_to_publish(guest_tokens))
        registry = CollectorRegistry()
        bridge_metrics = BridgeMetrics(registry)
        self._bridge = Bridge(
            self._database,
            self._sender,
            legacy.messages_of,
            metrics=bridge_metrics,
            ask_others=self._peers.ask,
        )
        rates = Rates.of(settings)
        services = Services(
            settings,
            self._database,
            self._broker,
            self._rights,
            guest_tokens,
            self._pictures,
            rates,
            self._sessions,
        )
        self._graphql = GraphQLEndpoint(build_schema()._schema, services, as_graphql, registry=registry)
        at_graphql: ASGIApp = GraphiQL(self._graphql) if settings.graphiql else self._graphql
        self._rest = FastAPI(
            title="HotelMate",
            description="The doors for the frontends of today. Everything else is GraphQL, at `/graphql`.",
            version=version("hotelmate"),
            lifespan=self._lifespan,
            docs_url=None,
            redoc_url=None,
            exception_handlers={HTTPException: answer_http_error},
        )
        self._rest.include_router(health.build_router(self._probes(), lag=health.bridge_lag(self._database)))
        self._rest.include_router(metrics.build_router(self._database, registry, bridge_metrics))
        self._rest.include_router(
            build_router(
                settings,
                self._database,
                pictures=self._pictures,
                guest_tokens=guest_tokens,
                sessions=self._sessions,
                rates=rates,
                signer=self._sender.client,
                on_signed=self._remember_admission,
            )
        )
        self._rest.include_router(pages.build_router(settings))
        self._recorded = self._watch(registry)
        requests = RequestMetrics(registry)
        self._at_graphql = self._observed(requests, at_graphql, route="/graphql")
        self._at_media = self._observed(requests, self._media, route=URL_PATH)
        self._elsewhere = self._observed(requests, self._rest_in_time)
        self._at_channels = (
            None if self._channels is None else self._observed(requests, self._channels, route="/apps")
        )
        with_cors = CORSMiddleware(
            self._route,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
            # Whichever a page sends: frontends have names of their own for clients and traces, and where no
            # cookie counts, a header lets nobody in.
            allow_headers=["*"],
            expose_headers=["retry-after", "x-request-id", keys.REPLAYED_HEADER],
        )
        self._entrance: ASGIApp = RequestIds(Paced(with_cors, seconds=settings.body_seconds))

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
        if self._channels is not None:
            closing.append(self._channels.close(spread_seconds=spread))
        await asyncio.gather(*closing)

    def _probes(self) -> dict[str, Probe]:
        probes = {"database": health.database_probe(self._database)}
        if self._redis is not None:
            probes["redis"] = self._redis.ping
        return probes

    def _observed(self, requests: RequestMetrics, app: ASGIApp, *, route: str | None = None) -> ASGIApp:
        measured = requests.measured(app, route=route)
        return traced_requests(measured, route=route) if self._settings.tracing else measured

    def _watch(self, registry: CollectorRegistry) -> Counter:
        """Show how the parts stand; returns what counts events by their types."""
        ProcessCollector(registry=registry)
        database, channels = self._database, self._channels
        watch_each(
            registry,
            "hotelmate_database_connections",
            "Connections to the database in this process.",
            "state",
            {"in_use": lambda: database.connections_in_use, "idle": lambda: database.connections_idle},
        )
        watch(
            registry,
            "hotelmate_database_waiting_operations",
            "Operations that wait for one of the threads that there are connections for.",
            lambda: database.waiting,
        )
        if channels is not None:
            watch(
                registry,
                "hotelmate_channels_connections",
                "Clients of the embedded Channels server.",
                lambda: channels.connection_count,
            )
            watch(
                registry,
                "hotelmate_channels_subscriptions",
                "Subscriptions of theirs to channels.",
                lambda: channels.subscription_count,
            )
        return Counter(
            "hotelmate_events_recorded", "Events recorded by this process.", ["type"], registry=registry
        )

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if path in _GRAPHQL_PATHS:
            await self._at_graphql(scope, receive, send)
        elif self._at_channels is not None and path.startswith(PATH_PREFIXES):
            await self._at_channels(scope, receive, send)
        elif path.startswith(_MEDIA_PREFIX) and scope["type"] == "http":
            await self._at_media(scope, receive, send)
        else:
            await self._elsewhere(_as_get(scope), receive, send)

    async def _rest_in_time(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._rest(scope, receive, send)
            return
        with deadlines.limited(self._settings.operation_seconds):
            await self._rest(scope, receive, send)

    @asynccontextmanager
    async def _lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        """Run what goes on beside the connections; at the end, let what was begun arrive."""
        self._database.on_commit(partial(self._hand_over, asyncio.get_running_loop()))
        keep = timedelta(days=self._settings.event_retention_days)
        async with self._peers.connected():
            if self._channels is not None:
                await self._channels.start()
            await self._bridge.start()
            tasks = [asyncio.create_task(poll.run()) for poll in self._polls]
            tasks.append(asyncio.create_task(keep_pruned(self._database, keep=keep)))
            tasks.append(asyncio.create_task(self._audit_pruning.run()))
            tasks.append(asyncio.create_task(self._idempotency_pruning.run()))
            yield
            await asyncio.to_thread(self._pictures.close)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            await self._bridge.stop()
        await self._sender.close()
        if self._redis is not None:
            await self._redis.aclose()
        self._database.close()

    async def _read_log(self, hotel_id: int, after: int, limit: int) -> list[Event]:
        """Read on, for as long as it takes: to those who wait for events, a database that is away is late."""
        read = partial(log.read, hotel_id=hotel_id, after=after, limit=limit)
        while True:
            try:
                return await self._database.read(read)
            except Unavailable as error:
                logger.warning("log_not_read", hotel_id=hotel_id, error=error.message)
                await asyncio.sleep(random.uniform(0.5, 1) * _RETRY_SECONDS)  # noqa: S311 - no secret

    def _hand_over(self, loop: asyncio.AbstractEventLoop, notices: Sequence[object]) -> None:
        """Pass what a transaction announced from the thread that committed it to the event loop."""
        # What comes of it is for everybody, and no longer a part of the request.
        loop.call_soon_threadsafe(self._distribute, notices, context=Context())

    def _distribute(self, notices: Sequence[object]) -> None:
        """Tell everybody of what was committed here."""
        for notice in notices:
            match notice:
                case Event():
                    self._recorded.labels(notice.type).inc()
                    self._bridge.wake(notice)
                    self._hear(notice)
                    self._peers.tell(notice)
                case GuestTokenRenewed() | SessionEnded():
                    self._hear(notice)
                    self._peers.tell(notice)

    def _hear(self, notice: Notice) -> None:
        """Tell those whom this process serves of what was committed, here or elsewhere."""
        match notice:
            case Event():
                self._broker.publish(notice)
            case GuestTokenRenewed() | SessionEnded():
                if isinstance(notice, SessionEnded):
                    self._sessions.end(notice)
                self._rights.end(notice)

    def _go_on(self, hotel_id: int) -> None:
        self._bridge.go_on(hotel_id)

    def _look(self) -> None:
        """See soon what other processes may have said unheard."""
        for poll in self._polls:
            poll.soon()

    async def _find_ended_rights(self) -> None:
        watched = self._rights.watched
        if watched:
            for ended in await self._database.read(partial(ended_among, rights=watched)):
                self._hear(ended)

    def _watch_admissions(self) -> Admissions | None:
        """Close the embedded server's sockets with the rights that let them in."""
        if self._channels is None:
            return None
        return Admissions(
            self._rights,
            is_open=self._channels.has_socket,
            close=self._channels.disconnect_socket,
            tell=self._channels.note,
        )

    def _remember_admission(self, actor: Actor, socket_id: str) -> None:
        if self._admissions is not None:
            self._admissions.remember(actor, socket_id)

    def _hear_of_admission(self, told: str) -> None:
        if self._admissions is not None:
            self._admissions.hear(told)

    def _guest_token_to_publish(self, guest_tokens: GuestTokens) -> IssueGuestToken:
        """Leave a renewed token out where whoever held the old one may still be listening.

        A Pusher service cannot be told to put a guest off a channel that the old token has opened.
        """
        if self._channels is not None:
            return guest_tokens.issue
        return lambda reference, nonce: None if was_renewed(nonce) else guest_tokens.issue(reference, nonce)


def _as_get(scope: Scope) -> Scope:
    """Have a HEAD answered as the GET that it asks about; uvicorn leaves the body out."""
    return {**scope, "method": "GET"} if scope.get("method") == "HEAD" else scope


def _embedded_server(
    settings: Settings, backplane: RedisStream | None, *, on_note: Callable[[str], None]
) -> ChannelsServer:
    app = App(
        id=EMBEDDED_APP_ID,
        key=EMBEDDED_KEY,
        secret=settings.embedded_secret,
        previous_secret=settings.embedded_previous_secret,
        webhook_url=settings.channels_webhook_url,
        subscription_counts=settings.channels_subscription_counts,
        allowed_origins=settings.socket_origins,
    )
    limits = Limits(members_per_channel=_STAFF_PRESENT, connections_per_address=settings.sockets_per_address)
    return ChannelsServer([app], limits=limits, backplane=backplane, on_note=on_note)


def _sender(settings: Settings, channels: ChannelsServer | None) -> PusherSender:
    if channels is None:
        return PusherSender.to_service(settings.pusher)

    async def door(
        method: str, path: str, query_string: str, headers: Mapping[str, str], body: bytes
    ) -> Response:
        return await channels.handle(Request(method, path, query_string, headers, body))

    return PusherSender.in_process(
        app_id=EMBEDDED_APP_ID, key=EMBEDDED_KEY, secret=settings.embedded_secret, door=door
    )
