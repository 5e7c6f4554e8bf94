"""The bridge's figures, for Prometheus.

What happens in this process is counted as it happens; what waits stands in the database, is the same from
every process, and is read when somebody asks.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from hotelmate.bridge.backlog import HotelBacklog
from hotelmate.bridge.sending import Refused
from hotelmate.events.log import Event

_UNKNOWN = float("nan")
_DELAYS_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600)


class BridgeMetrics:
    """The bridge's figures, in a registry that others put theirs in as well."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Histogram(
            "hotelmate_bridge_request_seconds",
            "How long Pusher took to answer, by outcome: accepted, refused for good, or unreachable.",
            ["outcome"],
            registry=registry,
        )
        self._delivered = Counter(
            "hotelmate_bridge_events_delivered",
            "Events whose messages Pusher has accepted.",
            registry=registry,
        )
        self._delay = Histogram(
            "hotelmate_bridge_delay_seconds",
            "From when an event was recorded until Pusher accepted it.",
            buckets=_DELAYS_SECONDS,
            registry=registry,
        )
        self._refused = Counter(
            "hotelmate_bridge_messages_refused",
            "Messages that Pusher refused for good, each a dead letter.",
            registry=registry,
        )
        self._put_off = Counter(
            "hotelmate_bridge_retries",
            "Times that a hotel's next request could not be made, and was put off to be tried again.",
            registry=registry,
        )
        self._leases_lost = Counter(
            "hotelmate_bridge_leases_lost",
            "Hotels that another process took over while this one was at them.",
            registry=registry,
        )
        self._backlog = {
            name: Gauge(f"hotelmate_bridge_{name}", text, registry=registry)
            for name, text in {
                "pending_events": "Events that Pusher has not accepted yet.",
                "pending_hotels": "Hotels with such events.",
                "oldest_pending_seconds": "For how long the oldest of them has waited; 0 when none does.",
                "failing_hotels": "Hotels whose last attempt failed.",
                "dead_letters": "Messages that Pusher refused for good and that were not sent again since.",
            }.items()
        }

    @contextmanager
    def request(self) -> Iterator[None]:
        """Time one request, and count how it ended."""
        began = time.perf_counter()
        # Also what is broken off when the server stops: nobody knows what became of it.
        outcome = "unreachable"
        try:
            yield
            outcome = "accepted"
        except Refused:
            outcome = "refused"
            raise
        finally:
            self._requests.labels(outcome).observe(time.perf_counter() - began)

    def delivered(self, events: Sequence[Event], *, refused: int, at: datetime) -> None:
        """Count events that Pusher has accepted by then, and messages that it has refused for good."""
        self._delivered.inc(len(events))
        self._refused.inc(refused)
        for event in events:
            self._delay.observe(max(0.0, (at - event.occurred_at).total_seconds()))

    def put_off(self) -> None:
        """Count a request that is to be tried again."""
        self._put_off.inc()

    def lease_lost(self) -> None:
        """Count a hotel that was taken over."""
        self._leases_lost.inc()

    def show(self, backlogs: Sequence[HotelBacklog], at: datetime) -> None:
        """Set the figures of what waits, from where every hotel's delivery stands."""
        waited = [seconds for each in backlogs if (seconds := each.oldest_pending_seconds(at)) is not None]
        self._backlog["pending_events"].set(sum(each.pending for each in backlogs))
        self._backlog["pending_hotels"].set(len(waited))
        self._backlog["oldest_pending_seconds"].set(max(waited, default=0.0))
        self._backlog["failing_hotels"].set(sum(each.attempts > 0 for each in backlogs))
        self._backlog["dead_letters"].set(sum(each.dead_letters for each in backlogs))

    def show_unknown(self) -> None:
        """Say of the figures of what waits that they are not known now."""
        for gauge in self._backlog.values():
            gauge.set(_UNKNOWN)
