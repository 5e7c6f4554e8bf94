"""A collector is told of a change from the client's request to what goes out through Pusher for it."""

import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

import aiohttp
import pytest

from tests.bridge.pusher_endpoint import PusherEndpoint
from tests.server import NotStarted, Server
from tests.telemetry.collector import Collector, Span
from tests.telemetry.test_request_ids import lines, lose_the_offers

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CLIENTS_SPAN = "00f067aa0ba902b7"
SAMPLED = {"traceparent": f"00-{TRACE}-{CLIENTS_SPAN}-01"}
NOT_SAMPLED = {"traceparent": f"00-{TRACE}-{CLIENTS_SPAN}-00"}
ANNA = {"Authorization": "Token demo-anna"}
CLOCK = {"query": "mutation { toggleClock { action } }"}
# Of OTLP: SpanKind and StatusCode.
INTERNAL, SERVER, PRODUCER = 1, 2, 4
UNSET, ERROR = 0, 2


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with Collector.run() as running:
        yield running


@pytest.fixture(scope="module")
def pusher() -> Iterator[PusherEndpoint]:
    with PusherEndpoint.run() as running:
        yield running


def named(spans: Sequence[Span], name: str) -> list[Span]:
    return [span for span in spans if span.name == name]


async def ask(server: Server, body: dict[str, str], **headers: str) -> None:
    async with (
        aiohttp.ClientSession() as client,
        client.post(f"{server.url}/graphql", json=body, headers=headers) as reply,
    ):
        await reply.read()


async def test_a_change_is_followed_from_the_client_to_pusher(tmp_path: Path, collector: Collector) -> None:
    async with Server.run(tmp_path, **collector.environment) as server:
        await ask(server, CLOCK, **ANNA, **SAMPLED, **{"X-Request-Id": "at-the-desk"})
        spans = await collector.until(lambda spans: bool(named(spans, "send ClockStatusUpdated")))
        spans = await collector.until(lambda spans: bool(named(spans, "POST /graphql")))
    [request] = named(spans, "POST /graphql")
    [operation] = named(spans, "mutation toggleClock")
    [transaction] = [span for span in named(spans, "transaction") if span.parent_id == operation.span_id]
    [sending] = named(spans, "send ClockStatusUpdated")
    assert {span.trace_id for span in (request, operation, transaction, sending)} == {TRACE}
    assert request.parent_id == CLIENTS_SPAN
    assert operation.parent_id == request.span_id
    assert sending.parent_id == transaction.span_id
    assert [each.kind for each in (request, operation, transaction, sending)] == [
        SERVER,
        INTERNAL,
        INTERNAL,
        PRODUCER,
    ]
    assert request.attributes == {
        "hotelmate.request_id": "at-the-desk",
        "http.request.method": "POST",
        "http.route": "/graphql",
        "http.response.status_code": 200,
    }
    assert operation.attributes == {
        "hotelmate.request_id": "at-the-desk",
        "graphql.operation.type": "mutation",
        "hotelmate.field": "toggleClock",
        "hotelmate.code": "OK",
    }
    assert transaction.attributes == {"db.system.name": "sqlite"}
    assert sending.attributes["hotelmate.hotel"] == "killarney"
    assert request.service == "hotelmate"
    assert request.began <= operation.began <= transaction.began < transaction.ended <= operation.ended
    assert transaction.ended <= sending.began
    # What the process does by itself is nobody's trace; that it is ready has been asked.
    assert {span.name for span in spans if not span.parent_id} == {"GET /readyz"}


async def test_each_attempt_to_send_is_in_the_trace_of_the_change_even_after_a_restart(
    tmp_path: Path, collector: Collector, pusher: PusherEndpoint
) -> None:
    trace = "a" * 32
    environment = collector.environment | pusher.environment | {"OTEL_SERVICE_NAME": "desk"}

    def attempts(spans: Sequence[Span]) -> list[Span]:
        return [span for span in named(spans, "send ClockStatusUpdated") if span.trace_id == trace]

    async with Server.run(tmp_path, **environment) as server:
        await pusher.fail(status=503)
        await ask(server, CLOCK, **ANNA, traceparent=f"00-{trace}-{CLIENTS_SPAN}-01")
        await collector.until(lambda spans: bool(attempts(spans)))
        await server.stop()
        await pusher.recover()
        await server.start()
        spans = await collector.until(lambda spans: any(span.status == UNSET for span in attempts(spans)))
    *failed, delivered = sorted(attempts(spans), key=lambda span: span.began)
    assert {(span.status, span.status_message) for span in failed} == {(ERROR, "Unreachable")}
    assert delivered.status == UNSET
    assert {span.parent_id for span in attempts(spans)} == {delivered.parent_id}
    assert {span.service for span in attempts(spans)} == {"desk"}


