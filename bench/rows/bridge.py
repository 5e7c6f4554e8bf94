"""The bridge: what a Pusher that does not answer means to mutations, and how fast a backlog goes out."""

import http.client
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from time import perf_counter, sleep

from bench import data, databases
from bench.load.clients import Clients
from bench.load.subscribers import Stalled
from bench.plan import Benchmark, Plan
from bench.results import Comparison, Row, Spread
from bench.rows.requests import CLOCK, post
from bench.servers.process import ServerProcess
from bench.serving import hotelmate
from hotelmate.database import Database

_HOTELS = 16
_A_SECOND = 50
_ROUND_TRIP_SECONDS = 0.05
_LONGEST_DRAIN_SECONDS = 12.0
_PATIENCE_SECONDS = 30.0


def _black_hole(plan: Plan) -> Iterator[Row]:
    requests = [post(CLOCK, token=data.token(hotel)) for hotel in range(_HOTELS)]
    took: dict[str, list[float]] = {"0": [], "never": []}
    with ExitStack() as stack:
        clients = {}
        for answers in took:
            service = stack.enter_context(ServerProcess.run("pusher_service", answers))
            url = stack.enter_context(databases.sqlite(plan.folder, hotels=_HOTELS, staff=1))
            server = stack.enter_context(hotelmate(plan.folder, url, settings=_pusher_at(service.port)))
            clients[answers] = stack.enter_context(Clients.connected(server.port, requests))
            clients[answers].ask_for(plan.round_seconds)
        for _ in range(plan.rounds):
            for answers, asking in clients.items():
                took[answers] += asking.ask_at(_A_SECOND, 2 * plan.round_seconds)
    healthy, black_holed = Spread.of(took["0"]), Spread.of(took["never"])
    yield Row(
        key="black-hole",
        what="a mutation with Pusher black-holed, p50, 50 mutations/s, SQLite",
        value=black_holed.p50 * 1_000,
        unit="ms",
        comparisons=(
            Comparison("with Pusher healthy", healthy.p50 * 1_000, black_holed.p50 / healthy.p50, "≈ 1"),
        ),
        note=f"p99 {black_holed.p99 * 1_000:.1f} ms, healthy {healthy.p99 * 1_000:.1f} ms",
    )


def _backlog(plan: Plan, *, key: str, what: str, hotels: int, events: int, goal: int) -> Iterator[Row]:
    hotels, events = plan.subscribers(hotels), plan.subscribers(events)
    with ExitStack() as stack:
        url = stack.enter_context(databases.sqlite(plan.folder, hotels=hotels, staff=1))
        database = Database(url)
        data.add_backlog(database, events=events)
        database.close()
        service = stack.enter_context(ServerProcess.run("pusher_service", _ROUND_TRIP_SECONDS))
        stack.enter_context(hotelmate(plan.folder, url, settings=_pusher_at(service.port)))
        rate, taken = _drain_rate(service.port, wanted=hotels * events)
    yield Row(
        key=key,
        what=what,
        value=rate,
        unit="events/s",
        goal=f"≥ {goal:,}",
        note=f"{taken:,} of {hotels * events:,} in that time, with 50 ms from each request to its answer",
    )


def _drain_rate(port: int, *, wanted: int) -> tuple[float, int]:
    """Return how many events a second a service took, and how many it was watched to take.

    Raises:
        Stalled: none.
    """
    asked_at = perf_counter()
    while not _taken(port):
        if perf_counter() - asked_at > _PATIENCE_SECONDS:
            raise Stalled("nothing of the backlog has come")
        sleep(0.005)
    started, first = perf_counter(), _taken(port)
    while (taken := _taken(port)) < wanted and perf_counter() - started < _LONGEST_DRAIN_SECONDS:
        sleep(0.02)
    return (taken - first) / (perf_counter() - started), taken


def _taken(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/")
    return int(connection.getresponse().read())


def _pusher_at(port: int) -> dict[str, str]:
    return {
        "PUSHER_APP_ID": "77",
        "PUSHER_KEY": "bench-key",
        "PUSHER_SECRET": "bench-secret",
        "PUSHER_HOST": "127.0.0.1",
        "PUSHER_PORT": str(port),
        "PUSHER_SSL": "false",
    }


BENCHMARKS = (
    Benchmark("black-hole", _black_hole),
    Benchmark(
        "backlog-one-hotel",
        partial(
            _backlog,
            key="backlog-one-hotel",
            what="a backlog of 10,000 events of one hotel going out",
            hotels=1,
            events=10_000,
            goal=150,
        ),
    ),
    Benchmark(
        "backlog-hundred-hotels",
        partial(
            _backlog,
            key="backlog-hundred-hotels",
            what="a backlog of 200 events in each of 100 hotels going out",
            hotels=100,
            events=200,
            goal=2_000,
        ),
    ),
)
