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

_IN_FLIGHT = 20_000
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


@dataclass(frozen=True, slots=True)
class _Contest:
    """One row: who subscribes to what, and whether events come one at a time."""

    key: str
    what: str
    transport: Transport
    subscribers: int
    hotels: int = 1
    one_at_a_time: bool = False
    has_goal: bool = False

    @property
    def unit(self) -> str:
        """What its figures count."""
        return "deliveries/CPU s" if self.one_at_a_time else "deliveries/s"

    def figure(self, contender: Contender) -> float:
        """Return what a contender reached."""
        # One at a time, the server waits for the load; what it takes is what it computes.
        return contender.rate_of_cpu if self.one_at_a_time else contender.rate


def _measure(plan: Plan, contest: _Contest) -> Iterator[Row]:
    contenders = _take_part(plan, contest)
    ours, bare, *_ = contenders
    yield Row(
        key=contest.key,
        what=contest.what,
        value=contest.figure(ours),
        unit=contest.unit,
        comparisons=tuple(_compare(contest, contenders)),
        note=(
            f"{ours.frame_bytes} bytes each; busy: server {ours.server_busy:.0%}, load {ours.load_busy:.0%}"
            f" (bare: {bare.server_busy:.0%}, {bare.load_busy:.0%}); ratios by the servers' CPU time: "
            + ", ".join(f"{ours.rate_of_cpu / other.rate_of_cpu:.2f}" for other in contenders[1:])
        ),
    )


def _take_part(plan: Plan, contest: _Contest) -> list[Contender]:
    """Return HotelMate, the bare loop and, where it can take part, Strawberry's own, after their rounds."""
    transport = contest.transport
    hotels = min(contest.hotels, plan.subscribers(contest.subscribers))
    count = plan.subscribers(contest.subscribers) // hotels * hotels
    in_flight, of_the_slow = (0, 0) if contest.one_at_a_time else (_IN_FLIGHT, _IN_FLIGHT_OF_THE_SLOW)
    with ExitStack() as stack:
        join = partial(subscribed, stack, count=count, hotels=hotels)
        url = stack.enter_context(databases.sqlite(plan.folder, hotels=hotels, staff=1))
        serving = hotelmate(plan.folder, url, publishes=transport.publishes, hotels=hotels)
        server = stack.enter_context(serving)
        mine = join(server, transport.greet)
        ours = Contender(server, mine, hotels, in_flight)
        ours.go_live()
        server = stack.enter_context(ServerProcess.run("bare", ours.frame_bytes, hotels))
        theirs = join(server, transport.greet_bare, meanwhile=[mine])
        contenders = [ours, Contender(server, theirs, hotels, in_flight)]
        if transport.has_rival:
            server = stack.enter_context(ServerProcess.run("strawberry_own", hotels))
            rivals = join(server, transport.greet, meanwhile=[mine, theirs])
            contenders.append(Contender(server, rivals, hotels, of_the_slow))
        take_turns(contenders, rounds=plan.rounds, seconds=plan.round_seconds)
    return contenders


def _compare(contest: _Contest, contenders: list[Contender]) -> Iterator[Comparison]:
    names = ("bare ASGI loop", "Strawberry's own")
    goals = (f"≥ {_AGAINST_BARE}", f"≥ {_AGAINST_STRAWBERRY}")
    mine, *figures = map(contest.figure, contenders)
    for name, goal, figure in zip(names, goals, figures, strict=False):
        yield Comparison(name, figure, mine / figure, goal if contest.has_goal else "")


def _contests() -> Iterator[_Contest]:
    transports = {"ws": WEBSOCKET, "sse": SSE, "pusher": PUSHER}
    for short, transport in transports.items():
        for count in (100, 1_000, 5_000):
            what = f"{transport.name}, {count:,} subscribers"
            key = f"deliveries-{short}-{count}"
            yield _Contest(key, what, transport, count, has_goal=count == 1_000)
    for short, transport in transports.items():
        what = f"{transport.name}, 1,000 subscribers, one event at a time"
        yield _Contest(f"single-{short}", what, transport, 1_000, one_at_a_time=True, has_goal=True)
    what = f"{ALONE.name}, 1,000 subscribers in 1,000 groups"
    yield _Contest("groups", what, ALONE, 1_000)
    for short, transport in (("ws", WEBSOCKET), ("pusher", PUSHER)):
        what = f"{transport.name}, 100 hotels of 10 subscribers"
        yield _Contest(f"hotels-{short}", what, transport, 1_000, hotels=100)


BENCHMARKS = tuple(Benchmark(each.key, partial(_measure, contest=each)) for each in _contests())
