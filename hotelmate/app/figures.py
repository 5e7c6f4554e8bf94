"""Figures for Prometheus that belong to no part alone."""

from prometheus_client import CollectorRegistry, Counter, ProcessCollector

from hotelmate.channels import ChannelsServer
from hotelmate.database import Database
from hotelmate.telemetry.gauges import watch, watch_each


def events_recorded(registry: CollectorRegistry) -> Counter:
    """Return what counts the events that this process records, by their types."""
    return Counter(
        "hotelmate_events_recorded", "Events recorded by this process.", ["type"], registry=registry
    )


def watch_process(registry: CollectorRegistry, database: Database, channels: ChannelsServer | None) -> None:
    """Show what the process uses, and how the database and the embedded server stand."""
    ProcessCollector(registry=registry)
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
