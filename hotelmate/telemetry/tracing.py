"""Traces, for whoever collects them with OpenTelemetry: from a request to what goes out for its events.

Until `exporting` has begun, the spans of OpenTelemetry's API lead nowhere and cost next to nothing. No span
holds a variable, a payload or the text of an error: names are words of ours, and the log has the rest under
the request's id.
"""

import threading
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hotelmate.telemetry import origins
from hotelmate.telemetry.operations import Measured
from hotelmate.telemetry.requests import route_of

_SERVICE = "hotelmate"
_HEADER = "traceparent"
# For what has not gone out when the process ends: a collector that is away must not keep it.
_STOP_SECONDS = 5.0
# What is our doing or the surroundings', as 5xx is over HTTP.
_FAULTS = {"INTERNAL", "UNAVAILABLE"}

_tracer = trace.get_tracer(_SERVICE)
_propagator = TraceContextTextMapPropagator()


@contextmanager
def exporting(version: str) -> Iterator[None]:
    """Send the spans of this process to a collector while the block runs; once per process.

    Where to, what of, and under which name of a service is said by OpenTelemetry's own variables (OTEL_…).
    """
    # Of the extra `tracing`, which need not be installed.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - as said
    from opentelemetry.sdk.resources import OTELResourceDetector, Resource  # noqa: PLC0415 - likewise
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - likewise
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - likewise

    ours = Resource.create({"service.name": _SERVICE, "service.version": version})
    provider = TracerProvider(resource=ours.merge(OTELResourceDetector().detect()), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    try:
        yield
    finally:
        last = threading.Thread(target=provider.shutdown, daemon=True)
        last.start()
        last.join(_STOP_SECONDS)


def traced_requests(app: ASGIApp, *, route: str | None = None) -> ASGIApp:
    """Return an ASGI application whose HTTP requests are traced, as part of what their `traceparent` names.

    A request's span ends with the head of its answer: an event stream goes on after that.

    Args:
        app: what answers them.
        route: what they are named after; if not said, the path of the route that Starlette has found.
    """

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        method = scope["method"]
        parent = _propagator.extract(Headers(scope=scope))
        span = _tracer.start_span(method, parent, SpanKind.SERVER, attributes=_request_id())

        async def send_traced(message: Message) -> None:
            if message["type"] == "http.response.start" and span.is_recording():
                found = route or route_of(scope)
                span.update_name(f"{method} {found}")
                span.set_attributes(
                    {
                        "http.request.method": method,
                        "http.route": found,
                        "http.response.status_code": message["status"],
                    }
                )
                if message["status"] >= 500:
                    span.set_status(StatusCode.ERROR)
                span.end()
            await send(message)

        with trace.use_span(span, record_exception=False, set_status_on_exception=False):
            await app(scope, receive, send_traced)
        if span.is_recording():
            # Nobody waited for the answer.
            span.end()

    return serve


@contextmanager
def traced_operation(measured: Measured) -> Iterator[None]:
    """Trace a GraphQL operation, under what the block has filled in by its end."""
    with _tracer.start_as_current_span("graphql", record_exception=False) as span:
        try:
            yield
        finally:
            span.update_name(f"{measured.kind} {measured.field}")
            span.set_attributes(
                {
                    **_request_id(),
                    "graphql.operation.type": measured.kind,
                    "hotelmate.field": measured.field,
                    "hotelmate.code": measured.code,
                }
            )
            if measured.code in _FAULTS:
                span.set_status(StatusCode.ERROR)


@contextmanager
def traced_part(name: str, attributes: Mapping[str, AttributeValue]) -> Iterator[None]:
    """Trace the block as a part of what is being traced; outside of any trace, just run it."""
    if not trace.get_current_span().is_recording():
        yield
        return
    with _tracer.start_as_current_span(name, attributes=attributes, record_exception=False):
        yield


def trace_parent() -> str | None:
    """Return the current span, as text with which the trace can be continued elsewhere; None without one.

    Source: W3C Trace Context, the header `traceparent` (55 characters in version 00).
    """
    if not trace.get_current_span().get_span_context().trace_flags.sampled:
        return None
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get(_HEADER)


def start_span_elsewhere(name: str, parent: str, attributes: Mapping[str, AttributeValue]) -> Span:
    """Begin a span that continues the trace of a `trace_parent`; the caller ends it."""
    context: Context = _propagator.extract({_HEADER: parent}, Context())
    return _tracer.start_span(name, context, SpanKind.PRODUCER, attributes=attributes)


def add_trace_id(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Add the trace's id to a line of the log; a structlog processor."""
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        line.setdefault("trace_id", trace.format_trace_id(context.trace_id))
    return line


def _request_id() -> dict[str, AttributeValue]:
    origin = origins.current()
    return {} if origin is None else {"hotelmate.request_id": origin.request_id}
