"""Prometheus gauges that are read when they are asked for, and cost nothing in between."""

from collections.abc import Callable, Mapping

from prometheus_client import CollectorRegistry, Gauge

Read = Callable[[], float]


def watch(registry: CollectorRegistry, name: str, text: str, read: Read) -> None:
    """Add a gauge whose value is whatever `read` returns at the time."""
    Gauge(name, text, registry=registry).set_function(read)


def watch_each(
    registry: CollectorRegistry, name: str, text: str, label: str, reads: Mapping[str, Read]
) -> None:
    """Add a gauge with a label, and for each value of the label what its `read` returns at the time."""
    gauge = Gauge(name, text, [label], registry=registry)
    for value, read in reads.items():
        gauge.labels(value).set_function(read)
