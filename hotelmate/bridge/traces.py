"""The last part of an event's trace: what goes out for it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from opentelemetry.trace import StatusCode

from hotelmate.events.log import Event
from hotelmate.telemetry.tracing import start_span_elsewhere


@contextmanager
def traced_sending(events: Iterable[Event]) -> Iterator[None]:
    """Trace one attempt to send what goes out for events, for each in the trace that it was recorded in."""
    spans = [
        start_span_elsewhere(
            f"send {event.type}",
            event.trace_parent,
            {
                "messaging.system": "pusher",
                "messaging.operation.type": "send",
                "hotelmate.hotel": event.hotel_slug,
                "hotelmate.seq": event.seq,
            },
        )
        for event in events
        if event.trace_parent is not None
    ]
    try:
        yield
    except BaseException as error:
        for span in spans:
            span.set_status(StatusCode.ERROR, type(error).__name__)
        raise
    finally:
        for span in spans:
            span.end()
