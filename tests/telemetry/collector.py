"""An OpenTelemetry collector, in a process of its own: takes spans over OTLP/HTTP and tells of them.

Run as a program it serves on a free port of 127.0.0.1 and prints it; `Collector` is the tests' end of it.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

import aiohttp
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from tests.own_process import running

WAIT_SECONDS = 20


@dataclass(frozen=True)
class Span:
    """A span as it was exported; ids are in hexadecimal, and `parent_id` is empty without a parent."""

    service: str
    name: str
    kind: int
    trace_id: str
    span_id: str
    parent_id: str
    status: int
    status_message: str
    events: int
    began: int
    ended: int
    attributes: dict[str, Any]


class Collector:
    """The tests' end of a running collector."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}"

    @classmethod
    @contextmanager
    def run(cls) -> Iterator[Self]:
        with running("tests.telemetry.collector") as printed:
            yield cls(int(printed))

    @property
    def environment(self) -> dict[str, str]:
        """The settings with which a server sends its spans here, soon."""
        return {
            "HOTELMATE_TRACING": "1",
            "OTEL_EXPORTER_OTLP_ENDPOINT": self._url,
            "OTEL_BSP_SCHEDULE_DELAY": "50",
        }

    async def spans(self) -> list[Span]:
        """Return every span that has come."""
        async with aiohttp.ClientSession() as session, session.get(f"{self._url}/spans") as response:
            return [Span(**span) for span in await response.json()]

    async def until(self, enough: Callable[[Sequence[Span]], bool]) -> list[Span]:
        """Return every span that has come, as soon as they are enough."""
        async with asyncio.timeout(WAIT_SECONDS):
            while not enough(spans := await self.spans()):
                await asyncio.sleep(0.02)
        return spans


async def serve() -> None:
    """Take spans until the process is killed."""
    spans: list[dict[str, Any]] = []

    async def take(request: web.Request) -> web.Response:
        assert request.content_type == "application/x-protobuf", request.content_type
        spans.extend(read(ExportTraceServiceRequest.FromString(await request.read())))
        return web.Response(content_type="application/x-protobuf")

    async def tell(_request: web.Request) -> web.Response:
        return web.json_response(spans)

    application = web.Application()
    application.add_routes([web.post("/v1/traces", take), web.get("/spans", tell)])
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


def read(request: ExportTraceServiceRequest) -> Iterator[dict[str, Any]]:
    """Return what an export holds, as `Span` has it."""
    for resource in request.resource_spans:
        service = values(resource.resource.attributes)["service.name"]
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield {
                    "service": service,
                    "name": span.name,
                    "kind": span.kind,
                    "trace_id": span.trace_id.hex(),
                    "span_id": span.span_id.hex(),
                    "parent_id": span.parent_span_id.hex(),
                    "status": span.status.code,
                    "status_message": span.status.message,
                    "events": len(span.events),
                    "began": span.start_time_unix_nano,
                    "ended": span.end_time_unix_nano,
                    "attributes": values(span.attributes),
                }


def values(attributes: Sequence[KeyValue]) -> dict[str, Any]:
    """Return attributes by their names."""
    return {each.key: getattr(each.value, str(each.value.WhichOneof("value"))) for each in attributes}


if __name__ == "__main__":
    asyncio.run(serve())
