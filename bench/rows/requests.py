"""Mutations and queries a second at 16 clients, beside the plainest version of the same."""

import json
from collections.abc import Callable, Iterator
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
_CONNECTIONS = 10

OpenDatabase = Callable[..., AbstractContextManager[str]]


@dataclass(frozen=True, slots=True)
class _Question:
    """What the clients ask for, each with its own of the requests, and of which hotels.

    Each hotel has as many staff. The plain version gets the number of connections that suits it: on SQLite
    there is one writer, and a transaction that reads first cannot wait for another's turn.
    """

    key: str
    what: str
    unit: str
    requests: tuple[bytes, ...]
    open_database: OpenDatabase
    hotels: int
    staff: int
    plain_connections: int
    goal: str = ""


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
    key: str, where: str, open_database: OpenDatabase, *, hotels: int, plain_connections: int, goal: str
) -> _Question:
    staff = _CLIENTS // hotels
    tokens = [data.token(hotel, place) for hotel in range(hotels) for place in range(staff)]
    return _Question(
        key=key,
        what=f"clock-ins, 16 clients, {where}",
        unit="mutations/s",
        requests=tuple(post(CLOCK, token=token) for token in tokens),
        open_database=open_database,
        hotels=hotels,
        staff=staff,
        plain_connections=plain_connections,
        goal=goal,
    )


def _answer(plan: Plan, question: _Question) -> Iterator[Row]:
    try:
        yield _measure(plan, question)
    except databases.NotThere as error:
        yield left_out(question.key, question.what, f"no PostgreSQL ({error})")


def _measure(plan: Plan, question: _Question) -> Row:
    filled = partial(question.open_database, plan.folder, hotels=question.hotels, staff=question.staff)
    with ExitStack() as stack:
        server = stack.enter_context(hotelmate(plan.folder, stack.enter_context(filled())))
        ours = _Contender(server, stack.enter_context(Clients.connected(server.port, question.requests)))
        url = Settings(database_url=stack.enter_context(filled())).database
        server = stack.enter_context(ServerProcess.run("plain", url, question.plain_connections))
        plain = _Contender(server, stack.enter_context(Clients.connected(server.port, question.requests)))
        for contender in (ours, plain):
            # The first requests compile, connect and fill caches.
            contender.clients.ask_for(plan.round_seconds)
        for _ in range(plan.rounds):
            for contender in (ours, plain):
                contender.take_turn(plan.round_seconds)
    by_cpu = median(ours.rates_of_cpu) / median(plain.rates_of_cpu)
    return Row(
        key=question.key,
        what=question.what,
        value=ours.rate,
        unit=question.unit,
        comparisons=(Comparison("plain async version", plain.rate, ours.rate / plain.rate, question.goal),),
        note=f"{_told(ours)}; plain {_told(plain)}; ratio by the servers' CPU time: {by_cpu:.2f}",
    )


def _told(contender: _Contender) -> str:
    spread = Spread.of(contender.seconds)
    return f"p50 {spread.p50 * 1_000:.1f} ms, p99 {spread.p99 * 1_000:.1f} ms"


_QUESTIONS = (
    _clock_in(
        "clock-in-sqlite", "SQLite", databases.sqlite, hotels=_CLIENTS, plain_connections=1, goal="≥ 3"
    ),
    _clock_in(
        "clock-in-postgresql",
        "PostgreSQL",
        databases.postgresql,
        hotels=_CLIENTS,
        plain_connections=_CONNECTIONS,
        goal="≥ 2.5",
    ),
    _clock_in(
        "clock-in-one-hotel",
        "all of one hotel, PostgreSQL",
        databases.postgresql,
        hotels=1,
        plain_connections=_CONNECTIONS,
        goal="",
    ),
    _Question(
        key="public-page",
        what="public page, 16 clients, SQLite",
        unit="queries/s",
        requests=(post(_PAGE, slug=data.slug(0)),) * _CLIENTS,
        open_database=databases.sqlite,
        hotels=1,
        staff=1,
        plain_connections=_CONNECTIONS,
    ),
)
BENCHMARKS = tuple(Benchmark(each.key, partial(_answer, question=each)) for each in _QUESTIONS)
