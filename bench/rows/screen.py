"""How long a mutation takes to every screen, at a hundred mutations a second and a thousand screens."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from time import monotonic, perf_counter

from bench import data, databases
from bench.deliveries import Contender
from bench.load import greetings
from bench.load.clients import Client
from bench.load.screens import Screens
from bench.load.subscribers import Stalled
from bench.plan import Benchmark, Plan
from bench.results import Comparison, Row, Spread
from bench.rows.requests import CLOCK, post
from bench.serving import hotelmate

_SCREENS = 1_000
_A_SECOND = 100
# In turn; by the staff member the load knows which mutation an event is of.
_STAFF = 50
_MOST_SPREAD = 3
_WARM_UP_ROUNDS = 3
_PATIENCE_SECONDS = 30.0


def _screen(plan: Plan) -> Iterator[Row]:
    count = plan.subscribers(_SCREENS)
    with ExitStack() as stack:
        url = stack.enter_context(databases.sqlite(plan.folder, hotels=1, staff=_STAFF))
        server = stack.enter_context(hotelmate(plan.folder, url))
        greeted = [greetings.graphql_transport_ws(number, 0) for number in range(count)]
        screens = stack.enter_context(Screens.connected(server.port, greeted))
        live = Contender(server, screens)
        live.go_live()
        clients = [Client(server.port, post(CLOCK, token=data.token(0, place))) for place in range(_STAFF)]
        for client in clients:
            client.ask()
            client.wait()
        # Long enough for each of the staff to have had a turn or two.
        go = partial(_round, screens, clients, seconds=2 * plan.round_seconds, event_marks=live.event_marks)
        for _ in range(_WARM_UP_ROUNDS):
            go()
        took = [seconds for _ in range(plan.rounds) for seconds in go()]
        for client in clients:
            client.connection.close()
    spread = Spread.of(took)
    p50, p99 = spread.p50 * 1_000, spread.p99 * 1_000
    yield Row(
        key="screen",
        what="mutation to screen, p99, 100 mutations/s and 1,000 screens, SQLite",
        value=p99,
        unit="ms",
        comparisons=(Comparison("p50", p50, p99 / p50, f"≤ {_MOST_SPREAD}"),),
        note=f"{len(took):,} times, from when the mutation was due to be sent to when its event had arrived",
    )


def _round(screens: Screens, clients: list[Client], *, seconds: float, event_marks: int) -> list[float]:
    for client in clients:
        client.reconnect()
    screens.take_until_quiet(0.2)
    screens.forget()
    base = screens.received
    started = perf_counter()
    asked_at: dict[int, list[float]] = defaultdict(list)
    times = [started + number / _A_SECOND for number in range(int(seconds * _A_SECOND))]
    for number, due in enumerate(times):
        while (pause := due - perf_counter()) > 0:
            screens.take(pause)
        place = number % len(clients)
        if number >= len(clients):
            clients[place].wait()
        clients[place].ask()
        asked_at[data.staff_id(place)].append(due)
    expected = len(times) * len(screens) * event_marks
    heard_at = monotonic()
    while screens.received - base < expected:
        if screens.take(0.1):
            heard_at = monotonic()
        elif monotonic() - heard_at > _PATIENCE_SECONDS:
            raise Stalled("not every mutation came to every screen")
    for client in clients[: len(times)]:
        client.wait()
    return screens.latencies(asked_at, event_marks=event_marks)


BENCHMARKS = (Benchmark("screen", _screen),)