async def test_faults_are_marked_and_logged_under_their_trace_and_callers_mistakes_are_none(
    tmp_path: Path, collector: Collector
) -> None:
    def of(trace: str, spans: Sequence[Span]) -> dict[str, Span]:
        return {span.name: span for span in spans if span.trace_id == trace}

    async with Server.run(tmp_path, **collector.environment) as server, aiohttp.ClientSession() as client:
        mistake, fault, door = "b" * 32, "c" * 32, "d" * 32
        await ask(
            server,
            {"query": "mutation { clockIn { action } }"},
            traceparent=f"00-{mistake}-{CLIENTS_SPAN}-01",
        )
        lose_the_offers(tmp_path)
        offers = {"query": '{ hotel(slug: "killarney") { offers { id } } }'}
        await ask(server, offers, traceparent=f"00-{fault}-{CLIENTS_SPAN}-01")
        path = "/api/staff/hotel/killarney/offers/"
        headers = {**ANNA, "traceparent": f"00-{door}-{CLIENTS_SPAN}-01"}
        async with client.get(server.url + path, headers=headers) as reply:
            assert reply.status == 500
        spans = await collector.until(
            lambda spans: (
                all("POST /graphql" in of(trace, spans) for trace in (mistake, fault))
                and any(name.startswith("GET /api") for name in of(door, spans))
            )
        )
        [line] = lines(server, "graphql_error")
    unauthenticated = of(mistake, spans)["mutation clockIn"]
    assert (unauthenticated.status, unauthenticated.attributes["hotelmate.code"]) == (
        UNSET,
        "UNAUTHENTICATED",
    )
    broken = of(fault, spans)["query hotel"]
    assert (broken.status, broken.attributes["hotelmate.code"]) == (ERROR, "INTERNAL")
    rest = of(door, spans)["GET /api/staff/hotel/{slug}/offers"]
    assert (rest.status, rest.attributes["http.response.status_code"]) == (ERROR, 500)
    assert line["trace_id"] == fault
    # Texts of errors can hold what callers have sent.
    assert {span.events for span in spans} == {0}


async def test_what_is_not_sampled_is_not_traced(tmp_path: Path, collector: Collector) -> None:
    before = len(await collector.spans())
    async with Server.run(tmp_path, **collector.environment) as server:
        await ask(server, CLOCK, **ANNA, **NOT_SAMPLED)
        await ask(
            server,
            {"query": "{ hotels { edges { node { name } } } }"},
            traceparent=f"00-{'e' * 32}-{CLIENTS_SPAN}-01",
        )
        spans = await collector.until(lambda spans: bool(named(spans, "query hotels")))
    parts = [span for span in spans[before:] if span.name.endswith(("/graphql", "transaction", "hotels"))]
    assert {span.trace_id for span in parts} == {"e" * 32}


async def test_a_collector_that_hangs_holds_up_neither_requests_nor_the_end(tmp_path: Path) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        endpoint = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        environment = {
            "HOTELMATE_TRACING": "1",
            "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
            "OTEL_BSP_SCHEDULE_DELAY": "1",
            # Longer than the tests wait for a server's end.
            "OTEL_EXPORTER_OTLP_TIMEOUT": "300",
        }
        async with Server.run(tmp_path, **environment) as server:
            for _ in range(3):
                await ask(server, CLOCK, **ANNA, **SAMPLED)


async def test_tracing_needs_the_extra(tmp_path: Path) -> None:
    hidden = tmp_path / "hidden" / "sitecustomize.py"
    hidden.parent.mkdir()
    hidden.write_text(
        "import importlib.util as util\n"
        "found = util.find_spec\n"
        "util.find_spec = lambda name, *at: None if name == 'opentelemetry.sdk' else found(name, *at)\n"
    )
    with pytest.raises(NotStarted) as ended:
        async with Server.run(
            tmp_path, HOTELMATE_TRACING="1", HOTELMATE_DEMO="0", PYTHONPATH=str(hidden.parent)
        ):
            pass
    assert "HOTELMATE_TRACING: needs OpenTelemetry's SDK; install hotelmate[tracing]" in str(ended.value)
