"""What happens in the bridge can be read off its figures."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry

from hotelmate.bridge import backlog
from hotelmate.bridge.metrics import BridgeMetrics
from hotelmate.bridge.pusher_client import PusherSender
from hotelmate.database import Database
from hotelmate.models import BridgeCursor, Hotel
from tests.bridge.helpers import QUICK, cursor_of, deletion, delivered, delivering, eventually, record
from tests.bridge.pusher_endpoint import PusherEndpoint


class Figures:
    """Reads figures by their names, without what all begin with."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()

    def __call__(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(f"hotelmate_bridge_{name}", labels)


@pytest.fixture
def figure() -> Figures:
    return Figures()


async def test_what_is_sent_is_counted(
    sqlite_database: Database,
    killarney: Hotel,
    sender: PusherSender,
    endpoint: PusherEndpoint,
    figure: Figures,
) -> None:
    await endpoint.fail(status=503, times=3)
    await endpoint.fail(status=400, holding="poison")
    record(sqlite_database, killarney, *[deletion()] * 9, deletion("poison"), *[deletion()] * 2)
    async with delivering(sqlite_database, sender, registry=figure.registry):
        await delivered(sqlite_database, killarney, up_to=12)
    assert figure("request_seconds_count", outcome="unreachable") == 3
    assert figure("retries_total") == 3
    # The batch with the poison, and then that by itself; nine others by themselves, and the last two.
    assert figure("request_seconds_count", outcome="refused") == 2
    assert figure("request_seconds_count", outcome="accepted") == 10
    assert figure("events_delivered_total") == 11
    assert figure("delay_seconds_count") == 11
    assert figure("messages_refused_total") == 1


async def test_a_request_that_is_broken_off_does_not_count_as_accepted(
    sqlite_database: Database,
    killarney: Hotel,
    sender: PusherSender,
    endpoint: PusherEndpoint,
    figure: Figures,
) -> None:
    await endpoint.fail(hangs=True)
    record(sqlite_database, killarney)
    timing = replace(QUICK, stop_seconds=0)
    async with delivering(sqlite_database, sender, timing=timing, registry=figure.registry):
        await endpoint.requests(at_least=1)
    assert figure("request_seconds_count", outcome="accepted") is None
    assert figure("request_seconds_count", outcome="unreachable") == 1


async def test_a_lost_lease_is_counted(
    sqlite_database: Database,
    killarney: Hotel,
    sender: PusherSender,
    endpoint: PusherEndpoint,
    figure: Figures,
) -> None:
    await endpoint.fail(seconds=0.2, times=1)
    record(sqlite_database, killarney)
    async with delivering(sqlite_database, sender, registry=figure.registry):
        await endpoint.requests(at_least=1)
        with sqlite_database.transaction() as transaction:
            cursor = transaction.get_one(BridgeCursor, killarney.id)
            cursor.lease_token += 1
            transaction.add(cursor)
        await eventually(lambda: figure("leases_lost_total") == 1)


def test_what_waits_is_added_up_over_the_hotels(
    sqlite_database: Database,
    killarney: Hotel,
    dublin: Hotel,
    figure: Figures,
) -> None:
    metrics = BridgeMetrics(figure.registry)
    record(sqlite_database, killarney)
    events = record(sqlite_database, dublin, deletion(), deletion())
    with sqlite_database.transaction() as transaction:
        transaction.add(BridgeCursor(hotel_id=dublin.id, attempts=2))
    with sqlite_database.reading() as reading:
        metrics.show(backlog.of_all(reading), events[0].occurred_at + timedelta(minutes=1))
    assert figure("pending_events") == 3
    assert figure("pending_hotels") == 2
    assert figure("failing_hotels") == 1
    assert 60 <= (figure("oldest_pending_seconds") or 0) < 70
    assert figure("dead_letters") == 0


async def test_nothing_waits_once_all_is_delivered(
    database: Database,
    killarney: Hotel,
    sender: PusherSender,
    endpoint: PusherEndpoint,
    figure: Figures,
) -> None:
    await endpoint.fail(status=400, holding="poison")
    record(database, killarney, deletion(), deletion("poison"))
    async with delivering(database, sender):
        await delivered(database, killarney, up_to=2)
    assert cursor_of(database, killarney).lease_owner is None
    metrics = BridgeMetrics(figure.registry)
    with database.reading() as reading:
        metrics.show(backlog.of_all(reading), datetime.now(UTC))
    assert [figure(name) for name in ("pending_events", "pending_hotels", "oldest_pending_seconds")] == [
        0,
        0,
        0,
    ]
    assert figure("dead_letters") == 1
