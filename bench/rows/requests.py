"""Mutations and queries a second at 16 clients, beside the plainest version of the same."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from functools import partial
from statistics import median
from time import perf_counter

from bench import data, databases
from bench.load.clients import Clients
from bench.load.frames import request
from bench.plan import Benchmark, Plan
from bench.results import Comparison, Row, Spread, left_out
from bench.servers.process import ServerProcess
from bench.serving import hotelmate
from hotelmate.settings import Settings

CLOCK = "mutation { toggleClock { action clockTime staff { id firstName lastName isOnDuty } } }"
_PAGE = """query Page($slug: String!) {
  hotel(slug: $slug) {
    name
    settings { heroImage tagline shortDescription longDescription amenities }
    gallery { url }
    roomTypes { name shortDescription photoUrl }
    offers { title shortDescription tag photoUrl }
  }
}"""
_CLIENTS = 16

OpenDatabase = Callable[..., AbstractContextManager[str]]


@dataclass(slots=True)
class _Contender:
    """A server, its clients, and how it did."""

    server: ServerProcess
    clients: Clients
    rates: list[float] = field(default_factory=list)
    rates_of_cpu: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return median(self.rates)

    def take_turn(self, seconds: float) -> None:
        computed, started = self.server.cpu_seconds, perf_counter()
        took = self.clients.ask_for(seconds)
        self.rates.append(len(took) / (perf_counter() - started))
        self.rates_of_cpu.append(len(took) / (self.server.cpu_seconds - computed))
        self.seconds += took


def post(query: str, *, token: str | None = None, **variables: object) -> bytes:
    """Return the request that carries an operation."""
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if token is not None:
        headers["Authorization"] = f"Token {token}"
    body = json.dumps({"query": query, "variables": variables}).encode()
    return request("POST", "/graphql", headers, body)


def _clock_in(
    plan: Plan, *, key: str, what: str, open_database: OpenDatabase, hotels: int, goal: float
) -> Iterator[Row]:
    staff = _CLIENTS // hotels
    requests = [
        post(CLOCK, token=data.token(number % hotels, number // hotels)) for number in range(_CLIENTS)
    ]
    try:
        yield _measure(
            plan,
            requests,
            key=key,
            what=what,
            unit="mutations/s",
            open_database=partial(open_database, plan.folder, hotels=hotels, staff=staff),
            goal=f"≥ {goal}",
        )
    except databases.NotThere as error:
        yield left_out(key, what, f"no PostgreSQL ({error})")


def _public_page(plan: Plan) -> Iterator[Row]:
    requests = [post(_PAGE, slug=data.slug(0))] * _CLIENTS
    yield _measure(
        plan,
        requests,
        key="public-page",
        what="public page, 16 clients, SQLite",
        unit="queries/s",
        open_database=partial(databases.sqlite, plan.folder, hotels=1, staff=1),
    )


def _measure(
    plan: Plan,
    requests: Sequence[bytes],
    *,
    key: str,
    what: str,
    unit: str,
    open_database: Callable[[], AbstractContextManager[str]],
    goal: str = "",
) -> Row:
    with ExitStack() as stack:
        server = stack.enter_context(hotelmate(plan.folder, stack.enter_context(open_database())))
        ours = _Contender(server, stack.enter_context(Clients.connected(server.port, requests)))
        url = Settings(database_url=stack.enter_context(open_database())).database
        server = stack.enter_context(ServerProcess.run("plain", url))
        plain = _Contender(server, stack.enter_context(Clients.connected(server.port, requests)))
        for contender in (ours, plain):
            # The first requests compile, connect and fill caches.
            contender.clients.ask_for(plan.round_seconds)
        for _ in range(plan.rounds):
            for contender in (ours, plain):
                contender.take_turn(plan.round_seconds)
    comparison = Comparison("plain async version", plain.rate, ours.rate / plain.rate, goal)
    by_cpu = median(ours.rates_of_cpu) / median(plain.rates_of_cpu)
    note = f"{_told(ours)}; plain {_told(plain)}; ratio by the servers' CPU time: {by_cpu:.2f}"
    return Row(key, what, ours.rate, unit, (comparison,), note=note)


def _told(contender: _Contender) -> str:
    spread = Spread.of(contender.seconds)
    return f"p50 {spread.p50 * 1_000:.1f} ms, p99 {spread.p99 * 1_000:.1f} ms"


BENCHMARKS = (
    Benchmark(
        "clock-in-sqlite",
        partial(
            _clock_in,
            key="clock-in-sqlite",
            what="clock-ins, 16 clients, SQLite",
            open_database=databases.sqlite,
            hotels=_CLIENTS,
            goal=3,
        ),
    ),
    Benchmark(
        "clock-in-postgresql",
        partial(
            _clock_in,
            key="clock-in-postgresql",
            what="clock-ins, 16 clients, PostgreSQL",
            open_database=databases.postgresql,
            hotels=_CLIENTS,
            goal=2.5,
        ),
    ),
    Benchmark(
        "clock-in-one-hotel",
        partial(
            _clock_in,
            key="clock-in-one-hotel",
            what="clock-ins, 16 clients of one hotel, PostgreSQL",
            open_database=databases.postgresql,
            hotels=1,
            goal=2.5,
        ),
    ),
    Benchmark("public-page", _public_page),
)
