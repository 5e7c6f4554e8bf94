"""Figures that are read off the process when somebody asks, and cost nothing in between."""

from collections.abc import Callable, Mapping

from prometheus_client import CollectorRegistry, Gauge

Read = Callable[[], float]


def watch(registry: CollectorRegistry, name: str, text: str, read: Read) -> None:
    """Show a figure as it is."""
    Gauge(name, text, registry=registry).set_function(read)


def watch_each(
    registry: CollectorRegistry, name: str, text: str, label: str, reads: Mapping[str, Read]
) -> None:
    """Show a figure as it is for each value of a label."""
    gauge = Gauge(name, text, [label], registry=registry)
    for value, read in reads.items():
        gauge.labels(value).set_function(read)
