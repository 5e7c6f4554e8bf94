"""Deliveries a second, beside Strawberry's own handler and beside a bare loop over ASGI's `send`."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from bench import databases
from bench.deliveries import Contender, take_turns
from bench.load import greetings
from bench.load.greetings import Greet
from bench.load.subscribers import Subscribers
from bench.plan import Benchmark, Plan
from bench.results import Comparison, Row
from bench.servers.process import ServerProcess
from bench.serving import hotelmate

# Of a server that sends a few thousand a second; more would only wait in its queues.
_IN_FLIGHT_OF_THE_SLOW = 2_000
_AGAINST_STRAWBERRY = 15
_AGAINST_BARE = 0.9


@dataclass(frozen=True, slots=True)
class Transport:
    """One way of subscribing: what HotelMate publishes on, and how subscribers of either side greet."""

    name: str
    publishes: str
    greet: Greet
    greet_bare: Greet

    @property
    def has_rival(self) -> bool:
        """Whether Strawberry's own handler speaks it."""
        return self.publishes == "graphql"


WEBSOCKET = Transport(
    "graphql-transport-ws", "graphql", greetings.graphql_transport_ws, greetings.bare_socket
)
ALONE = Transport(
    "graphql-transport-ws", "graphql", greetings.graphql_transport_ws_alone, greetings.bare_socket
)
SSE = Transport("SSE", "graphql", greetings.graphql_sse, greetings.bare_stream)
PUSHER = Transport("pusher-js", "channels", greetings.pusher, greetings.bare_socket)


def subscribed(
    stack: ExitStack,
    server: ServerProcess,
    greet: Greet,
    count: int,
    *,
    hotels: int = 1,
    meanwhile: Sequence[Subscribers] = (),
) -> Subscribers:
    """Subscribe so many to a server, as many to each hotel, until the stack is left."""
    wanted = (greet(number, number % hotels) for number in range(count))
    return stack.enter_context(Subscribers.connected(server.port, wanted, meanwhile=meanwhile))


def _measure(
    plan: Plan, transport: Transport, *, key: str, what: str, subscribers: int, hotels: int = 1
) -> Iterator[Row]:
    hotels = min(hotels, plan.subscribers(subscribers))
    count = plan.subscribers(subscribers) // hotels * hotels
    with ExitStack() as stack:
        url = stack.enter_context(databases.sqlite(plan.folder, hotels=hotels, staff=1))
        server = stack.enter_context(
            hotelmate(plan.folder, url, publishes=transport.publishes, hotels=hotels)
        )
        join = partial(subscribed, stack, count=count, hotels=hotels)
        mine = join(server, transport.greet)
        ours = Contender(server, mine, hotels)
        ours.go_live()
        server = stack.enter_context(ServerProcess.run("bare", ours.frame_bytes, hotels))
        theirs = join(server, transport.greet_bare, meanwhile=[mine])
        bare = Contender(server, theirs, hotels)
        contenders = [ours, bare]
        if transport.has_rival:
            server = stack.enter_context(ServerProcess.run("strawberry_own", hotels))
            rivals = join(server, transport.greet, meanwhile=[mine, theirs])
            contenders.append(Contender(server, rivals, hotels, in_flight=_IN_FLIGHT_OF_THE_SLOW))
        take_turns(contenders, rounds=plan.rounds, seconds=plan.round_seconds)
    is_the_goal = subscribers == 1_000 and hotels == 1
    yield Row(
        key=key,
        what=what,
        value=ours.rate,
        unit="deliveries/s",
        comparisons=tuple(_compare(contenders, is_the_goal=is_the_goal)),
        note=_note(contenders),
    )


def _note(contenders: list[Contender]) -> str:
    ours, bare, *_ = contenders
    by_cpu = ", ".join(f"{ours.rate_of_cpu / other.rate_of_cpu:.2f}" for other in contenders[1:])
    return (
        f"{ours.frame_bytes} bytes each; busy: server {ours.server_busy:.0%}, load {ours.load_busy:.0%}"
        f" (bare: {bare.server_busy:.0%}, {bare.load_busy:.0%}); ratios by the servers' CPU time: {by_cpu}"
    )


def _compare(contenders: list[Contender], *, is_the_goal: bool) -> Iterator[Comparison]:
    names = ("bare ASGI loop", "Strawberry's own")
    goals = (f"≥ {_AGAINST_BARE}", f"≥ {_AGAINST_STRAWBERRY}")
    ours, *others = contenders
    for name, goal, other in zip(names, goals, others, strict=False):
        yield Comparison(name, other.rate, ours.rate / other.rate, goal if is_the_goal else "")


def _benchmarks() -> Iterator[Benchmark]:
    for transport, short in ((WEBSOCKET, "ws"), (SSE, "sse"), (PUSHER, "pusher")):
        for count in (100, 1_000, 5_000):
            key = f"deliveries-{short}-{count}"
            what = f"{transport.name}, {count:,} subscribers"
            yield Benchmark(
                key, partial(_measure, transport=transport, key=key, what=what, subscribers=count)
            )
    what = f"{ALONE.name}, 1,000 subscribers in 1,000 groups"
    yield Benchmark("groups", partial(_measure, transport=ALONE, key="groups", what=what, subscribers=1_000))
    for transport, short in ((WEBSOCKET, "ws"), (PUSHER, "pusher")):
        key = f"hotels-{short}"
        what = f"{transport.name}, 100 hotels of 10 subscribers"
        yield Benchmark(
            key,
            partial(_measure, transport=transport, key=key, what=what, subscribers=1_000, hotels=100),
        )


BENCHMARKS = tuple(_benchmarks())
